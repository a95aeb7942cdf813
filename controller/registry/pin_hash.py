"""PINs are kept only as a keyed, slow hash: a stolen registry without the key cannot be searched for them.

The pepper is derived from the key that card numbers are hashed with, so that a data folder has one such key
to keep and to restore. The duress PIN is hashed with the same salt: one piece of work tells for both.
"""

import hashlib
import hmac

from controller.model.access import PinShown
from controller.model.pins import StoredPin

_PURPOSE = b"genkan pin pepper"
_COST, _BLOCK = 4096, 8  # about 10 ms and 4 MiB


def pin_hash(key: bytes, person: str, digits: str) -> bytes:
    """`key` is the data folder's; `person` the holder's reference, which makes equal PINs differ."""
    pepper = hmac.digest(key, _PURPOSE, "sha256")
    slow = hashlib.scrypt(digits.encode("ascii"), salt=person.encode("utf-8"), n=_COST, r=_BLOCK, p=1)
    return hmac.digest(pepper, slow, "sha256")


def check_pin(key: bytes, person: str, digits: str, stored: StoredPin) -> PinShown:
    """The same work whatever comes of it."""
    found = pin_hash(key, person, digits)
    is_right = hmac.compare_digest(found, stored.hash)
    is_duress = hmac.compare_digest(found, stored.duress_hash or bytes(len(found)))
    if is_right:
        return PinShown.RIGHT
    return PinShown.DURESS if is_duress else PinShown.WRONG
