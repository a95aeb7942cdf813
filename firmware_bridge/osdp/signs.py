"""What a reader shows: OSDP's commands for lamp and sound. Timed ones only, so that nothing stays on when the
bridge dies in the middle.
"""

from collections.abc import Iterator
from typing import Any

import osdp_sys

_TENTHS = 15  # how long, in units of 100 ms
_ENTER_PIN_TENTHS = 150  # as long as the door waits for the PIN
# Colour of the lamp, how long, and how many beeps.
_SIGNS = {
    "granted": (osdp_sys.LED_COLOR_GREEN, _TENTHS, 1),
    "refused": (osdp_sys.LED_COLOR_RED, _TENTHS, 3),
    "enter_pin": (osdp_sys.LED_COLOR_AMBER, _ENTER_PIN_TENTHS, 2),
}


def signs(indication: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The capability each needs, and the command; an `indication` we don't know is shown as refused."""
    colour, tenths, beeps = _SIGNS.get(indication, _SIGNS["refused"])
    yield (
        osdp_sys.CAP_READER_LED_CONTROL,
        {
            "command": osdp_sys.CMD_LED,
            "reader": 0,
            "led_number": 0,
            "temporary": True,
            "control_code": 2,  # from now on, for timer_count
            "on_color": colour,
            "off_color": colour,
            "on_count": tenths,
            "off_count": 0,
            "timer_count": tenths,
        },
    )
    yield (
        osdp_sys.CAP_READER_AUDIBLE_OUTPUT,
        {
            "command": osdp_sys.CMD_BUZZER,
            "reader": 0,
            "control_code": 2,
            "on_count": 1,
            "off_count": 1,
            "rep_count": beeps,  # 0 would be for ever
        },
    )


STATUS_PLEASE = {"command": osdp_sys.CMD_STATUS, "type": osdp_sys.STATUS_REPORT_LOCAL}
