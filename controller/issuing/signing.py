"""Who wrote a line of the station's file: its Ed25519 signature, by a key whose public half a door trusts.

HPKE keeps a card's key secret on its way; it does not say who wrapped it. Anybody can wrap one to a door.
"""

from hashlib import sha256

_CONTEXT = b"genkan card key line 2\x00"
SEED_BYTES, PUBLIC_BYTES, SIGNATURE_BYTES = 32, 32, 64
_ID_DIGITS = 24


class StationKey:
    def __init__(self, seed: bytes) -> None:
        """32 bytes."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._key.public_key().public_bytes_raw().hex()

    def sign(self, content: bytes) -> bytes:
        return self._key.sign(_CONTEXT + content)


def station_id(public: str) -> str:
    """Of the public half as hex: 24 digits in groups of four, to be compared by eye."""
    digits = sha256(bytes.fromhex(public)).hexdigest()[:_ID_DIGITS]
    return " ".join(digits[at : at + 4] for at in range(0, _ID_DIGITS, 4))


def is_same_id(one: str, other: str) -> bool:
    """However they are spaced, in capitals or not."""
    return "".join(one.split()).lower() == "".join(other.split()).lower()


def is_signed(public: str, content: bytes, signature: bytes) -> bool:
    """`public` as hex. False, too, where it is no key."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(signature, _CONTEXT + content)
    except (InvalidSignature, ValueError):
        return False
    return True
