"""The station's Ed25519 signature of each line in its file; the door trusts the station's public key.

HPKE keeps a card's key secret on its way to the door, but does not prove who wrapped it: anyone can wrap a
key to a door.
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
    """Return the ID of a public key in hex: 24 digits in groups of four, to compare by eye."""
    digits = sha256(bytes.fromhex(public)).hexdigest()[:_ID_DIGITS]
    return " ".join(digits[at : at + 4] for at in range(0, _ID_DIGITS, 4))


def is_same_id(one: str, other: str) -> bool:
    """Compare two IDs, ignoring spaces and capitals."""
    return "".join(one.split()).lower() == "".join(other.split()).lower()


def is_signed(public: str, content: bytes, signature: bytes) -> bool:
    """Verify the signature. `public` is hex; return False if it is not a key."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(signature, _CONTEXT + content)
    except (InvalidSignature, ValueError):
        return False
    return True
