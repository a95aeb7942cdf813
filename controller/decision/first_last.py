"""Who entered each area first on each day, and who left it last. A fold beside presence.

An entry that nobody used does not count.
"""

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, time, tzinfo

from controller.decision.presence import Fact
from controller.decision.site import day_of
from controller.model.fact import NOT_THROUGH
from controller.model.reasons import AccessWarning

DAYS_KEPT = 31
_CANDIDATES = 20  # per day: the first of them whose door was opened counts


@dataclass(frozen=True, slots=True)
class Tap:
    """`missed`: the log has no entry of the person who left."""

    seq: int
    person: str
    utc: datetime
    missed: bool = False


@dataclass(slots=True)
class _Day:
    entries: list[Tap] = field(default_factory=list)
    exits: deque[Tap] = field(default_factory=lambda: deque(maxlen=_CANDIDATES))


@dataclass(frozen=True, slots=True)
class AreaDay:
    """`first` is None if people only left, `last` if nobody left."""

    day: date
    area: str
    first: Tap | None
    last: Tap | None


class FirstLast:
    def __init__(self, time_zone: tzinfo, day_ends: time) -> None:
        self._time_zone = time_zone
        self._day_ends = day_ends
        self._days: dict[tuple[date, str], _Day] = {}
        self._newest = date.min

    def days(self) -> Collection[AreaDay]:
        """The newest day first, areas by name; no older than DAYS_KEPT before the newest."""
        return [
            AreaDay(
                day,
                area,
                found.entries[0] if found.entries else None,
                found.exits[-1] if found.exits else None,
            )
            for (day, area), found in sorted(
                self._days.items(), key=lambda one: (-one[0][0].toordinal(), one[0][1])
            )
            if found.entries or found.exits
        ]

    def apply(self, fact: Fact) -> None:
        if fact.type == "access_outcome":
            if fact.result in NOT_THROUGH:
                self._cancel(fact.code("of"))
        elif fact.type == "access_granted" and fact.person is not None:
            warnings = str(fact.code("warning") or "").split(",")
            tap = Tap(fact.seq, fact.person, fact.utc, AccessWarning.OUT_WITHOUT_IN.value in warnings)
            area, left = fact.code("area"), fact.code("left")
            if isinstance(area, str):
                entries = self._day(fact.utc, area).entries
                if len(entries) < _CANDIDATES:
                    entries.append(tap)
            if isinstance(left, str):
                self._day(fact.utc, left).exits.append(tap)

    def _day(self, utc: datetime, area: str) -> _Day:
        day = day_of(utc, self._time_zone, self._day_ends)
        if day > self._newest:
            self._newest = day
            for old in [key for key in self._days if (day - key[0]).days >= DAYS_KEPT]:
                del self._days[old]
        return self._days.setdefault((day, area), _Day())

    def _cancel(self, of: object) -> None:
        for found in self._days.values():
            found.entries[:] = [tap for tap in found.entries if tap.seq != of]
            kept = [tap for tap in found.exits if tap.seq != of]
            if len(kept) != len(found.exits):
                found.exits.clear()
                found.exits.extend(kept)
