"""Lockdowns at the door: those of the registry, and those that only the log knows because the registry is
older.

Only an order with a reason ends a lockdown; restoring an old registry does not. A lockdown that began after
the backup stays in force until it is ended. One that ended after the backup is in force again. Both raise an
alarm.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from controller.model.events import Event, EventType
from controller.model.lockdowns import LoggedLockdown, logged_lockdown
from controller.model.moment import Moment
from controller.registry.lookup import RegistryReader


@dataclass(frozen=True)
class LockdownsNow:
    """`since`: by area, or "*" for the whole site. `doubtful`: records that the registry contradicts."""

    since: Mapping[str, datetime] = field(default_factory=lambda: MappingProxyType({}))
    doubtful: tuple[LoggedLockdown, ...] = ()

    def with_earlier(self, earlier: "LockdownsNow", logged: Mapping[str, LoggedLockdown]) -> "LockdownsNow":
        """These, the earlier ones and those of the log: no record says that one of them has ended."""
        begun = {area: one.utc for area, one in logged.items() if one.begun}
        return replace(self, since={**begun, **earlier.since, **self.since})


class LoggedLockdowns:
    """The newest record of each area's lockdown. `appended` is called on the record thread."""

    def __init__(self) -> None:
        self._by_area: Mapping[str, LoggedLockdown] = MappingProxyType({})
        self._reported: set[LoggedLockdown] = set()

    @property
    def by_area(self) -> Mapping[str, LoggedLockdown]:
        """A new mapping after every change."""
        return self._by_area

    def read(self, records: Collection[LoggedLockdown]) -> None:
        """From the log, once it is open."""
        self._by_area = {logged.area: logged for logged in records} | dict(self._by_area)

    def appended(self, events: Sequence[Event]) -> None:
        for event in events:
            if (
                event.type is EventType.OPERATOR_ACTION
                and (logged := logged_lockdown(event.codes)) is not None
            ):
                self._by_area = {**self._by_area, logged.area: logged}

    def now(self, listing: RegistryReader) -> LockdownsNow:
        """The lockdowns by `listing` and the log together."""
        since, doubtful = dict(listing.lockdowns_since()), []
        for logged in self._by_area.values():
            if listing.has_lockdown_action(logged):
                continue  # everything after it is in the registry too
            if logged.begun is not (logged.area in since):
                doubtful.append(logged)
            if logged.begun:
                since.setdefault(logged.area, logged.utc)
        return LockdownsNow(since, tuple(doubtful))

    def alarms(self, doubtful: Sequence[LoggedLockdown], now: Moment) -> list[Event]:
        """One alarm for each record that has not raised one yet."""
        new = [logged for logged in doubtful if logged not in self._reported]
        self._reported.update(new)
        return [
            Event(
                EventType.LOCKDOWN_DOUBTFUL,
                now,
                codes={"area": logged.area, "log_says": "begun" if logged.begun else "ended"},
            )
            for logged in new
        ]
