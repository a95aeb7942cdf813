"""How long a door may stay open: a warning, then the alarm. Pure; the door machine passes events to it."""

from controller.model.actions import DoorAction, RecordDoorEvent, StartTimer, StopTimer
from controller.model.events import EventType

HELD_OPEN = "held_open"  # the timer


class HeldOpen:
    """`warning_ms` is less than `alarm_ms`; both count from `start`."""

    def __init__(self, door: str, warning_ms: int, alarm_ms: int) -> None:
        self._door, self._warning_ms, self._alarm_ms = door, warning_ms, alarm_ms
        self._since: int | None = None
        self._warned = False
        self._more_ms = 0
        self._grant: int | None = None

    @property
    def is_timing(self) -> bool:
        """False after the alarm as well: each opening raises it once."""
        return self._since is not None

    def start(self, mono_ms: int, grant: int | None = None, more_ms: int = 0) -> list[DoorAction]:
        """The door is open from now on; `grant` is the last grant that it was opened or kept open for.

        `more_ms` is extra time for a person who needs it.
        """
        self._since, self._warned, self._grant, self._more_ms = mono_ms, False, grant, more_ms
        return [StartTimer(self._door, HELD_OPEN, mono_ms + self._warning_ms + more_ms)]

    def add_time(self, more_ms: int) -> None:
        """Grant extra time to this opening; a timer that then fires too early is restarted."""
        self._more_ms = more_ms

    def stop(self) -> list[DoorAction]:
        if self._since is None:
            return []
        self._since = None
        return [StopTimer(self._door, HELD_OPEN)]

    def expired(self, mono_ms: int) -> list[DoorAction]:
        if self._since is None:
            return []
        actions: list[DoorAction] = []
        since = self._since + self._more_ms
        warning_at, alarm_at = since + self._warning_ms, since + self._alarm_ms
        if not self._warned and mono_ms >= warning_at:
            self._warned = True
            actions.append(self._record(EventType.DOOR_HELD_OPEN_WARNING))
        if mono_ms >= alarm_at:
            self._since = None
            return [*actions, self._record(EventType.DOOR_HELD_OPEN)]
        return [*actions, StartTimer(self._door, HELD_OPEN, alarm_at if self._warned else warning_at)]

    def _record(self, type: EventType) -> RecordDoorEvent:
        return RecordDoorEvent(self._door, type, of=self._grant)
