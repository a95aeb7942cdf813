"""Write tables of strings, integers, booleans and lists as TOML. Python's own `tomllib` reads it."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")
Table = Mapping[str, Any]


def to_toml(table: Table) -> str:
    """Values first, then tables with their full names. Lists of tables become `[[…]]`."""
    return "\n".join(_lines(table, ())).strip("\n") + "\n"


def _lines(table: Table, way: tuple[str, ...]) -> Iterator[str]:
    tables = {key: value for key, value in table.items() if _is_tables(value)}
    for key, value in table.items():
        if key not in tables:
            yield f"{_key(key)} = {_value(value)}"
    for key, value in tables.items():
        name = ".".join(_key(part) for part in (*way, key))
        if not isinstance(value, Mapping):
            for one in value:
                yield f"\n[[{name}]]"
                yield from _lines(one, (*way, key))
            continue
        # A table that contains only tables needs no header: theirs contain its name.
        if not value or not all(_is_tables(inner) for inner in value.values()):
            yield f"\n[{name}]"
        yield from _lines(value, (*way, key))


def _is_tables(value: Any) -> bool:
    return isinstance(value, Mapping) or (
        isinstance(value, list) and bool(value) and all(isinstance(one, Mapping) for one in value)
    )


def _key(text: str) -> str:
    return text if _BARE.fullmatch(text) else _text(text)


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            return _text(value)
        case list():
            return f"[{', '.join(_value(one) for one in value)}]"
    raise TypeError(f"{type(value).__name__} has no form in TOML here")


def _text(text: str) -> str:
    """Quote with JSON's escapes, which TOML shares, except for DEL, which only TOML escapes."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
