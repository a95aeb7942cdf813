"""Days of the site: which one a moment is in, where one begins and ends, and as a date field sends it."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo


def local_day(utc: datetime, zone: tzinfo) -> date:
    return utc.astimezone(zone).date()


def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The day from local midnight to the next; 23 or 25 hours where the clocks change."""
    start = datetime.combine(day, time(), zone)
    end = datetime.combine(day + timedelta(days=1), time(), zone)
    return start.astimezone(UTC), end.astimezone(UTC)


def parse_day(text: str) -> date | None:
    """From a date field, "2026-11-24"; None when empty. ValueError for an invalid day."""
    cleaned = text.strip()
    if not cleaned:
        return None
    day = date.fromisoformat(cleaned)
    if not 2000 <= day.year <= 2999:
        raise ValueError(cleaned)
    return day
