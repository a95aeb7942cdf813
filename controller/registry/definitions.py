"""The definitions that the door reads: rule book, schedules, day types, lockdowns.

Each function raises ValueError for more rows, longer texts or other types than any Genkan writes.
"""

import json
import sqlite3
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from controller.model.access import Hours, Schedule, SpecialDay, TimeWindow
from controller.model.rule_book import RuleBook
from controller.model.rule_book_form import from_plain
from controller.registry.moments import utc_moment
from controller.registry.typed import MOMENT, text, whole

MOST_SCHEDULES = 2000
MOST_WINDOWS = 20_000  # of all schedules together; one schedule has 50 at most
MOST_WINDOWS_OF_ONE = 1000
MOST_DAYS = 20_000
MOST_LOCKDOWNS = 1000
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
_LOCKDOWNS = "SELECT area, utc FROM lockdowns LIMIT ?"
_BOOK = "SELECT version, body FROM rule_books ORDER BY version DESC LIMIT 1"


def schedules(db: sqlite3.Connection) -> dict[str, Schedule]:
    """Schedules by name, as door modes refer to them."""
    heads = _rows(db, _SCHEDULES, MOST_SCHEDULES, "schedules")
    windows: dict[str, list[TimeWindow]] = {}
    for schedule_id, *window in _rows(db, _WINDOWS, MOST_WINDOWS, "time windows"):
        windows.setdefault(text(schedule_id), []).append(time_window(*window))
    special = _special_days(_rows(db, _ALL_SPECIAL, MOST_WINDOWS, "special time windows"))
    return {
        text(name): Schedule(
            id=text(id_),
            name=name,
            windows=tuple(windows.get(id_, ())),
            always=bool(whole(always, 0, 1)),
            special=special.get(id_, ()),
        )
        for id_, name, always in heads
    }


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
    rows = _rows(db, _DAYS, MOST_DAYS, "holidays")
    return {date.fromisoformat(text(day, MOMENT)): text(day_type) for day, day_type in rows}


def lockdowns_since(db: sqlite3.Connection) -> dict[str, datetime]:
    """The time each lockdown began, by area."""
    rows = _rows(db, _LOCKDOWNS, MOST_LOCKDOWNS, "lockdowns")
    return {text(area): utc_moment(text(utc, MOMENT)) for area, utc in rows}


def rule_book(db: sqlite3.Connection) -> RuleBook:
    """The newest published rule book."""
    row = db.execute(_BOOK).fetchone()
    if row is None:
        return RuleBook()
    version, body = whole(row[0]), text(row[1], _LONGEST_BOOK)
    if _depth(body) > _DEEPEST_BOOK:
        raise ValueError(f"brackets nested more than {_DEEPEST_BOOK} deep")
    try:
        return from_plain(json.loads(body), version)
    except (TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error


def _rows(db: sqlite3.Connection, question: str, most: int, what: str) -> list[tuple[Any, ...]]:
    return _few(db.execute(question, (most + 1,)).fetchall(), most, what)


def _few(rows: list[tuple[Any, ...]], most: int, what: str) -> list[tuple[Any, ...]]:
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
