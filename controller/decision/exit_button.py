"""Request-to-exit: which openings it explains (it shunts the alarm), and when it is stuck. It also detects
presses without an opening, a way to trick a door from outside. Pure.

The door machine decides what the button releases. A stuck button explains no opening any more, but the
release stays where the lock needs it, because nobody behind a stuck button could request another.
"""

from collections import deque
from dataclasses import dataclass

from controller.model.actions import DoorAction, RecordDoorEvent, StartTimer, StopTimer
from controller.model.events import EventType

REX_HELD = "rex_held"  # the timer
REX_UNUSED = "rex_unused"  # the timer
REX_SHUNT_MS = 10_000
REX_STUCK_MS = 30_000
HOUR_MS = 3_600_000


@dataclass
class _Request:
    """One press, or several within ten seconds of the first. An opening before `until` follows it."""

    began: int
    until: int


class ExitButton:
    def __init__(self, door: str, unused_most: int) -> None:
        """Raises an alarm for more than `unused_most` requests begun within an hour that no opening follows.

        0 switches the alarm off.
        """
        self._door = door
        self._unused_most = unused_most
        self._unused_ms: deque[int] = deque()  # when requests began that no opening followed
        self._newest: _Request | None = None
        self._waiting: list[_Request] = []  # requests that an opening may still follow
        self._since: int | None = None
        self._stuck = False
        self._shunted_until = 0

    @property
    def is_held(self) -> bool:
        return self._since is not None

    def shunts(self, mono_ms: int) -> bool:
        """Whether the button explains an opening now: it is held, or was let go less than 10 s ago."""
        return not self._stuck and (self.is_held or mono_ms < self._shunted_until)

    def pressed(self, mono_ms: int, is_open: bool) -> list[DoorAction]:
        """`is_open` is also true for a contact that cannot be believed: such a request does not count."""
        pressed: list[DoorAction] = [RecordDoorEvent(self._door, EventType.REX_PRESSED)]
        pressed += self._requests(mono_ms, is_open)
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
        if self._newest is not None:
            self._newest.until = mono_ms + REX_SHUNT_MS
        ended = [RecordDoorEvent(self._door, EventType.REX_STUCK_ENDED)] if stuck else []
        return [*ended, StopTimer(self._door, REX_HELD)]

    def opened(self) -> list[DoorAction]:
        """The door has opened, or nobody can know whether it has."""
        if not self._waiting:
            return []
        self._waiting.clear()
        return [StopTimer(self._door, REX_UNUSED)]

    def unused(self, mono_ms: int) -> list[DoorAction]:
        """The REX_UNUSED timer has fired: no opening followed the requests whose time is over."""
        actions: list[DoorAction] = []
        while self._waiting and not self._may_follow(self._waiting[0], mono_ms):
            self._unused_ms.append(self._waiting.pop(0).began)
            while self._unused_ms[0] <= self._unused_ms[-1] - HOUR_MS:
                self._unused_ms.popleft()
            if len(self._unused_ms) > self._unused_most:
                self._unused_ms.clear()
                actions.append(RecordDoorEvent(self._door, EventType.REX_WITHOUT_OPENING))
        if self._waiting:
            until = self._waiting[0].until  # in the past while the button is held
            again = until if mono_ms < until else mono_ms + REX_SHUNT_MS
            actions.append(StartTimer(self._door, REX_UNUSED, again))
        return actions

    def _requests(self, mono_ms: int, is_open: bool) -> list[DoorAction]:
        """A press within ten seconds of a request's first one, or while the button is held, belongs to it."""
        newest = self._newest
        if newest is not None and (self.is_held or mono_ms < newest.began + REX_SHUNT_MS):
            newest.until = mono_ms + REX_SHUNT_MS
            return []
        self._newest = newest = _Request(mono_ms, mono_ms + REX_SHUNT_MS)
        if is_open or not self._unused_most:
            return []
        self._waiting.append(newest)
        return [StartTimer(self._door, REX_UNUSED, self._waiting[0].until)]

    def _may_follow(self, request: _Request, mono_ms: int) -> bool:
        return mono_ms < request.until or (self.is_held and request is self._newest)

    def expired(self, mono_ms: int) -> list[DoorAction]:
        if self._since is None or self._stuck:
            return []
        if mono_ms < self._since + REX_STUCK_MS:
            return [StartTimer(self._door, REX_HELD, self._since + REX_STUCK_MS)]
        self._stuck = True
        self._waiting = [one for one in self._waiting if one is not self._newest]
        return [RecordDoorEvent(self._door, EventType.REX_STUCK)]
