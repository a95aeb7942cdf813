"""Raises an alarm when presence cannot be read from the log for 30 seconds.

Meanwhile the rules that need presence refuse nobody; an operator must learn that from the alarm, not by
chance.
"""

from collections.abc import Callable
from typing import Any

from controller.journal.failures import FailureCause
from controller.model.events import Event, EventType
from controller.model.moment import Moment
from controller.runtime.limits import USUAL, Limits


class PresenceWatch:
    """Belongs to the decide thread. A long log that is being read page by page is not an alarm."""

    def __init__(self, set_state: Callable[..., Any], limits: Limits = USUAL) -> None:
        """`set_state` is `StateFile.set`."""
        self._set_state = set_state
        self._unread_ms = limits.presence_unread_ms
        self._since: Moment | None = None  # of the newest page, or of the first poll of a scan
        self._pages = -1
        self._alarmed = False

    def poll(self, is_reading: bool, pages: int, problem: FailureCause | None, now: Moment) -> Event | None:
        """At every tick. `pages` counts the pages read so far; `problem` is why the next page cannot be
        read.
        """
        since = self._since
        if not is_reading:
            self._since = None
            return self._recovered(since, now)
        if since is None or pages != self._pages:
            self._pages = pages
            if not self._alarmed:  # after an alarm, the end reports the whole duration
                self._since = now
            return None
        if self._alarmed or now.mono_ms - since.mono_ms < self._unread_ms:
            return None
        self._alarmed = True
        self._set_state(presence="unknown", presence_since=since.utc)
        return Event(
            EventType.PRESENCE_UNKNOWN, now, codes={} if problem is None else {"cause": problem.value}
        )

    def _recovered(self, since: Moment | None, now: Moment) -> Event | None:
        if not self._alarmed or since is None:
            return None
        self._alarmed = False
        self._set_state(presence="ok", presence_since=None)
        return Event(EventType.PRESENCE_KNOWN, now, codes={"failed_ms": now.mono_ms - since.mono_ms})
