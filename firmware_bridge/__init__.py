"""Bytes to messages and back. Knows nothing of doors, people or databases."""
