"""Request-to-exit: which openings it explains (it shunts the alarm), when it is stuck, and when it is pressed
without anybody going out, which is how a door is fooled from outside. Pure.

What it releases is the door machine's business: a stuck button explains nothing any more, and yet the release
stays where the lock needs it, because behind a stuck button nobody could ask for another.
"""

from collections import deque

from controller.model.actions import DoorAction, RecordDoorEvent, StartTimer, StopTimer
from controller.model.events import EventType

REX_HELD = "rex_held"  # the timer
REX_UNUSED = "rex_unused"  # the timer
REX_SHUNT_MS = 10_000
REX_STUCK_MS = 30_000
HOUR_MS = 3_600_000


class ExitButton:
    def __init__(self, door: str, unused_most: int) -> None:
        """More than `unused_most` requests within an hour that no opening follows are told; 0: never."""
        self._door = door
        self._unused_most = unused_most
        self._unused_ms: deque[int] = deque()
        self._unanswered = False  # pressed, and the door has not opened since
        self._since: int | None = None
        self._stuck = False
        self._shunted_until = 0

    @property
    def is_held(self) -> bool:
        return self._since is not None

    def shunts(self, mono_ms: int) -> bool:
        """Whether an opening now is explained by the button: held, or let go less than 10 s ago."""
        return not self._stuck and (self.is_held or mono_ms < self._shunted_until)

    def pressed(self, mono_ms: int, is_open: bool) -> list[DoorAction]:
        """Pressed again within the time it shunts, it is one request."""
        pressed: list[DoorAction] = [RecordDoorEvent(self._door, EventType.REX_PRESSED)]
        if self._unused_most and not is_open and not self._unanswered:
            self._unanswered = True
            pressed.append(StartTimer(self._door, REX_UNUSED, mono_ms + REX_SHUNT_MS))
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

    def opened(self) -> list[DoorAction]:
        """The door has opened, or nobody can tell whether it has."""
        if not self._unanswered:
            return []
        self._unanswered = False
        return [StopTimer(self._door, REX_UNUSED)]

    def unused(self, mono_ms: int) -> list[DoorAction]:
        """Its timer has rung."""
        if not self._unanswered:
            return []
        if self.is_held or mono_ms < self._shunted_until:
            return [StartTimer(self._door, REX_UNUSED, max(self._shunted_until, mono_ms + REX_SHUNT_MS))]
        self._unanswered = False
        self._unused_ms.append(mono_ms)
        while self._unused_ms[0] <= mono_ms - HOUR_MS:
            self._unused_ms.popleft()
        if len(self._unused_ms) <= self._unused_most:
            return []
        self._unused_ms.clear()
        return [RecordDoorEvent(self._door, EventType.REX_WITHOUT_OPENING)]

    def expired(self, mono_ms: int) -> list[DoorAction]:
        if self._since is None or self._stuck:
            return []
        if mono_ms < self._since + REX_STUCK_MS:
            return [StartTimer(self._door, REX_HELD, self._since + REX_STUCK_MS)]
        self._stuck, self._unanswered = True, False
        return [RecordDoorEvent(self._door, EventType.REX_STUCK)]
