"""Reading the message of a Type 4 card ends in time with any behaviour of the card."""

import pytest

from firmware_bridge.nfc.lite_s import CardTrouble
from firmware_bridge.nfc.type4 import READING_SECONDS, read_message
from firmware_bridge.simulator.ntag424 import Ntag424Face, Type4Face, ndef_file
from tests.firmware_bridge.nfc.field import TypeARadio

UID = "04DE5F1EACC040"
KEY = bytes.fromhex("3A9F41C7E2086BD5914C7EF23D60A8B1")


def test_message_comes_as_the_card_holds_it() -> None:
    face = Type4Face(UID, lambda: ndef_file("example.com/" + "x" * 230))
    message = read_message(TypeARadio(face), face.uid)
    assert message == ndef_file("example.com/" + "x" * 230)[2:]


class _More:
    """Asks for more time, or sends more of its answer, without end; each takes it some milliseconds."""

    def __init__(self, answer: bytes) -> None:
        self.face, self._answer, self.ms = Ntag424Face(UID, KEY), answer, 0

    def __call__(self, command: bytes, answer: bytes | None) -> bytes | None:
        self.ms += 20
        if command[0] in (0x02, 0x03, 0xF2, 0xA2, 0xA3):
            return (
                bytes([self._answer[0] | command[0] & 1 if command[0] != 0xF2 else self._answer[0]])
                + self._answer[1:]
            )
        return answer


@pytest.mark.parametrize(
    "answer", [b"\xf2\x3b", b"\x12" + bytes(200), b"\x02", b"\x02\x90\x00", b"\x02\x6a\x82", b"\xa2", b"\xa3"]
)
def test_card_without_end_is_abandoned_in_time(answer: bytes) -> None:
    more = _More(answer)
    with pytest.raises(CardTrouble):
        read_message(TypeARadio(more.face, more), more.face.uid, lambda: more.ms / 1000)
    assert more.ms <= 1000 * READING_SECONDS + 500


def test_card_with_a_message_of_64_kib_is_abandoned_in_time() -> None:
    ms = 0

    def slow(command: bytes, answer: bytes | None) -> bytes | None:
        nonlocal ms
        ms += 10
        return answer

    face = Type4Face(UID, lambda: b"\xff\xff" + bytes(0xFFFF))
    with pytest.raises(CardTrouble):
        read_message(TypeARadio(face, slow), face.uid, lambda: ms / 1000)
    assert ms <= 1000 * READING_SECONDS + 500
