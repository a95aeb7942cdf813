"""People who enter because the door is kept released: whether it opened for them. Pure.

The rules refuse them, so they get no release of their own. Their wait ends when the door is secured again.
"""

from controller.model.actions import DoorAction, RecordDoorEvent, StartTimer, StopTimer
from controller.model.events import EventType, Outcome

RELEASED_PASSAGE = "released_passage"  # the timer


class ReleasedDoorPassages:
    """`wait_ms`: how long after the tap an opening still counts as theirs."""

    def __init__(self, door: str, wait_ms: int) -> None:
        self._door, self._wait_ms = door, wait_ms
        self._waiting: list[tuple[int, int]] = []  # until when, and the grant's number

    def add(self, grant: int, mono_ms: int) -> list[DoorAction]:
        self._waiting.append((mono_ms + self._wait_ms, grant))
        return self._restart_timer()

    def settle(self, outcome: Outcome) -> list[DoorAction]:
        """Give everyone who waits this outcome: the door has opened, or is secured again."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return []
        return [
            StopTimer(self._door, RELEASED_PASSAGE),
            *(self.outcome(grant, outcome) for _, grant in waiting),
        ]

    def expired(self, mono_ms: int, outcome: Outcome) -> list[DoorAction]:
        expired = [grant for until, grant in self._waiting if until <= mono_ms]
        self._waiting = [one for one in self._waiting if one[0] > mono_ms]
        again = self._restart_timer() if self._waiting else []
        return [*again, *(self.outcome(grant, outcome) for grant in expired)]

    def outcome(self, grant: int, outcome: Outcome) -> RecordDoorEvent:
        return RecordDoorEvent(self._door, EventType.ACCESS_OUTCOME, outcome.value, of=grant)

    def _restart_timer(self) -> list[DoorAction]:
        return [StartTimer(self._door, RELEASED_PASSAGE, self._waiting[0][0])]
