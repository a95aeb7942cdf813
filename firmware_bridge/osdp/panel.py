"""libosdp's control panel, wrapped so that no fault of the binding ends the work loop.

The binding raises SystemError out of refresh() when anything it called has raised, returns events it never
frees, and counts its timers by the wall clock. We own the only thread; we copy and empty the events.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import osdp_sys

from firmware_bridge.osdp.challenge import ChallengeSource
from firmware_bridge.osdp.channel import ReaderChannel

MOST_READERS = 32  # the binding's status masks have 32 bits, and RS-485 as many loads


@dataclass(frozen=True)
class PanelEvent:
    """`values` is libosdp's dictionary, without its event type."""

    reader: int
    type: int
    values: Mapping[str, Any]
    secure: bool  # it came inside a session under the reader's own key

    def __repr__(self) -> str:
        return f"PanelEvent(reader={self.reader}, type={self.type})"


class Panel:
    """`readers` are addresses with their keys; below, a reader is its index in that list."""

    def __init__(
        self, readers: Sequence[tuple[int, bytes, ReaderChannel]], challenges: ChallengeSource
    ) -> None:
        osdp_sys.set_loglevel(osdp_sys.LOG_EMERG)
        self.errors = 0
        self._events: list[PanelEvent] = []
        self._challenges = challenges
        self._count = len(readers)
        flags = (
            osdp_sys.FLAG_ENFORCE_SECURE | osdp_sys.FLAG_ENABLE_NOTIFICATION | osdp_sys.FLAG_IGN_UNSOLICITED
        )
        challenges.refill()
        self._library = osdp_sys.ControlPanel(
            [
                {"name": f"r{address}", "address": address, "flags": flags, "scbk": key, "channel": channel}
                for address, key, channel in readers
            ]
        )
        self._library.set_event_callback(self._heard)

    def refresh(self) -> list[PanelEvent]:
        if not self.all_secure:
            self._challenges.refill()
        try:
            self._library.refresh()
        except Exception:  # SystemError: one of our callbacks raised, and counted it
            self.errors += 1
        events, self._events = self._events, []
        return events

    @property
    def all_secure(self) -> bool:
        return bool(self._library.sc_status() == 2**self._count - 1)

    def is_secure(self, reader: int) -> bool:
        """A session under the reader's own key is up."""
        return bool(self._library.sc_status() >> reader & 1)

    def is_up(self, reader: int) -> bool:
        return bool(self._library.status() & self._library.sc_status() & 1 << reader)

    def is_up_in_the_clear(self, reader: int) -> bool:
        return bool(self._library.status() & ~self._library.sc_status() & 1 << reader)

    def is_enabled(self, reader: int) -> bool:
        return bool(self._library.is_pd_enabled(reader))

    def disable(self, reader: int) -> None:
        self._library.disable_pd(reader)

    def enable(self, reader: int) -> None:
        """Call it once the reader is disabled, which takes a refresh or two."""
        self._library.enable_pd(reader)

    def enforce(self, reader: int, secure: bool) -> None:
        """Unless enforced, the library also tries the default key and sets the reader's own: the install
        window.
        """
        change = self._library.set_flag if secure else self._library.clear_flag
        change(reader, osdp_sys.FLAG_ENFORCE_SECURE)

    def can(self, reader: int, capability: int) -> bool:
        level, _ = self._library.check_capability(reader, capability)
        return bool(level)

    def submit(self, reader: int, command: Mapping[str, Any]) -> bool:
        try:
            return bool(self._library.submit_command(reader, dict(command)))
        except Exception:
            self.errors += 1
            return False

    def drop_commands(self, reader: int) -> None:
        """Drop waiting commands: a lamp meant for a person who has left must not light when the reader comes
        back.
        """
        self._library.flush_commands(reader)

    def _heard(self, reader: int, event: dict[str, Any]) -> int:
        try:
            values = dict(event)
            event.clear()  # the binding never frees the dictionary; at least it is empty then
            kind = values.pop("event")
            self._events.append(PanelEvent(reader, kind, values, self.is_secure(reader)))
        except Exception:
            self.errors += 1
        return 0
