"""Keyed, slow hashes of PINs: without the key nobody can search a stolen registry for them.

The pepper derives from the key that hashes card numbers, so that a data folder has only one such key to keep
and restore. The duress PIN uses the same salt, so one slow hash checks both.
"""

import hashlib
import hmac

from controller.model.access import PinResult
from controller.model.pins import StoredPin

_PURPOSE = b"genkan pin pepper"
_COST, _BLOCK = 4096, 8  # about 10 ms and 4 MiB


def pin_hash(key: bytes, person: str, digits: str) -> bytes:
    """`key` is the data folder's card number key; `person`, the holder's reference, is the salt."""
    pepper = hmac.digest(key, _PURPOSE, "sha256")
    slow = hashlib.scrypt(digits.encode("ascii"), salt=person.encode("utf-8"), n=_COST, r=_BLOCK, p=1)
    return hmac.digest(pepper, slow, "sha256")


def check_pin(key: bytes, person: str, digits: str, stored: StoredPin) -> PinResult:
    """Compare with the PIN and the duress PIN, in the same time for every result."""
    found = pin_hash(key, person, digits)
    is_right = hmac.compare_digest(found, stored.hash)
    is_duress = hmac.compare_digest(found, stored.duress_hash or bytes(len(found)))
    if is_right:
        return PinResult.RIGHT
    return PinResult.DURESS if is_duress else PinResult.WRONG
