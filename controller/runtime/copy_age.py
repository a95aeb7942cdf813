"""The age of the copy that the door decides from while the registry cannot be read; too old is an alarm."""

from datetime import datetime, timedelta

from controller.model.events import Event, EventType
from controller.model.moment import Moment

OLD = timedelta(hours=72)


class CopyAge:
    """Belongs to the decide thread. One alarm for each time that the registry is unreadable."""

    def __init__(self) -> None:
        self._as_of: datetime | None = None
        self._since: Moment | None = None
        self._has_alarmed = False

    def begin(self, as_of: datetime | None, now: Moment) -> None:
        """The registry is unreadable from now on; `as_of` is the newest time at which the copy equalled it.

        None: there is no copy, and it admits nobody.
        """
        self._as_of, self._since, self._has_alarmed = as_of, now, False

    def end(self) -> None:
        self._as_of = self._since = None

    def poll(self, now: Moment) -> Event | None:
        """At every tick. Uses the wall clock or the monotonic clock, the one that shows the higher age."""
        if self._as_of is None or self._since is None or self._has_alarmed:
            return None
        lasts = timedelta(milliseconds=now.mono_ms - self._since.mono_ms)
        age = max(now.utc - self._as_of, self._since.utc - self._as_of + lasts, lasts)
        if age < OLD:
            return None
        self._has_alarmed = True
        return Event(
            EventType.REGISTRY_COPY_OLD, now, codes={"copy_age_ms": round(age / timedelta(milliseconds=1))}
        )
