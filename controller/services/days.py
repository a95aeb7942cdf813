"""Days of the site and the moments they begin; validity in days against validity in moments."""

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from controller.errors import N_, BadInput

_DAY = re.compile(r"(\d{4})(?:-|/|\.|年)(\d{1,2})(?:-|/|\.|月)(\d{1,2})日?")
_YEARS = range(2000, 2200)


def day(field: str, text: str) -> date | None:
    """2026-11-24, 2026/11/24 or 2026年11月24日, whatever the width; empty means no limit."""
    typed = unicodedata.normalize("NFKC", text[:40]).strip()
    if not typed:
        return None
    match = _DAY.fullmatch(typed)
    try:
        if match is None:
            raise ValueError
        found = date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        raise BadInput(field, N_("This is not a day; write it as 2026-11-24.")) from None
    return found


def moments(
    first_day: date | None, last_day: date | None, zone: ZoneInfo
) -> tuple[datetime | None, datetime | None]:
    """From the first moment of the first day up to the first moment after the last day."""
    for field, limit in (("first_day", first_day), ("last_day", last_day)):
        if limit is not None and limit.year not in _YEARS:
            raise BadInput(
                field,
                N_("The year {year} is not allowed; write one from 2000 to 2199."),
                year=limit.year,
            )
    if first_day is not None and last_day is not None and last_day < first_day:
        raise BadInput(
            "last_day",
            N_("The last day {last} is before the first day {first}; change one of them."),
            last=last_day.isoformat(),
            first=first_day.isoformat(),
        )
    return (
        None if first_day is None else start_of(first_day, zone),
        None if last_day is None else start_of(last_day + timedelta(days=1), zone),
    )


def start_of(local_day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(local_day, time(), zone).astimezone(UTC)


def first_day_of(valid_from: datetime | None, zone: ZoneInfo) -> date | None:
    return None if valid_from is None else valid_from.astimezone(zone).date()


def last_day_of(valid_until: datetime | None, zone: ZoneInfo) -> date | None:
    """The last day touched: a badge good until noon is good on that day."""
    if valid_until is None:
        return None
    return (valid_until - timedelta(microseconds=1)).astimezone(zone).date()
