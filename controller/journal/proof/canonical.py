"""Canonical JSON (RFC 8785) and the hashes over it.

Genkan writes integers, text, true, false, null, lists and objects, but no fractions. So the RFC's number
rules reduce to "an integer that a double can hold".
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from controller.model.events import Json

_LARGEST = 2**53 - 1
_BY_CODE_POINT = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, sort_keys=True, separators=(",", ":")
)
_AS_GIVEN = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, sort_keys=False, separators=(",", ":")
)


def canonical(value: Mapping[str, Json]) -> str:
    """Raise ValueError for a fraction, an integer beyond ±(2**53 − 1), or a key that is not text.

    A lone surrogate passes; encoding the text to UTF-8 then fails.
    """
    if _only_ascii_keys(value):
        return _BY_CODE_POINT.encode(value)
    return _AS_GIVEN.encode(_by_utf16(value))


def leaf_hash(body: bytes) -> bytes:
    """RFC 6962 section 2.1; the prefix prevents a leaf from passing for an inner node."""
    return hashlib.sha256(b"\x00" + body).digest()


def details_hash(salt: bytes, details: bytes) -> str:
    return hashlib.sha256(salt + details).hexdigest()


def _only_ascii_keys(value: Any) -> bool:
    """Return whether Python's key order is RFC 8785's; raise ValueError for what the RFC can't represent."""
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return True
    if isinstance(value, int):
        if not -_LARGEST <= value <= _LARGEST:
            raise ValueError("integer too large for canonical JSON")
        return True
    if isinstance(value, str):
        return True
    if isinstance(value, Mapping):
        plain = True
        for key, inner in value.items():
            if not isinstance(key, str):
                raise ValueError("a key of canonical JSON must be text")
            plain &= key.isascii() & _only_ascii_keys(inner)
        return plain
    if isinstance(value, list):
        return all([_only_ascii_keys(inner) for inner in value])  # noqa: C419 - check every element
    raise ValueError(f"{kind.__name__} has no canonical JSON here")


def _by_utf16(value: Any) -> Any:
    """Sort keys by UTF-16 (RFC 8785); beyond the basic plane Python's order by code point differs."""
    if isinstance(value, Mapping):
        ordered = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
        return {key: _by_utf16(value[key]) for key in ordered}
    if isinstance(value, list):
        return [_by_utf16(inner) for inner in value]
    return value
