"""The relay in a reader, if genkan.toml connects the lock of a door to it (`lock_reader`).

A release is a loan: the bridge commands the relay to hold for five seconds, and repeats that every two for as
long as the door wants it released. So a dead bridge or a cut line secures the lock. A reader without a lock
never gets a command for its relay.
"""

from typing import Any

import osdp_sys

HOLD_TENTHS = 50
RENEW_MS = 2000
_OFF, _ON_FOR_A_TIME = 1, 5


class Relay:
    """Pure: time is an argument. `wanted` is None if no lock uses the relay."""

    def __init__(self) -> None:
        self.wanted: bool | None = None
        self._due_ms: int | None = None

    def set(self, active: bool) -> None:
        self.wanted, self._due_ms = active, 0

    def came_up(self) -> None:
        """A new session: repeat the command in any state of the relay."""
        self._due_ms = None if self.wanted is None else 0

    def command(self, now_ms: int) -> dict[str, Any] | None:
        """Return the command to send now, once each time it is due."""
        if self._due_ms is None or now_ms < self._due_ms:
            return None
        self._due_ms = now_ms + RENEW_MS if self.wanted else None
        return {
            "command": osdp_sys.CMD_OUTPUT,
            "output_no": 0,
            "control_code": _ON_FOR_A_TIME if self.wanted else _OFF,
            "timer_count": HOLD_TENTHS if self.wanted else 0,
        }
