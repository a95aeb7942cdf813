import pytest

from firmware_bridge.pcsc.card_number import number_of
from tests.firmware_bridge.pcsc.pcscd import CLASSIC_ATR, FELICA_ATR, storage_card

pytestmark = pytest.mark.pcscd

OK = "9000"
ISO_14443_4 = bytes.fromhex("3B80800101")


def test_invented_atr_is_that_of_a_felica_card_on_an_rc_s300() -> None:
    assert FELICA_ATR.hex().upper() == "3B8F8001804F0CA00000030611003B0000000042"


@pytest.mark.parametrize(
    ("atr", "number", "kind"),
    [
        (FELICA_ATR, "0101031284C0FFEE", "felica"),
        (CLASSIC_ATR, "01020304", "type_a"),
        (CLASSIC_ATR, "04112233445566", "type_a"),
        (ISO_14443_4, "04112233445566778899", "type_a"),
    ],
)
def test_number_is_known_by_the_kind_of_its_card(atr: bytes, number: str, kind: str) -> None:
    assert number_of(atr, bytes.fromhex(number + OK)) == (kind, bytes.fromhex(number))


@pytest.mark.parametrize(
    ("atr", "answer"),
    [
        (FELICA_ATR, "01010312" + OK),
        (FELICA_ATR, "0101031284C0FFEE" + "6300"),
        (FELICA_ATR, ""),
        (CLASSIC_ATR, "0101031284C0FFEE" + OK),
        (ISO_14443_4, "0101031284C0FFEE" + OK),
        (storage_card(0x0B, 0x0014), "E0040100AABBCCDD" + OK),  # ISO 15693
        (storage_card(0x05, 0x0007), "01020304" + OK),  # ISO 14443 B: another number each time
        (FELICA_ATR[:12], "0101031284C0FFEE" + OK),
        (b"", "90"),
    ],
)
def test_answer_that_is_not_a_lasting_number_of_its_card_is_none(atr: bytes, answer: str) -> None:
    assert number_of(atr, bytes.fromhex(answer)) is None
