"""The MAC of an operator's action: only who holds the data folder's secret key can add an action.

The key derives from the one that hashes card numbers. A row that somebody inserts into the registry has no
MAC, so the door does not record its rights. It covers the action's number, not the registry's id: an
accepted registry has a new id, keeps its rows, and goes on with numbers that the replaced one never gave
(restored.py).
"""

import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any

_PURPOSE = b"genkan operator actions v1"
_SIZE = 16

# A row's id, utc, operator_id, role, action, object_type, object_id; then its texts operator_name, before,
# after, reason, of which an erasure blanks some; then its rights.
_FIXED = 7


def action_key(card_number_key: bytes) -> bytes:
    return hmac.digest(card_number_key, _PURPOSE, "sha256")


def action_mac(key: bytes, row: Sequence[Any]) -> bytes:
    """`row`: its values in the order above. The texts enter as one hash."""
    *rest, rights = row
    texts = hashlib.sha256(_text(rest[_FIXED:])).hexdigest()
    return hmac.digest(key, _text([*rest[:_FIXED], texts, rights]), "sha256")[:_SIZE]


def is_authentic(key: bytes, row: Sequence[Any], mac: object) -> bool:
    """False, too, for a row with values of other types than the registrar writes."""
    try:
        return isinstance(mac, bytes) and hmac.compare_digest(action_mac(key, row), mac)
    except TypeError:
        return False


def _text(values: Sequence[Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
