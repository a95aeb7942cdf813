"""A record after ten minutes without any other, so that a longer silence needs an explanation."""

from collections.abc import Callable

from controller.journal.append import Journal
from controller.model.events import Event, EventType
from controller.model.moment import Moment

QUIET_MS = 10 * 60 * 1000


class HeartbeatChore:
    """A chore that runs twice a second."""

    def __init__(self, now: Callable[[], Moment], now_ms: Callable[[], int]) -> None:
        self._now = now
        self._now_ms = now_ms
        self._seq = -1
        self._since_ms = 0

    def __call__(self, journal: Journal) -> bool:
        newest, now_ms = journal.newest_seq, self._now_ms()
        if newest != self._seq:
            self._seq, self._since_ms = newest, now_ms
        elif now_ms - self._since_ms >= QUIET_MS:
            self._seq = journal.append([Event(EventType.HEARTBEAT, self._now())])[0]
            self._since_ms = now_ms
        return False
