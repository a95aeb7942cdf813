"""The time windows of schedules: parsing, text, and checks that they fit together."""

import re
import unicodedata
from collections.abc import Sequence

from controller.errors import N_, BadInput
from controller.model.access import Hours, SpecialDay, TimeWindow
from controller.services.field_errors import FieldErrors

MAX_WINDOWS = 50
_TIME = re.compile(r"(\d{1,2}):(\d{2})")
_DAY = 24 * 60
_WEEK = 7 * _DAY
DAY_TYPE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")
_NOT_WITHIN = N_("A time window is not within a week; choose day and times again.")


def window(weekday: int, start: str, end: str) -> TimeWindow:
    """Parse "HH:MM" texts; "24:00" is a valid end. An end before the start is on the next day."""
    return TimeWindow(weekday, _minutes("start", start), _minutes("end", end))


def time_text(minutes: int) -> str:
    """540 -> "09:00", 1440 -> "24:00"."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _minutes(field: str, text: str) -> int:
    match = _TIME.fullmatch(unicodedata.normalize("NFKC", text[:20]).strip())
    minutes = int(match[1]) * 60 + int(match[2]) if match and int(match[2]) < 60 else -1
    if not 0 <= minutes <= (_DAY if field == "end" else _DAY - 1):
        raise BadInput(field, N_("This is not a time of day; enter it as 09:00, or 24:00 for an end."))
    return minutes


def refuse_bad(windows: Sequence[TimeWindow], special: Sequence[SpecialDay] = ()) -> None:
    """Raise BadInput for bad or overlapping windows. For one window its field is `windows.N` or
    `special.TYPE.N`, counted from 0.
    """
    if not windows and not any(day.hours for day in special):
        raise BadInput("windows", N_("The schedule has no time window, so nobody could enter; add one."))
    if len(windows) + sum(len(day.hours) for day in special) > MAX_WINDOWS:
        raise BadInput("windows", N_("A schedule can have at most {most} time windows."), most=MAX_WINDOWS)
    if any(not 0 <= w.weekday <= 6 for w in windows):
        raise BadInput("windows", _NOT_WITHIN)
    with FieldErrors() as fields:
        fields.check(_check_times, "windows", [(w.weekday * _DAY, w) for w in windows])
        for day in special:
            fields.check(_refuse_day_type, day.day_type)
            fields.check(_check_times, f"special.{day.day_type}", [(0, hours) for hours in day.hours])
    if len({day.day_type for day in special}) < len(special):
        raise BadInput("special", N_("A day type is used twice; define it once."))


def _refuse_day_type(day_type: str) -> None:
    if not DAY_TYPE.fullmatch(day_type) or day_type == "workday":
        raise BadInput("special", N_("There is no day type {name}; choose another."), name=day_type)


def _check_times(field: str, windows: Sequence[tuple[int, TimeWindow | Hours]]) -> None:
    """Check windows, each with the minute of the week at which its day begins."""
    with FieldErrors() as fields:
        for n, (_, w) in enumerate(windows):
            fields.check(_check_window, f"{field}.{n}", w)
    numbered = ((day + w.start, _length(w), n, w) for n, (day, w) in enumerate(windows))
    lasting = sorted(numbered, key=lambda one: one[:2])
    with FieldErrors() as fields:
        for place, (start, length, _, w) in enumerate(lasting):
            following, _, n, other = lasting[(place + 1) % len(lasting)]
            if len(lasting) > 1 and (following - start) % _WEEK < length:
                fields.check(_refuse_overlap, f"{field}.{n}", w, other)


def _check_window(field: str, w: TimeWindow | Hours) -> None:
    if not (0 <= w.start < _DAY and 0 <= w.end <= _DAY):
        raise BadInput(field, _NOT_WITHIN)
    if w.start == w.end:
        raise BadInput(
            field,
            N_("A time window starts and ends at {time}; for a whole day write 00:00 to 24:00."),
            time=time_text(w.start),
        )


def _refuse_overlap(field: str, w: TimeWindow | Hours, other: TimeWindow | Hours) -> None:
    raise BadInput(
        field,
        N_("The time windows {first} and {second} overlap; merge them, or change one."),
        first=window_text(w),
        second=window_text(other),
    )


def _length(window: TimeWindow | Hours) -> int:
    return window.end - window.start + (_DAY if window.end <= window.start else 0)


def window_text(window: TimeWindow | Hours) -> str:
    return f"{time_text(window.start)}–{time_text(window.end)}"
