import pytest

from controller.model.credentials import CardNumber, CredentialKind
from firmware_bridge.osdp.card import KIND, Reads, number_of


def event(bits: int, data: bytes, form: int = 1) -> dict[str, object]:
    return {"reader_no": 0, "format": form, "direction": 0, "length": bits, "data": data}


def test_number_is_the_bits_and_how_many_there_are() -> None:
    assert number_of(event(26, bytes.fromhex("12345640"))) == "1A0048D159"
    assert (
        number_of(event(26, bytes.fromhex("1234567f"))) == "1A0048D159"
    )  # what fills the byte up says nothing
    assert number_of(event(32, bytes.fromhex("0048d159"), 0)) == "200048D159"  # another card
    assert number_of(event(64, bytes.fromhex("0101031284C0FFEE"))) == "400101031284C0FFEE"


@pytest.mark.parametrize("bits", range(26, 129))
def test_number_of_every_length_is_a_card_number_of_its_own_kind(bits: int) -> None:
    text = number_of(event(bits, b"\xff" * ((bits + 7) // 8)))
    assert text is not None
    number = CardNumber.parse(text, CredentialKind(KIND))
    assert number.hex == text and not number.is_random


@pytest.mark.parametrize(
    ("bits", "data", "form"),
    [
        (25, b"\xff" * 4, 1),
        (129, b"\xff" * 17, 1),
        (0, b"", 1),
        (32, b"\xff" * 3, 1),
        (32, b"\xff" * 5, 1),
        (32, b"1234", 2),
        (-1, b"", 1),
    ],
)
def test_what_is_not_a_card_number_is_none(bits: int, data: bytes, form: int) -> None:
    assert number_of(event(bits, data, form)) is None
    assert number_of({}) is None


def test_card_that_lies_there_is_one_presentation() -> None:
    reads = Reads()
    assert reads.is_new("1A0048D159", 0)
    assert not any(reads.is_new("1A0048D159", at) for at in range(100, 3_600_000, 400))
    assert reads.is_new("1A0048D15A", 3_600_000)
    assert reads.is_new("1A0048D159", 3_600_100)
    assert reads.is_new("1A0048D159", 3_600_600)
