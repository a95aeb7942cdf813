"""Random references: an id in a record or an address names nobody and cannot be guessed."""

import secrets


def new_reference() -> str:
    return secrets.token_hex(8)
