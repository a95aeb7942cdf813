"""When a schedule may open or close: the minutes at which one of its windows begins or ends, and midnight.

Between two of them it does not change, so checking these checks every moment.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from controller.model.access import Schedule

_DAY = timedelta(days=1)


def edges_before(
    schedules: Iterable[Schedule], utc: datetime, zone: ZoneInfo, days: int
) -> Iterator[datetime]:
    """At `utc` or earlier, newest first, back to the midnight so many days ago."""
    minutes, today = sorted(_minutes(schedules), reverse=True), utc.astimezone(zone).date()
    for offset in range(days + 1):
        for edge in _on(today - offset * _DAY, minutes, zone):
            if edge <= utc:
                yield edge


def edges_after(
    schedules: Iterable[Schedule], utc: datetime, zone: ZoneInfo, days: int
) -> Iterator[datetime]:
    """Later than `utc`, oldest first, for so many days."""
    minutes, today = sorted(_minutes(schedules)), utc.astimezone(zone).date()
    for offset in range(days + 1):
        for edge in _on(today + offset * _DAY, minutes, zone):
            if edge > utc:
                yield edge


def _minutes(schedules: Iterable[Schedule]) -> set[int]:
    found = {0}
    for schedule in schedules:
        found.update(minute % 1440 for span in schedule.windows for minute in (span.start, span.end))
        for special in schedule.special:
            found.update(minute % 1440 for span in special.hours for minute in (span.start, span.end))
    return found


def _on(day: date, minutes: Iterable[int], zone: ZoneInfo) -> Iterator[datetime]:
    for minute in minutes:
        wall = datetime.combine(day, time(minute // 60, minute % 60), zone)
        yield wall.astimezone(UTC)
