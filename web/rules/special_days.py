"""What a schedule does on holidays and special days, as its form shows and sends it.

Lists of equal length: `special_type` and `special_as` for each day type, `special_of`, `special_start` and
`special_end` for each of their windows.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from fastapi import Form as Field

from controller.errors import N_, BadInput
from controller.model.access import Hours, SpecialDay, TimeWindow
from controller.services.access import schedules
from controller.services.field_errors import FieldErrors

AS_OTHER_DAYS, CLOSED, OWN_HOURS = "", "closed", "hours"
SPARE = 2  # windows that can be filled in
_Several = Annotated[list[str], Field(max_length=500)]
_NONE: list[str] = []


@dataclass(frozen=True, slots=True)
class TypedDay:
    what: str
    hours: tuple[tuple[str, str], ...] = ()


TypedDays = Mapping[str, TypedDay]


def _sent(
    special_type: _Several = _NONE,
    special_as: _Several = _NONE,
    special_of: _Several = _NONE,
    special_start: _Several = _NONE,
    special_end: _Several = _NONE,
) -> TypedDays:
    cells = [
        (day_type, start.strip(), end.strip())
        for day_type, start, end in zip(special_of, special_start, special_end, strict=False)
        if start.strip() or end.strip()
    ]
    return {
        day_type: TypedDay(what, tuple(cell[1:] for cell in cells if cell[0] == day_type))
        for day_type, what in zip(special_type, special_as, strict=False)
    }


Special = Annotated[TypedDays, Depends(_sent)]


def as_typed(special: Sequence[SpecialDay]) -> TypedDays:
    return {
        day.day_type: TypedDay(
            OWN_HOURS if day.hours else CLOSED,
            tuple((schedules.time_text(one.start), schedules.time_text(one.end)) for one in day.hours),
        )
        for day in special
    }


def parse_days(special: TypedDays) -> list[SpecialDay]:
    """Refuse hours that are typed beside another choice, instead of ignoring them."""
    days = []
    with FieldErrors() as fields:
        for day_type, typed in special.items():
            if typed.what in (CLOSED, OWN_HOURS) or typed.hours:
                days.append(fields.check(_parse_day, day_type, typed))
    return days


def _parse_day(day_type: str, typed: TypedDay) -> SpecialDay:
    if typed.what != OWN_HOURS and typed.hours:
        raise BadInput(
            f"special.{day_type}",
            N_("The hours for {name} would have no effect; choose own hours, or clear them."),
            name=day_type,
        )
    if typed.what == CLOSED:
        return SpecialDay(day_type)
    if not typed.hours:
        raise BadInput(
            f"special.{day_type}", N_("Enter the hours for {name}, or choose closed."), name=day_type
        )
    with FieldErrors() as fields:
        windows = [
            fields.check(window, f"special.{day_type}.{n}", 0, start=start, end=end)
            for n, (start, end) in enumerate(typed.hours)
        ]
    return SpecialDay(day_type, tuple(Hours(one.start, one.end) for one in windows))


def fields_of(day_type: str, windows: int) -> list[str]:
    """The names of its fields, in the order of the page."""
    return [f"special.{day_type}", *(f"special.{day_type}.{n}" for n in range(windows))]


def rows(special: TypedDays, day_types: Iterable[str]) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Day type, what was chosen, and the windows with room for more."""
    found = []
    for day_type in day_types:
        day = special.get(day_type, TypedDay(AS_OTHER_DAYS))
        found.append((day_type, day.what, [*day.hours, *[("", "")] * max(SPARE - len(day.hours), 1)]))
    return found


def window(field: str, weekday: int, start: str, end: str) -> TimeWindow:
    try:
        return schedules.window(weekday, _with_colon(start), _with_colon(end))
    except BadInput:
        raise BadInput(
            field,
            N_("“{start} – {end}” are not valid times; write both as 09:00; the end of the day is 24:00."),
            start=start,
            end=end,
        ) from None


def _with_colon(text: str) -> str:
    """0900 and 9 are quicker to type on a phone."""
    digits = unicodedata.normalize("NFKC", text[:20]).strip()
    if not (digits.isascii() and digits.isdigit()):
        return digits
    return f"{digits}:00" if len(digits) <= 2 else f"{digits[:-2]}:{digits[-2:]}"
