"""The default keys of cards, and keys that people invent, are refused."""

import secrets

import pytest

from controller.model.card_keys import weakness

WEAK = [
    bytes(16),
    b"\xff" * 16,
    b"\x01" * 16,
    bytes([0, 1] * 8),  # differs only in bits that DES ignores: all zero for the card
    bytes(range(16)),
    bytes(range(0xF0, 0x100)),
    bytes(range(0x30, 0x40)),  # OSDP's SCBK-D
    b"IEMKAERB!NACUOYF",
    b"correct horse ba",
    b"0123456789ABCDEF",
    bytes(range(7, 15)) * 2,  # equal halves: DES instead of triple DES
    bytes.fromhex("8f12") * 8,
    b"short",
    bytes(17),
]


@pytest.mark.parametrize("key", WEAK, ids=bytes.hex)
def test_weak_key_is_none(key: bytes):
    assert weakness(key) is not None


def test_random_keys_are_accepted():
    assert [weakness(secrets.token_bytes(16)) for _ in range(1000)] == [None] * 1000
