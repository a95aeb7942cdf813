"""The definitions that the door reads: rule book, schedules, access levels, day types, lockdowns.

Each function raises ValueError for more rows, longer texts or other types than any Genkan writes. The digests
are of the rows that the definitions were read from.
"""

import json
import sqlite3
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, TypeVar

from controller.model.access import Hours, Schedule, SpecialDay, TimeWindow
from controller.model.definitions import DAYS, LOCKDOWNS, RULES, Definitions
from controller.model.recorded_rights import Subject, SubjectKind
from controller.model.rule_book import RuleBook
from controller.model.rule_book_form import from_plain
from controller.registry.moments import utc_moment
from controller.registry.rights import book_content, digest
from controller.registry.typed import MOMENT, text, whole

MOST_SCHEDULES = 2000
MOST_WINDOWS = 20_000  # of all schedules together; one schedule has 50 at most
MOST_WINDOWS_OF_ONE = 1000
MOST_DAYS = 20_000
MOST_LOCKDOWNS = 1000
MOST_LEVELS = 2000
MOST_RULES = 20_000  # of all access levels together
_LONGEST_BOOK = 1024 * 1024
_DEEPEST_BOOK = 40
_SCHEDULES = "SELECT id, name, always FROM schedules ORDER BY always DESC, name LIMIT ?"
_WINDOWS = """
    SELECT schedule_id, weekday, start, end FROM schedule_windows
    ORDER BY schedule_id, weekday, start, end LIMIT ?"""
_SPECIAL = "SELECT schedule_id, day_type, start, end FROM special_windows"
_ALL_SPECIAL = _SPECIAL + " ORDER BY schedule_id, day_type, start, end LIMIT ?"
_SPECIAL_OF = _SPECIAL + " WHERE schedule_id = ? ORDER BY day_type, start, end LIMIT ?"
_DAYS = "SELECT date, day_type FROM holiday_dates ORDER BY date LIMIT ?"
_LOCKDOWNS = "SELECT area, utc FROM lockdowns ORDER BY area LIMIT ?"
_LEVELS = "SELECT id FROM access_levels ORDER BY id LIMIT ?"
_RULES = """
    SELECT level_id, access_point, schedule_id FROM access_rules
    ORDER BY level_id, access_point, schedule_id LIMIT ?"""
_BOOK = "SELECT version, body FROM rule_books ORDER BY version DESC LIMIT 1"
Digests = dict[Subject, bytes]
T = TypeVar("T")


def schedules(db: sqlite3.Connection) -> dict[str, Schedule]:
    """Schedules by name, as door modes refer to them."""
    return {schedule.name: schedule for schedule in schedules_with_digests(db)[0].values()}


def schedules_with_digests(
    db: sqlite3.Connection, has_special_days: bool = True
) -> tuple[dict[str, Schedule], Digests]:
    """By id. Registries of older programs have no special days."""
    heads = _rows(db, _SCHEDULES, MOST_SCHEDULES, "schedules")
    windows = _by_first(_rows(db, _WINDOWS, MOST_WINDOWS, "time windows"))
    special = _by_first(
        _rows(db, _ALL_SPECIAL, MOST_WINDOWS, "special time windows") if has_special_days else ()
    )
    found: dict[str, Schedule] = {}
    digests: Digests = {}
    for id_, name, always in heads:
        for rows in (windows.get(id_, []), special.get(id_, [])):
            _few(rows, MOST_WINDOWS_OF_ONE, "time windows of one schedule")
        found[id_] = Schedule(
            id=text(id_),
            name=text(name),
            windows=tuple(time_window(*window) for window in windows.get(id_, ())),
            always=bool(whole(always, 0, 1)),
            special=_special_days((id_, *row) for row in special.get(id_, ())).get(id_, ()),
        )
        _add(
            digests,
            Subject(SubjectKind.SCHEDULE, id_),
            [id_, name, always, windows.get(id_, []), special.get(id_, [])],
        )
    return found, digests


def levels_with_digests(
    db: sqlite3.Connection,
) -> tuple[dict[str, tuple[tuple[str, str], ...]], Digests]:
    """By id: access points, each with the id of a schedule."""
    rules = _by_first(_rows(db, _RULES, MOST_RULES, "access rules"))
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    digests: Digests = {}
    for (id_,) in _rows(db, _LEVELS, MOST_LEVELS, "access levels"):
        found[text(id_)] = tuple((text(point), text(schedule)) for point, schedule in rules.get(id_, ()))
        _add(digests, Subject(SubjectKind.LEVEL, id_), [id_, rules.get(id_, [])])
    return found, digests


def special_days(db: sqlite3.Connection, schedule_ids: Iterable[str]) -> dict[str, tuple[SpecialDay, ...]]:
    """By schedule id, the day types for which it has hours of their own."""
    found: dict[str, tuple[SpecialDay, ...]] = {}
    for schedule_id in schedule_ids:
        rows = db.execute(_SPECIAL_OF, (schedule_id, MOST_WINDOWS_OF_ONE + 1)).fetchall()
        found |= _special_days(_few(rows, MOST_WINDOWS_OF_ONE, "special time windows"))
    return found


def time_window(weekday: Any, start: Any, end: Any) -> TimeWindow:
    return TimeWindow(whole(weekday, 0, 6), whole(start, 0, 1439), whole(end, 0, 1440))


def day_types(db: sqlite3.Connection) -> dict[date, str]:
    """Day types by date, for days with a type of their own."""
    return days_with_digest(db)[0]


def days_with_digest(db: sqlite3.Connection) -> tuple[dict[date, str], Digests]:
    rows = _rows(db, _DAYS, MOST_DAYS, "holidays")
    found = {date.fromisoformat(text(day, MOMENT)): text(day_type) for day, day_type in rows}
    return found, _add({}, DAYS, rows)


def lockdowns_since(db: sqlite3.Connection) -> dict[str, datetime]:
    """The time each lockdown began, by area."""
    return lockdowns_with_digest(db)[0]


def lockdowns_with_digest(db: sqlite3.Connection) -> tuple[dict[str, datetime], Digests]:
    rows = _rows(db, _LOCKDOWNS, MOST_LOCKDOWNS, "lockdowns")
    found = {text(area): utc_moment(text(utc, MOMENT)) for area, utc in rows}
    return found, _add({}, LOCKDOWNS, [[area] for area, _ in rows])


def rule_book(db: sqlite3.Connection) -> RuleBook:
    """The newest published rule book."""
    return rule_book_with_digest(db, Definitions())[0]


def rule_book_with_digest(db: sqlite3.Connection, before: Definitions) -> tuple[RuleBook, Digests]:
    """`before`: definitions read earlier, whose book is returned again if this one is the same."""
    row = db.execute(_BOOK).fetchone()
    if row is None:
        return RuleBook(), _add({}, RULES, [])
    version, body = whole(row[0]), text(row[1], _LONGEST_BOOK)
    digests = _add({}, RULES, book_content(version, body))
    if before.digests.get(RULES) == digests[RULES]:
        return before.book, digests
    if _depth(body) > _DEEPEST_BOOK:
        raise ValueError(f"brackets nested more than {_DEEPEST_BOOK} deep")
    try:
        return from_plain(json.loads(body), version), digests
    except (TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error


def _add(digests: Digests, subject: Subject, content: list[Any]) -> Digests:
    digests[subject] = digest(subject, content)
    return digests


def _by_first(rows: Iterable[tuple[Any, ...]]) -> dict[Any, list[list[Any]]]:
    found: dict[Any, list[list[Any]]] = {}
    for first, *rest in rows:
        found.setdefault(text(first), []).append(rest)
    return found


def _rows(db: sqlite3.Connection, question: str, most: int, what: str) -> list[tuple[Any, ...]]:
    return _few(db.execute(question, (most + 1,)).fetchall(), most, what)


def _few(rows: list[T], most: int, what: str) -> list[T]:
    if len(rows) > most:
        raise ValueError(f"more than {most} {what}")
    return rows


def _special_days(rows: Iterable[tuple[Any, ...]]) -> dict[str, tuple[SpecialDay, ...]]:
    """A row from 0 to 0 means closed on such days; no real window is empty."""
    found: dict[str, dict[str, list[Hours]]] = {}
    for schedule_id, day_type, start, end in rows:
        hours = found.setdefault(text(schedule_id), {}).setdefault(text(day_type), [])
        if start != end:
            hours.append(Hours(whole(start, 0, 1439), whole(end, 0, 1440)))
    return {
        schedule_id: tuple(SpecialDay(day_type, tuple(hours)) for day_type, hours in days.items())
        for schedule_id, days in found.items()
    }


def _depth(body: str) -> int:
    """How deep the brackets are nested; brackets within texts count too, for opened and closed alike."""
    deepest = depth = 0
    for letter in body:
        if letter in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif letter in "]}":
            depth -= 1
    return deepest
