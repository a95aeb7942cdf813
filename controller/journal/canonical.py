"""Canonical JSON (RFC 8785) and the hashes over it: what makes two records the same record.

We write integers, text, true, false, null, lists and objects; no fractions, so the number rules of the RFC
come down to "an integer a double can hold".
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
    """Raise ValueError for a fraction, an integer beyond ±(2**53 − 1), a key that is no text.

    A lone surrogate is left in and shows when the text is encoded.
    """
    if _only_ascii_keys(value):
        return _BY_CODE_POINT.encode(value)
    return _AS_GIVEN.encode(_by_utf16(value))


def leaf_hash(body: bytes) -> bytes:
    """The leaf of RFC 6962: the prefix keeps a leaf from ever passing for an inner node."""
    return hashlib.sha256(b"\x00" + body).digest()


def details_hash(salt: bytes, details: bytes) -> str:
    return hashlib.sha256(salt + details).hexdigest()


def _only_ascii_keys(value: Any) -> bool:
    """Refuse what RFC 8785 cannot hold, on the way to finding whether Python's own key order will do."""
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
                raise ValueError("a key of canonical JSON is text")
            plain &= key.isascii() & _only_ascii_keys(inner)
        return plain
    if isinstance(value, list):
        return all([_only_ascii_keys(inner) for inner in value])  # noqa: C419 - every one is checked
    raise ValueError(f"{kind.__name__} has no canonical JSON here")


def _by_utf16(value: Any) -> Any:
    """Beyond the basic plane, UTF-16 order (the RFC's) and code point order (Python's) differ."""
    if isinstance(value, Mapping):
        ordered = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
        return {key: _by_utf16(value[key]) for key in ordered}
    if isinstance(value, list):
        return [_by_utf16(inner) for inner in value]
    return value
