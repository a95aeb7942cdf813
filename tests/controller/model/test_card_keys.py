import os

import pytest

from controller.model.card_keys import CardKey, weakness

GOOD = bytes.fromhex("3A9F41C7E2086BD5914C7EF23D60A8B1")


@pytest.mark.parametrize(
    ("key", "why"),
    [
        (bytes(16), "repeats"),
        (b"\xff" * 16, "repeats"),
        (b"\xa5" * 16, "repeats"),
        (b"\x01" * 16, "repeats"),
        (GOOD[:8] * 2, "repeats"),
        (GOOD[:8] + bytes(b ^ 1 for b in GOOD[:8]), "repeats"),  # one key in DES, which leaves parity out
        (GOOD[:8] + b"\x13\x37" * 4, "repeats"),
        (b"IEMKAERB!NACUOYF", "text"),  # the key Ultralight C cards leave the factory with
        (b"sesame open door", "text"),
        (bytes(range(0x30, 0x40)), "known to everybody"),
        (bytes(range(0x80, 0x90)), "counts"),
        (bytes(range(0xF0, 0xE0, -1)), "counts"),
        (bytes.fromhex("1FE01FE00EF10EF1") + GOOD[8:], "weak in DES"),
        (GOOD[:8] + bytes.fromhex("1EE11EE10FF00FF0"), "weak in DES"),
        (GOOD[:15], "15 bytes"),
        (GOOD + b"\0", "17 bytes"),
        (b"", "0 bytes"),
    ],
)
def test_key_that_is_not_a_secret_is_refused_with_its_reason(key: bytes, why: str) -> None:
    assert why in (weakness(key) or "")
    with pytest.raises(ValueError, match=why):
        CardKey(key, 1)


def test_one_byte_repeated_or_counting_up_or_down_is_not_a_key() -> None:
    for start in (0, 0x55, 0xFE):
        for step in range(256):
            assert weakness(bytes((start + step * i) % 256 for i in range(16))) is not None


def test_random_keys_are_keys() -> None:
    assert [key for key in (os.urandom(16) for _ in range(1000)) if weakness(key)] == []


@pytest.mark.parametrize("version", [-1, 0, 65536])
def test_version_a_card_cannot_have_is_refused(version: int) -> None:
    with pytest.raises(ValueError, match="version"):
        CardKey(GOOD, version)


def test_repr_shows_no_key() -> None:
    assert repr(CardKey(GOOD, 3)) == "CardKey(version=3)"
