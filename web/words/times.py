"""Moments and days as people of the site read them."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from controller.errors import N_
from web.words.language import translate
from web.words.weekdays import WEEKDAYS


def clock_text(utc: datetime, zone: ZoneInfo) -> str:
    return utc.astimezone(zone).strftime("%H:%M:%S")


def moment_text(utc: datetime, zone: ZoneInfo) -> str:
    return utc.astimezone(zone).isoformat(" ", "seconds")[:19]  # without the offset


def minute_text(utc: datetime, zone: ZoneInfo) -> str:
    return utc.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def age_text(age: timedelta, language: str, coarse: bool = False) -> str:
    """`coarse`, so that a page that refreshes every two seconds seldom changes."""
    minutes = max(int(age.total_seconds() // 60), 0)
    hours = minutes // 60
    if hours < 1 and coarse:
        return translate(language, N_("less than an hour"))
    if minutes < 2:
        return translate(language, N_("a minute"))
    if hours < 2 and not coarse:
        return translate(language, N_("{count} minutes"), count=minutes)
    if hours < 2:
        return translate(language, N_("an hour"))
    if hours < 48:
        return translate(language, N_("{count} hours"), count=hours)
    return translate(language, N_("{count} days"), count=f"{hours // 24:,}")


def seconds_text(length: timedelta, language: str) -> str:
    """Its two largest units: "3 h 12 min", "2 d 4 h", "45 s"."""
    seconds = round(length.total_seconds())
    if seconds == 0:
        return translate(language, N_("less than a second"))
    units = ((86400, N_("{n} d")), (3600, N_("{n} h")), (60, N_("{n} min")), (1, N_("{n} s")))
    first = next(place for place, (size, _) in enumerate(units) if seconds >= size)
    parts = []
    for size, words in units[first : first + 2]:
        if seconds >= size:
            parts.append(translate(language, words, n=f"{seconds // size:,}"))
            seconds %= size
    return " ".join(parts)


def day_text(day: date, language: str) -> str:
    return f"{day.isoformat()} ({translate(language, WEEKDAYS[day.weekday()])})"


def local_day(utc: datetime, zone: ZoneInfo) -> date:
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
