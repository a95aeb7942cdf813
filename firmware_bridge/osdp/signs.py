"""What a reader shows: OSDP's commands for lamp, sound and display.

Only timed commands, so that nothing stays on when the bridge dies in the middle.
"""

from collections.abc import Iterator
from typing import Any

import osdp_sys

from firmware_bridge.osdp import frames

_TENTHS = 15  # how long, in units of 100 ms
_ENTER_PIN_TENTHS = 150  # as long as the door waits for the PIN
_SECOND_PERSON_TENTHS = 50  # the door may wait longer; the next card shows its own sign
# Colour of the lamp, how long, how many beeps, and the text. A display takes ASCII, so it is English, and at
# most 16 characters, the width of the smallest.
_SIGNS = {
    "granted": (osdp_sys.LED_COLOR_GREEN, _TENTHS, 1, "Welcome"),
    "refused": (osdp_sys.LED_COLOR_RED, _TENTHS, 3, "No entry"),
    "second_person": (osdp_sys.LED_COLOR_AMBER, _SECOND_PERSON_TENTHS, 1, "Second person"),
    "enter_pin": (osdp_sys.LED_COLOR_AMBER, _ENTER_PIN_TENTHS, 2, "PIN, then #"),
}
_FRAMES = {
    osdp_sys.CMD_LED: frames.LED,
    osdp_sys.CMD_BUZZER: frames.BUZZER,
    osdp_sys.CMD_TEXT: frames.TEXT,
}


def signs(indication: str) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Yield the capability that each command needs, its code on the line, and the command. An `indication` we
    don't know is shown as refused.
    """
    colour, tenths, beeps, text = _SIGNS.get(indication, _SIGNS["refused"])
    lamp = {
        "command": osdp_sys.CMD_LED,
        "reader": 0,
        "led_number": 0,
        "temporary": True,
        "control_code": 2,  # from now, for timer_count
        "on_color": colour,
        "off_color": colour,
        "on_count": tenths,
        "off_count": 0,
        "timer_count": tenths,
    }
    sound = {
        "command": osdp_sys.CMD_BUZZER,
        "reader": 0,
        "control_code": 2,
        "on_count": 1,
        "off_count": 1,
        "rep_count": beeps,  # 0 would never end
    }
    display = {
        "command": osdp_sys.CMD_TEXT,
        "reader": 0,
        "control_code": 3,  # for temp_time, without wrapping
        "temp_time": -(-tenths // 10),  # in seconds
        "offset_row": 1,
        "offset_col": 1,
        "data": text,
    }
    for capability, command in (
        (osdp_sys.CAP_READER_LED_CONTROL, lamp),
        (osdp_sys.CAP_READER_AUDIBLE_OUTPUT, sound),
        (osdp_sys.CAP_READER_TEXT_OUTPUT, display),
    ):
        yield capability, _FRAMES[command["command"]], command


STATUS_PLEASE = {"command": osdp_sys.CMD_STATUS, "type": osdp_sys.STATUS_REPORT_LOCAL}
