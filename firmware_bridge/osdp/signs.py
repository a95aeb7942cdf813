"""What a reader shows: OSDP's commands for lamp and sound. Timed ones only, so that nothing stays on when the
bridge dies in the middle.
"""

from collections.abc import Iterator
from typing import Any

import osdp_sys

_TENTHS = 15  # how long, in units of 100 ms


def signs(indication: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The capability each needs, and the command; `indication` is granted or refused."""
    granted = indication == "granted"
    colour = osdp_sys.LED_COLOR_GREEN if granted else osdp_sys.LED_COLOR_RED
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
            "on_count": _TENTHS,
            "off_count": 0,
            "timer_count": _TENTHS,
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
            "rep_count": 1 if granted else 3,  # 0 would be for ever
        },
    )


STATUS_PLEASE = {"command": osdp_sys.CMD_STATUS, "type": osdp_sys.STATUS_REPORT_LOCAL}
