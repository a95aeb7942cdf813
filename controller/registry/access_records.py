"""The tap's SELECT: everything the registry knows about one card at one access point.

One statement reads meta, badge, holder and the holder's rules; LEFT JOINs force SQLite to this order: from
the one row of meta to the one card, its holder, and the holder's levels.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from controller.model.access import AccessRecord, AccessRule, Schedule, SpecialDay, TimeWindow
from controller.model.credentials import (
    Assurance,
    Cardholder,
    CardholderStatus,
    Credential,
    CredentialStatus,
)
from controller.registry.definitions import special_days, time_window
from controller.registry.moments import utc_moment
from controller.registry.schema import FIRST_WITH_RULES
from controller.registry.typed import MOMENT, text, text_or_none, whole
from controller.sqlite.limits import concerns_a_value

_HEAD = """
    SELECT m.registry_version, m.min_reader, m.registry_id,
           c.id, c.status, c.last_four, c.valid_from, c.valid_until, c.assurance, h.id, h.name, h.status,"""
_RULE_COLUMNS = """ h.category, h.overrides, h.more_time, EXISTS (SELECT 1 FROM special_windows),
           l.valid_from, l.valid_until,"""
_NO_RULE_COLUMNS = " NULL, 0, 0, 0, NULL, NULL,"  # schema 3: the web service has not migrated the file yet
_MOST_ROWS = 5000  # windows of one holder's rules at one access point
_TAIL = """
           s.id, s.name, s.always, w.weekday, w.start, w.end
    FROM meta AS m
    LEFT JOIN credentials AS c ON c.card_hash = ?
         AND (c.import_id IS NULL
              OR EXISTS (SELECT 1 FROM imports WHERE id = c.import_id AND published_utc IS NOT NULL))
    LEFT JOIN cardholders AS h ON h.id = c.cardholder_id
    LEFT JOIN cardholder_levels AS l ON l.cardholder_id = h.id
    LEFT JOIN access_rules AS r ON r.level_id = l.level_id AND r.access_point = ?
    LEFT JOIN schedules AS s ON s.id = r.schedule_id
    LEFT JOIN schedule_windows AS w ON w.schedule_id = s.id
    LIMIT ?"""
_FIND = _HEAD + _RULE_COLUMNS + _TAIL
# Each row has meta, badge and holder, and then one window of one of the holder's rules.
_META, _BADGE, _HOLDER = slice(0, 3), slice(3, 9), slice(9, 15)
_SPECIAL_DAYS, _RULE = slice(15, 16), slice(16, 24)
_FIND_3 = _HEAD + _NO_RULE_COLUMNS + _TAIL
_QUALIFICATIONS = (
    "SELECT qualification, holds_until FROM cardholder_qualifications WHERE cardholder_id = ? LIMIT ?"
)
_MOST_QUALIFICATIONS = 100


class BadgeRefused(Exception):
    """The data of this badge or its holder cannot be used; other badges can."""

    def __init__(self, badge: object, why: Exception) -> None:
        super().__init__(f"badge {badge if isinstance(badge, str) else ''} ({why})")


@dataclass(frozen=True)
class Meta:
    version: int
    min_reader: int
    registry_id: str


@dataclass(frozen=True)
class Found:
    """Meta and record come from one snapshot; `meta` is None while the registry is being created."""

    meta: Meta | None
    record: AccessRecord | None


def meta_of(row: tuple[Any, ...]) -> Meta:
    """Raise ValueError for a row that no Genkan writes."""
    version, min_reader, registry_id = row
    return Meta(whole(version), whole(min_reader), text(registry_id))


def find(db: sqlite3.Connection, schema: int, card_hash: bytes, access_point: str) -> Found:
    """Raise BadgeRefused, or ValueError if meta or a definition has a value that no Genkan writes."""
    has_rules = schema >= FIRST_WITH_RULES
    values = (card_hash, access_point, _MOST_ROWS + 1)
    try:
        rows = db.execute(_FIND if has_rules else _FIND_3, values).fetchall()
    except sqlite3.Error as error:
        if concerns_a_value(error):
            raise BadgeRefused("", error) from error
        raise
    if not rows:
        return Found(None, None)
    meta = meta_of(rows[0][_META])
    if len(rows) > _MOST_ROWS:
        raise ValueError(f"more than {_MOST_ROWS} time windows at {access_point}")
    badge, holder = rows[0][_BADGE], rows[0][_HOLDER]
    badge_id, person = badge[0], holder[0]
    if badge_id is None or person is None:
        return Found(meta, None)
    (has_special_days,) = rows[0][_SPECIAL_DAYS]
    special = special_days(db, _schedules_of(rows)) if has_special_days else {}
    rules = _rules(access_point, rows, special)
    try:
        held = _qualifications(db, person) if has_rules else ()
        return Found(meta, AccessRecord(_credential(badge), _cardholder(holder, held), rules))
    except (ValueError, sqlite3.Error) as error:
        if isinstance(error, sqlite3.Error) and not concerns_a_value(error):
            raise
        raise BadgeRefused(badge_id, error) from error


def _credential(badge: tuple[Any, ...]) -> Credential:
    badge_id, status, last_four, valid_from, valid_until, assurance = badge
    return Credential(
        text(badge_id),
        CredentialStatus(status),
        text(last_four),
        _moment(valid_from),
        valid_until=_moment(valid_until),
        assurance=Assurance(whole(assurance)),
    )


def _cardholder(holder: tuple[Any, ...], held: tuple[tuple[str, date], ...]) -> Cardholder:
    person, name, status, category, overrides, more_time = holder
    return Cardholder(
        text(person),
        text(name),
        CardholderStatus(status),
        text_or_none(category),
        qualifications=held,
        overrides=bool(whole(overrides, 0, 1)),
        more_time=bool(whole(more_time, 0, 1)),
    )


def _qualifications(db: sqlite3.Connection, person: str) -> tuple[tuple[str, date], ...]:
    held = db.execute(_QUALIFICATIONS, (person, _MOST_QUALIFICATIONS + 1)).fetchall()
    if len(held) > _MOST_QUALIFICATIONS:
        raise ValueError(f"more than {_MOST_QUALIFICATIONS} qualifications")
    return tuple((text(name), date.fromisoformat(text(until, MOMENT))) for name, until in held)


def _moment(value: Any) -> datetime | None:
    return None if value is None else utc_moment(text(value, MOMENT))


def _schedules_of(rows: list[tuple[Any, ...]]) -> set[str]:
    found = {schedule_id for _, _, schedule_id, *_ in (row[_RULE] for row in rows)}
    return {text(schedule_id) for schedule_id in found - {None}}


def _rules(
    access_point: str, rows: list[tuple[Any, ...]], special: Mapping[str, tuple[SpecialDay, ...]]
) -> tuple[AccessRule, ...]:
    """Group rows into rules. A schedule in two levels with different times gives two rules."""
    found: dict[tuple[str | None, ...], tuple[str, bool, list[TimeWindow]]] = {}
    for row in rows:
        valid_from, valid_until, schedule_id, name, always, weekday, start, end = row[_RULE]
        if schedule_id is None:
            continue  # this level has no rule for the access point
        key = (schedule_id, valid_from, valid_until)
        windows = found.setdefault(key, (text(name), bool(whole(always, 0, 1)), []))[2]
        if weekday is not None:
            windows.append(time_window(weekday, start, end))
    return tuple(
        AccessRule(
            access_point,
            Schedule(text(id), name, tuple(dict.fromkeys(windows)), always, special=special.get(str(id), ())),
            _moment(valid_from),
            _moment(valid_until),
        )
        for (id, valid_from, valid_until), (name, always, windows) in found.items()
    )
