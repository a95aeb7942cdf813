"""One card's key opens no other."""

import secrets

import pytest

from controller.issuing.derivation import diversify

SYSTEM = bytes(range(16))


def test_published_vector_of_an10922_comes_out():
    """AN10922, AES-128: UID, application id and system identifier in a row."""
    master = bytes.fromhex("00112233445566778899AABBCCDDEEFF")
    system = bytes.fromhex("3042F5") + b"NXP Abu"
    key = diversify(master, bytes.fromhex("04782E21801D80"), system)
    assert key.hex().upper() == "A8DD63A3B89D54B37CA802473FDA9175"


def test_every_card_gets_a_key_of_its_own():
    """10,000 cards in a row of one batch, under one master."""
    master = secrets.token_bytes(16)
    keys = {diversify(master, bytes.fromhex("0101") + n.to_bytes(6, "big"), SYSTEM) for n in range(10_000)}
    assert len(keys) == 10_000 and master not in keys


def test_another_master_or_another_station_gives_another_key():
    master, idm = bytes(range(16)), bytes(8)
    other = bytes([*range(15), 0xFF])
    assert (
        len({diversify(master, idm, SYSTEM), diversify(other, idm, SYSTEM), diversify(master, idm, other)})
        == 3
    )


@pytest.mark.parametrize(("master", "number"), [(15, 8), (17, 8), (16, 0), (16, 16)])
def test_lengths_that_the_method_does_not_fit_are_refused(master: int, number: int):
    with pytest.raises(ValueError, match="AN10922"):
        diversify(bytes(master), bytes(number), bytes(15) if number == 0 else SYSTEM)
