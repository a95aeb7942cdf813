import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.model.credentials import CardNumber, CredentialKind

KINDS = {
    8: CredentialKind.FELICA,
    4: CredentialKind.TYPE_A,
    7: CredentialKind.TYPE_A,
    10: CredentialKind.TYPE_A,
}


@given(st.sampled_from(sorted(KINDS)).flatmap(lambda size: st.binary(min_size=size, max_size=size)))
def test_any_number_keeps_every_digit_and_its_kind(number: bytes):
    parsed = CardNumber.parse(number.hex())
    assert bytes.fromhex(parsed.hex) == number
    assert parsed.kind is KINDS[len(number)]
    assert parsed.last_four == number.hex().upper()[-4:]


@pytest.mark.parametrize(
    "typed", ["0101 0312 84c0 ffee", "01:01:03:12:84:C0:FF:EE", "０１０１０３１２８４Ｃ０ＦＦＥＥ"]
)
def test_ways_of_typing_a_number_are_one_number(typed: str):
    assert CardNumber.parse(typed) == CardNumber.parse("0101031284C0FFEE")


@pytest.mark.parametrize("typed", ["", "0", "010", "01010312", "xyz", "0101031284C0FFEE00", "²²²²²²²²"])
def test_text_that_is_not_a_felica_number_is_refused(typed: str):
    with pytest.raises(ValueError, match=r"not hexadecimal|wrong length"):
        CardNumber.parse(typed, CredentialKind.FELICA)


def test_numbers_of_two_kinds_that_are_alike_hash_differently():
    felica = CardNumber(CredentialKind.FELICA, "00" * 8)
    type_a = CardNumber(CredentialKind.TYPE_A, "00" * 8)
    assert felica.hash_input() != type_a.hash_input()


@pytest.mark.parametrize(
    ("typed", "random"),
    [
        ("08A1B2C3", True),
        ("18A1B2C3", False),
        ("08A1B2C3D4E5F6", False),
        ("01FE031284C0FFEE", True),
        ("0801031284C0FFEE", False),
    ],
)
def test_numbers_that_phones_make_up_are_known(typed: str, random: bool):
    assert CardNumber.parse(typed).is_random is random


def test_repr_shows_the_last_four_digits_only():
    assert "0101031284C0" not in repr(CardNumber.parse("0101031284C0FFEE"))
    assert "FFEE" in repr(CardNumber.parse("0101031284C0FFEE"))
