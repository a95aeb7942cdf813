import secrets

import pytest

from controller.issuing.wrapping import WRAPPED_BYTES, CannotUnwrap, DoorPrivateKey, DoorPublicKey, wrap
from controller.model.credentials import CardNumber

CARD = CardNumber.parse("0101031284C0FFEE")
OTHER = CardNumber.parse("0101031284C0FFEF")
PRIVATE = DoorPrivateKey(secrets.token_bytes(32))
DOOR = PRIVATE.public
KEY = secrets.token_bytes(16)
# The same in every worker that collects this file, so not DOOR's.
SHORT = DoorPrivateKey(bytes(range(32))).public.text[:-1]


def test_door_alone_unwraps_the_key():
    wrapped = wrap(DOOR, CARD, 3, KEY)
    assert len(wrapped) == WRAPPED_BYTES and KEY not in wrapped
    assert PRIVATE.unwrap(CARD, 3, wrapped) == KEY
    with pytest.raises(CannotUnwrap):
        DoorPrivateKey(secrets.token_bytes(32)).unwrap(CARD, 3, wrapped)


@pytest.mark.parametrize(("number", "version"), [(OTHER, 3), (CARD, 2)])
def test_key_moved_to_another_badge_or_version_does_not_open(number: CardNumber, version: int):
    with pytest.raises(CannotUnwrap):
        PRIVATE.unwrap(number, version, wrap(DOOR, CARD, 3, KEY))


@pytest.mark.parametrize("size", [0, 16, 32, 63, 65, 1000])
def test_bytes_of_another_length_do_not_open(size: int):
    with pytest.raises(CannotUnwrap):
        PRIVATE.unwrap(CARD, 3, secrets.token_bytes(size))


def test_every_single_damaged_bit_is_noticed():
    wrapped = wrap(DOOR, CARD, 3, KEY)
    for bit in range(8 * len(wrapped)):
        damaged = bytearray(wrapped)
        damaged[bit // 8] ^= 1 << bit % 8
        if bit == 255:  # the highest bit of an X25519 key is ignored by the curve itself, not by the tag
            continue
        with pytest.raises(CannotUnwrap):
            PRIVATE.unwrap(CARD, 3, bytes(damaged))


def test_public_key_is_read_back_from_its_text():
    assert DoorPublicKey.parse(f"  {DOOR.text}\n") == DOOR and len(DOOR.id) == 16


@pytest.mark.parametrize("text", ["", "genkan-door-key/1 12", SHORT, SHORT + "00", "x" * 5000])
def test_other_text_is_not_a_public_key(text: str):
    with pytest.raises(ValueError, match="not a door's public key"):
        DoorPublicKey.parse(text)
