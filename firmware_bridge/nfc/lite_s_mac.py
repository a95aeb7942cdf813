"""The arithmetic of a FeliCa Lite-S card: session keys and MACs, two-key triple DES by OpenSSL. Pure.

From Sony's FeliCa Lite-S User's Manual; nfcpy 1.0.4 does the same. The card counts little-endian: each 8
bytes of a block are reversed on their way into the cipher, and a MAC on its way out. A card key is written
here in the cipher's order, CK1 then CK2; `key_block` is how the card stores it.

A read has two MACs: that of block 81 covers the data, that of block 91 (MAC_A) also the block numbers. We
trust MAC_A only.
"""

import hmac
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

from firmware_bridge.nfc.lite_s_blocks import MAC_A

KEY_BYTES = CHALLENGE_BYTES = 16
MAC_BYTES = 8
_ZERO = bytes(8)


@dataclass(frozen=True)
class Session:
    """What reader and card share after a challenge; the repr holds neither challenge nor key."""

    challenge: bytes = field(repr=False)
    key: bytes = field(repr=False)


def session(card_key: bytes, challenge: bytes) -> Session:
    """`challenge` is 16 bytes; the card receives `challenge_block(challenge)`."""
    return Session(challenge, _encrypt(card_key, _ZERO, challenge))


def key_block(card_key: bytes) -> bytes:
    """The block CK as the card wants it."""
    return _turned(card_key)


def card_key_from_block(block: bytes) -> bytes:
    return _turned(block)


def challenge_block(challenge: bytes) -> bytes:
    """The block RC as the card wants it."""
    return _turned(challenge)


def read_mac(shared: Session, data: bytes) -> bytes:
    """The first 8 bytes of block 81 (MAC) when it is read after blocks with `data`."""
    return _mac(shared.key, shared.challenge[:8], data)


def read_mac_a(shared: Session, blocks: Sequence[int], data: bytes) -> bytes:
    """The first 8 bytes of block 91 (MAC_A) when it is read after `blocks`, one to three, with `data`."""
    numbers = [*blocks, MAC_A]
    head = b"".join(n.to_bytes(2, "little") for n in numbers) + b"\xff" * (8 - 2 * len(numbers))
    return _mac(shared.key, shared.challenge[:8], head + data)


def write_mac_a(shared: Session, block: int, data: bytes, write_count: int) -> bytes:
    """The first 8 bytes of block 91 that go with writing `data` to `block`.

    `write_count` is the card's WCNT, 24 bits. The halves of the key are swapped, so the MAC of a read can't
    pass as the MAC of a write.
    """
    head = write_count.to_bytes(4, "little") + block.to_bytes(2, "little") + MAC_A.to_bytes(2, "little")
    return _mac(shared.key[8:] + shared.key[:8], shared.challenge[:8], head + data)


def same(one: bytes, other: bytes) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(one, other)


def _mac(key: bytes, start: bytes, data: bytes) -> bytes:
    return _encrypt(key, start, _turned(data))[-MAC_BYTES:][::-1]


def _turned(data: bytes) -> bytes:
    count = len(data) // 8
    return struct.pack(f">{count}Q", *struct.unpack(f"<{count}Q", data))


def _encrypt(key: bytes, start: bytes, data: bytes) -> bytes:
    return Cipher(TripleDES(key + key[:8]), modes.CBC(start)).encryptor().update(data)
