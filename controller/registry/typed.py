"""Checks the values of a row that another process wrote.

SQLite's own constraints prove nothing about them: anyone who can write the file can change its schema, write
a row and change the schema back. Each function returns its value or raises ValueError.
"""

from typing import Any

NAME = 200  # characters of a name, an id or a code; the pages allow 100
TEXT = 1000  # characters of a reason or a note; the pages allow 500
LARGEST = 2**53 - 1  # the largest whole number that canonical JSON keeps
MOMENT = 40


def text(value: Any, most: int = NAME) -> str:
    if not isinstance(value, str):
        raise ValueError(f"a {type(value).__name__} where a text belongs")
    if len(value) > most:
        raise ValueError(f"a text of {len(value)} characters; {most} are allowed")
    return value


def text_or_none(value: Any, most: int = NAME) -> str | None:
    return None if value is None else text(value, most)


def whole(value: Any, least: int = 0, most: int = LARGEST) -> int:
    if not isinstance(value, int):
        raise ValueError(f"a {type(value).__name__} where a whole number belongs")
    if not least <= value <= most:
        raise ValueError(f"{value} is not from {least} to {most}")
    return value


def whole_or_none(value: Any, least: int = 0, most: int = LARGEST) -> int | None:
    return None if value is None else whole(value, least, most)


def blob(value: Any, least: int, most: int) -> bytes:
    if not isinstance(value, bytes):
        raise ValueError(f"a {type(value).__name__} where bytes belong")
    if not least <= len(value) <= most:
        raise ValueError(f"{len(value)} bytes, not {least} to {most}")
    return value


def blob_or_none(value: Any, least: int, most: int) -> bytes | None:
    return None if value is None else blob(value, least, most)
