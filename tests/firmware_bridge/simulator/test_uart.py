import pytest

from firmware_bridge.osdp.frames import OsdpFramer
from firmware_bridge.simulator.uart import BAUD_OF, misheard

POLL = bytes.fromhex("5300080004600000")
SPEEDS = sorted(BAUD_OF.values())


def test_ends_of_one_speed_understand_each_other() -> None:
    assert misheard(POLL, 9600, 9600) == POLL


def test_receiver_at_half_the_speed_takes_every_other_bit_and_then_the_line_at_rest() -> None:
    assert misheard(b"\x33", 9600, 4800) == b"\xfa"


def test_byte_without_its_stop_bit_is_thrown_away() -> None:
    assert misheard(b"\x00", 9600, 19_200) == b""


@pytest.mark.parametrize("sent", SPEEDS)
def test_no_frame_comes_over_a_line_of_two_speeds(sent: int) -> None:
    for heard in SPEEDS:
        if heard != sent:
            assert POLL not in misheard(4 * POLL, sent, heard)
            assert OsdpFramer().feed(misheard(4 * POLL, sent, heard)) == []


def test_speed_that_is_not_known_is_understood_by_nobody() -> None:
    assert misheard(POLL, 0, 9600) == misheard(POLL, 9600, 0) == b""
