"""Encrypted backups and their restore."""
