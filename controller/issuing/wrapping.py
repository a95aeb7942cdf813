"""Wrap a card's key to one door (RFC 9180, HPKE, base mode), so that only that door can read it.

The card's number and the key's version are part of the context, so that a wrapped key does not open for
another badge or version. Base mode does not prove who wrapped it; the signature of signing.py does.
"""

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from controller.model.credentials import CardNumber

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.hpke import Suite

WRAPPED_BYTES = 64  # the encapsulated key, 16 bytes of card key, and a tag
_CONTEXT = b"genkan card key 1\x00"
_TEXT = re.compile(r"genkan-door-key/1 ([0-9a-f]{64})")


class CannotUnwrap(Exception):
    """The wrapped key is for another door, badge or version, or damaged."""


@dataclass(frozen=True)
class DoorPublicKey:
    """The public half of the pair that badge keys are wrapped to. It is not a secret."""

    raw: bytes

    @classmethod
    def parse(cls, text: str) -> "DoorPublicKey":
        """Parse the form of `text`. Raise ValueError for anything else."""
        found = _TEXT.fullmatch(text.strip())
        if found is None:
            raise ValueError("not a door's public key")
        return cls(bytes.fromhex(found[1]))

    @property
    def text(self) -> str:
        return f"genkan-door-key/1 {self.raw.hex()}"

    @property
    def id(self) -> str:
        """16 hex digits, to compare by eye."""
        return sha256(self.raw).hexdigest()[:16]


def wrap(door: DoorPublicKey, number: CardNumber, version: int, key: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

    public = X25519PublicKey.from_public_bytes(door.raw)
    return bytes(_suite().encrypt(key, public, info=_context(number, version)))


class DoorPrivateKey:
    """The private half, which only the door has."""

    def __init__(self, raw: bytes) -> None:
        """32 bytes."""
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

        self._key = X25519PrivateKey.from_private_bytes(raw)
        self.public = DoorPublicKey(self._key.public_key().public_bytes_raw())

    def unwrap(self, number: CardNumber, version: int, wrapped: bytes) -> bytes:
        """The card's key. Raise CannotUnwrap."""
        from cryptography.exceptions import InvalidTag

        try:
            return bytes(_suite().decrypt(wrapped, self._key, info=_context(number, version)))
        except (InvalidTag, ValueError) as error:
            raise CannotUnwrap from error


def _suite() -> "Suite":
    from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

    return Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)


def _context(number: CardNumber, version: int) -> bytes:
    return _CONTEXT + version.to_bytes(2, "big") + number.hash_input()
