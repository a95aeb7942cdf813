"""Accounts, passwords, sign-in and confirmation."""
