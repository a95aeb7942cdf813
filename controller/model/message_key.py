"""Texts that a page translates where it shows them."""


def N_(text: str) -> str:
    """Mark a message key for extraction. Return it unchanged."""
    return text
