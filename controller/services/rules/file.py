"""The site's rules as one TOML file: the rule book with its schedules and access levels.

A schedule is a table of days with lists of windows, its `special` one of day types (an empty list: closed);
a level is a table of access points with schedules. The file is the whole rule book; schedules and levels that
it does not name stay as they are.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, TypeVar

from controller.errors import BadInput
from controller.model.access import Hours, Schedule, SpecialDay, TimeWindow
from controller.model.rule_book import RuleBook
from controller.model.rule_book_form import NotARuleBook, from_plain, to_plain
from controller.registry.levels import LevelRow
from controller.services import typed_texts
from controller.services.access import schedules as schedule_service
from controller.services.rules.findings import Finding, RulesRefused
from controller.services.rules.toml_text import to_toml

T = TypeVar("T")
MOST_BYTES = 1_000_000
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Plain = dict[str, Any]


@dataclass(frozen=True)
class Times:
    """The windows of a schedule."""

    windows: tuple[TimeWindow, ...]
    special: tuple[SpecialDay, ...] = ()


@dataclass(frozen=True)
class RulesFile:
    """`book` is None where the file holds schedules and levels only. A level is pairs of access point and
    schedule name."""

    book: RuleBook | None
    schedules: Mapping[str, Times]
    levels: Mapping[str, tuple[tuple[str, str], ...]]


def to_text(book: RuleBook, schedules: list[Schedule], levels: list[LevelRow]) -> str:
    plain = to_plain(book)
    holidays = plain.pop("holidays")
    return to_toml(
        {
            "schedules": {one.name: _days(one) for one in schedules if not one.always},
            "levels": {one.name: _points(one) for one in levels},
            **plain,
            "holidays": holidays,
        }
    )


def read(content: bytes) -> RulesFile:
    """Parse the file. Raise RulesRefused for one that is not such a file."""
    plain = _parse(content)
    if not plain:
        raise _refused(
            "", "The file contains no rules; to publish none, write [areas] with nothing under it."
        )
    schedules = _tables("schedules", plain.pop("schedules", {}))
    levels = _tables("levels", plain.pop("levels", {}))
    try:
        book = from_plain(plain) if plain else None
    except NotARuleBook as error:
        raise _refused(error.where, error.problem) from error
    return RulesFile(
        book,
        MappingProxyType({name: _times(name, table) for name, table in schedules.items()}),
        MappingProxyType({name: _rules(name, table) for name, table in levels.items()}),
    )


def _days(schedule: Schedule) -> Plain:
    days: Plain = {}
    for window in sorted(schedule.windows, key=lambda one: (one.weekday, one.start, one.end)):
        days.setdefault(DAYS[window.weekday], []).append(_text(window))
    if schedule.special:
        days["special"] = {day.day_type: [_text(hours) for hours in day.hours] for day in schedule.special}
    return days


def _text(window: TimeWindow | Hours) -> str:
    return schedule_service.window_text(window).replace("–", "-")


def _points(level: LevelRow) -> Plain:
    points: dict[str, list[str]] = {}
    for point, _, schedule in level.rules:
        points.setdefault(point, []).append(schedule)
    return {point: names[0] if len(names) == 1 else names for point, names in points.items()}


def _parse(content: bytes) -> Plain:
    if len(content) > MOST_BYTES:
        raise _refused(
            "", f"The file is larger than {MOST_BYTES // 1_000_000} MB; that is not a file of rules."
        )
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise _refused("", "The file is not UTF-8; save it again as UTF-8.") from None
    except RecursionError:
        raise _refused("", "The file is nested too deeply; that is not a file of rules.") from None
    except tomllib.TOMLDecodeError as error:
        raise _refused("", f"This is not TOML: {error}.") from None


def _refused(where: str, problem: str) -> RulesRefused:
    return RulesRefused((Finding(where, "{problem}", {"problem": problem}),))


def _tables(part: str, found: Any) -> Plain:
    if not isinstance(found, dict):
        raise _refused(part, "must be a table of tables.")
    tables: Plain = {}
    for name, table in found.items():
        where = f"{part}.{name}"
        if not isinstance(table, dict):
            raise _refused(where, "must be a table of keys.")
        tables[_checked(where, partial(typed_texts.name_text, "name", name))] = table
    return tables


def _checked(where: str, make: Callable[[], T]) -> T:
    """Call `make`; turn its BadInput into RulesRefused with the place in the file."""
    try:
        return make()
    except BadInput as error:
        raise RulesRefused((Finding(where, error.key, error.fields),)) from error


def _times(name: str, table: Plain) -> Times:
    days = dict(table)
    special = days.pop("special", {})
    if not isinstance(special, dict):
        raise _refused(f"schedules.{name}.special", "must be a table of day types.")
    windows: list[TimeWindow] = []
    for day, found in days.items():
        if day not in DAYS:
            raise _refused(
                f"schedules.{name}.{day}", f"is not a day; write one of: {', '.join(DAYS)}, special."
            )
        windows += _windows(f"schedules.{name}.{day}", DAYS.index(day), found)
    times = Times(
        tuple(windows),
        tuple(
            SpecialDay(day_type, _hours(f"schedules.{name}.special.{day_type}", found))
            for day_type, found in sorted(special.items())
        ),
    )
    _checked(f"schedules.{name}", partial(schedule_service.refuse_bad, times.windows, times.special))
    return times


def _hours(where: str, found: Any) -> tuple[Hours, ...]:
    return tuple(sorted(Hours(one.start, one.end) for one in _windows(where, 0, found)))


def _windows(where: str, weekday: int, found: Any) -> list[TimeWindow]:
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise _refused(where, 'must be a list of windows, such as ["09:00-18:00"].')
    return [_window(where, weekday, text) for text in found]


def _window(where: str, weekday: int, text: str) -> TimeWindow:
    start, dash, end = text.partition("-")
    if not dash:
        raise _refused(where, f"{text[:20]!r} is not a window; write it as 09:00-18:00.")
    window = _checked(where, partial(schedule_service.window, weekday, start, end))
    _checked(where, partial(schedule_service.refuse_bad, (window,)))
    return window


def _rules(name: str, table: Plain) -> tuple[tuple[str, str], ...]:
    pairs: list[tuple[str, str]] = []
    for point, found in table.items():
        names = [found] if isinstance(found, str) else found
        if not isinstance(names, list) or not names or not all(isinstance(one, str) for one in names):
            raise _refused(
                f"levels.{name}.{point}", 'must be a schedule, or a list of them, such as "always".'
            )
        pairs += ((point, one) for one in names)
    return tuple(pairs)
