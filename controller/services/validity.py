"""Validity limits: converts days and minutes in the site's time zone to moments and back."""

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from controller.errors import N_, BadInput
from controller.model.import_codes import ImportCode
from controller.services.field_errors import FieldErrors

_DAY = re.compile(r"(\d{4})(?:-|/|\.|年)(\d{1,2})(?:-|/|\.|月)(\d{1,2})日?")
_YEARS = range(2000, 2200)
END_BEFORE_START = N_("The end must come after the start.")
_TIME = re.compile(r"(.+?)(?: +|T)(\d{1,2}):(\d{2})(?::\d{2})?")

Limit = date | datetime | None
"""A day counts whole, as the first or the last one; an aware moment begins or ends at its minute."""


def day(field: str, text: str) -> date | None:
    """2026-11-24, 2026/11/24 or 2026年11月24日, full-width or half-width; empty means no limit."""
    typed = unicodedata.normalize("NFKC", text[:40]).strip()
    if not typed:
        return None
    match = _DAY.fullmatch(typed)
    try:
        if match is None:
            raise ValueError
        found = date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        raise BadInput(
            field, N_("This is not a day; enter it as 2026-11-24."), ImportCode.NOT_A_DAY
        ) from None
    return found


def days(first: str, last: str) -> tuple[date | None, date | None]:
    """The first and the last day, as typed in `first_day` and `last_day`."""
    with FieldErrors() as fields:
        first_day = fields.check(day, "first_day", first)
        last_day = fields.check(day, "last_day", last)
    moments(first_day, last_day, ZoneInfo("UTC"))
    return first_day, last_day


def limit(field: str, text: str, zone: ZoneInfo) -> Limit:
    """A day as `day` reads it, or with the site's local time after it: 2026-11-24 18:30."""
    typed = unicodedata.normalize("NFKC", text[:40]).strip()
    match = _TIME.fullmatch(typed)
    if match is None:
        return day(field, typed)
    try:
        found = day(field, match[1])
        if found is None or found.year not in _YEARS:
            raise ValueError
        return datetime.combine(found, time(int(match[2]), int(match[3])), zone).astimezone(UTC)
    except (BadInput, ValueError):
        raise BadInput(
            field,
            N_("This is not a date with a time; enter it as 2027-05-01 18:00."),
            ImportCode.NOT_A_MOMENT,
        ) from None


def moments(
    first: Limit, last: Limit, zone: ZoneInfo, fields: tuple[str, str] = ("first_day", "last_day")
) -> tuple[datetime | None, datetime | None]:
    """Start (inclusive) and end (exclusive) of the validity in UTC; None: no limit.

    Raise BadInput naming one of `fields` for a year out of range or an end before the start.
    """
    with FieldErrors() as years:
        for field, limit in zip(fields, (first, last), strict=True):
            if limit is not None:
                years.check(_refuse_year, field, limit.year)
    of_days = not isinstance(first, datetime) and not isinstance(last, datetime)
    if of_days and first is not None and last is not None and last < first:
        raise BadInput(
            fields[1],
            N_("The last day {last} is before the first day {first}; change one of them."),
            ImportCode.LAST_BEFORE_FIRST,
            last=last.isoformat(),
            first=first.isoformat(),
        )
    start = first if first is None or isinstance(first, datetime) else start_of(first, zone)
    end = last if last is None or isinstance(last, datetime) else start_of(last + timedelta(days=1), zone)
    if not of_days and start is not None and end is not None and end <= start:
        raise BadInput(fields[1], END_BEFORE_START, ImportCode.END_BEFORE_START)
    return start, end


def _refuse_year(field: str, year: int) -> None:
    if year not in _YEARS:
        raise BadInput(
            field,
            N_("The year {year} is not allowed; write one from 2000 to 2199."),
            ImportCode.BAD_YEAR,
            year=year,
        )


def start_of(local_day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(local_day, time(), zone).astimezone(UTC)


def first_day_of(valid_from: datetime | None, zone: ZoneInfo) -> date | None:
    return None if valid_from is None else valid_from.astimezone(zone).date()


def last_day_of(valid_until: datetime | None, zone: ZoneInfo) -> date | None:
    """The last day with a valid moment: a badge valid until noon is valid on that day."""
    if valid_until is None:
        return None
    return (valid_until - timedelta(microseconds=1)).astimezone(zone).date()


def first_limit(valid_from: datetime | None, zone: ZoneInfo) -> Limit:
    """The day, if `valid_from` is its first moment; else the moment itself."""
    day = first_day_of(valid_from, zone)
    return day if day is None or start_of(day, zone) == valid_from else valid_from


def last_limit(valid_until: datetime | None, zone: ZoneInfo) -> Limit:
    """The day, if `valid_until` is its end; else the moment itself."""
    day = last_day_of(valid_until, zone)
    return day if day is None or start_of(day + timedelta(days=1), zone) == valid_until else valid_until


def limit_text(limit: Limit, zone: ZoneInfo) -> str | None:
    """2026-11-24, or 2026-11-24 18:30 in the site's local time; `limit` reads it back."""
    if isinstance(limit, datetime):
        return limit.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    return None if limit is None else limit.isoformat()
