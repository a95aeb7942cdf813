"""Request-to-exit: which openings it explains (it shunts the alarm), and when it is stuck. Pure.

What it releases is the door machine's business: a stuck button explains nothing any more, and yet the release
stays where the lock needs it, because behind a stuck button nobody could ask for another.
"""

from controller.model.actions import DoorAction, RecordDoorEvent, StartTimer, StopTimer
from controller.model.events import EventType

REX_HELD = "rex_held"  # the timer
REX_SHUNT_MS = 10_000
REX_STUCK_MS = 30_000


class ExitButton:
    def __init__(self, door: str) -> None:
        self._door = door
        self._since: int | None = None
        self._stuck = False
        self._shunted_until = 0

    @property
    def is_held(self) -> bool:
        return self._since is not None

    def shunts(self, mono_ms: int) -> bool:
        """Whether an opening now is explained by the button: held, or let go less than 10 s ago."""
        return not self._stuck and (self.is_held or mono_ms < self._shunted_until)

    def pressed(self, mono_ms: int) -> list[DoorAction]:
        pressed: list[DoorAction] = [RecordDoorEvent(self._door, EventType.REX_PRESSED)]
        self._shunted_until = max(self._shunted_until, mono_ms + REX_SHUNT_MS)
        if self._since is not None:
            return pressed
        self._since = mono_ms
        return [*pressed, StartTimer(self._door, REX_HELD, mono_ms + REX_STUCK_MS)]

    def ended(self, mono_ms: int) -> list[DoorAction]:
        if self._since is None:
            return []
        stuck, self._since, self._stuck = self._stuck, None, False
        self._shunted_until = 0 if stuck else mono_ms + REX_SHUNT_MS
        ended = [RecordDoorEvent(self._door, EventType.REX_STUCK_ENDED)] if stuck else []
        return [*ended, StopTimer(self._door, REX_HELD)]

    def expired(self, mono_ms: int) -> list[DoorAction]:
        if self._since is None or self._stuck:
            return []
        if mono_ms < self._since + REX_STUCK_MS:
            return [StartTimer(self._door, REX_HELD, self._since + REX_STUCK_MS)]
        self._stuck = True
        return [RecordDoorEvent(self._door, EventType.REX_STUCK)]
