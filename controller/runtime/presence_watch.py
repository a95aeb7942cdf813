"""Whether the log can be read for who is inside; where it cannot for long, that is an alarm.

The rules that ask who is inside refuse nobody meanwhile, which nobody may have to find out by chance.
"""

from collections.abc import Callable
from typing import Any

from controller.model.events import Event, EventType, Json
from controller.model.moment import Moment

UNREAD_MS = 30_000


class PresenceWatch:
    """Belongs to the decide thread. A long log that is being read, page by page, is no alarm."""

    def __init__(self, set_state: Callable[..., Any]) -> None:
        """`set_state` is `StateFile.set`."""
        self._set_state = set_state
        self._since: Moment | None = None  # of the newest page, or the first look at a reading
        self._pages = -1
        self._alarmed = False

    def poll(self, is_reading: bool, pages: int, problem: str | None, now: Moment) -> Event | None:
        """At every tick. `pages` counts what has been read, `problem` says why the next cannot be."""
        since = self._since
        if not is_reading:
            self._since = None
            return self._recovered(since, now)
        if since is None or pages != self._pages:
            self._pages = pages
            if not self._alarmed:  # then the length of all of it is told when it is over
                self._since = now
            return None
        if self._alarmed or now.mono_ms - since.mono_ms < UNREAD_MS:
            return None
        self._alarmed = True
        self._set_state(presence="unknown", presence_since=since.utc)
        details: dict[str, Json] = {} if problem is None else {"problem": problem}
        return Event(EventType.PRESENCE_UNKNOWN, now, details=details)

    def _recovered(self, since: Moment | None, now: Moment) -> Event | None:
        if not self._alarmed or since is None:
            return None
        self._alarmed = False
        self._set_state(presence="ok", presence_since=None)
        return Event(EventType.PRESENCE_KNOWN, now, codes={"failed_ms": now.mono_ms - since.mono_ms})
