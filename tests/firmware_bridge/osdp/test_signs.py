"""What a reader shows: lamp, sound and display, and each for a time only."""

from collections.abc import Callable

import osdp_sys
import pytest

from firmware_bridge.osdp.signs import signs
from tests.firmware_bridge.osdp.rig import NAME, Rig

SIGNS = {
    "granted": (osdp_sys.LED_COLOR_GREEN, 1, "Welcome"),
    "refused": (osdp_sys.LED_COLOR_RED, 3, "No entry"),
    "second_person": (osdp_sys.LED_COLOR_AMBER, 1, "Second person"),
    "enter_pin": (osdp_sys.LED_COLOR_AMBER, 2, "PIN, then #"),
}


def test_every_sign_ends_by_itself() -> None:
    """A bridge that dies in the middle must not leave a lamp, a buzzer or a word on."""
    for indication in SIGNS:
        lamp, sound, display = (command for _, _, command in signs(indication))
        assert lamp["temporary"] and 0 < lamp["timer_count"] <= 150 and lamp["on_count"] > 0
        assert 0 < sound["rep_count"] <= 3
        assert display["control_code"] == 3 and 0 < display["temp_time"] <= 15
        assert display["data"].isascii() and len(display["data"]) <= 16


@pytest.mark.parametrize("indication", SIGNS)
def test_reader_lights_beeps_and_says_it(rig: Rig, indication: str) -> None:
    rig.watch.show(NAME, indication)
    rig.until(lambda: len(rig.reader.indications) == 3)
    colour, beeps, text = SIGNS[indication]
    lamp, sound, display = rig.reader.indications
    assert (lamp["on_color"], sound["rep_count"]) == (colour, beeps)
    assert display["data"] in (text, text.encode("ascii"))


def test_reader_with_a_lamp_only_is_reported_the_lamp_only(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(capabilities=[osdp_sys.CAP_READER_LED_CONTROL])
    rig.until(lambda: rig.link.is_up and not rig.link.is_stale)
    rig.watch.show(NAME, "granted")
    rig.until(lambda: rig.reader.indications)
    rig.for_commands(4)
    assert [command["command"] for command in rig.reader.indications] == [osdp_sys.CMD_LED]
    assert rig.link.is_up
