"""Months of the site: their bounds, and which there are to choose from."""

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from web.words.times import day_bounds

MOST = 36  # a longer list does not help; older months still have their address


def parse_month(text: str) -> date | None:
    """The first day of "2026-11"; None if the text is not a month."""
    year, dash, number = text.strip().partition("-")
    if not (dash and len(year) == 4 and len(number) == 2 and (year + number).isascii()):
        return None
    try:
        return date(int(year), int(number), 1)
    except ValueError:
        return None


def month_bounds(first_day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """In UTC, the end exclusive."""
    return day_bounds(first_day, zone)[0], day_bounds(following(first_day), zone)[0]


def following(first_day: date) -> date:
    return date(first_day.year + first_day.month // 12, first_day.month % 12 + 1, 1)


def previous(first_day: date) -> date:
    return date(first_day.year - (first_day.month == 1), (first_day.month - 2) % 12 + 1, 1)


def months_back(newest: date, oldest: date) -> tuple[date, ...]:
    """First days, from the newest back to the oldest."""
    return tuple(_back(newest.replace(day=1), oldest.replace(day=1)))


def _back(newest: date, oldest: date) -> Iterator[date]:
    month = newest
    for _ in range(MOST):
        if month < oldest or month.year < 2000:
            return
        yield month
        month = previous(month)
