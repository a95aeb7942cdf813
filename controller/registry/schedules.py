"""Schedules and their windows as rows."""

import sqlite3
from collections.abc import Sequence

from controller.model.access import Hours, Schedule, SpecialDay, TimeWindow
from controller.registry.definitions import special_days

# A row from 0 to 0 means closed on such days; no real window is empty.
_CLOSED = Hours(0, 0)


def all_schedules(db: sqlite3.Connection) -> list[Schedule]:
    """All schedules, `always` first."""
    rows = db.execute("SELECT id, name, always FROM schedules ORDER BY always DESC, name").fetchall()
    return [_schedule(db, row) for row in rows]


def schedule(db: sqlite3.Connection, schedule_id: str) -> Schedule | None:
    row = db.execute("SELECT id, name, always FROM schedules WHERE id = ?", (schedule_id,)).fetchone()
    return None if row is None else _schedule(db, row)


def save_schedule(
    db: sqlite3.Connection,
    schedule_id: str,
    name: str,
    windows: Sequence[TimeWindow],
    special: Sequence[SpecialDay] = (),
) -> None:
    """Add or replace a schedule. A name in use raises sqlite3.IntegrityError."""
    db.execute(
        "INSERT INTO schedules (id, name, always) VALUES (?, ?, 0)"
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name",
        (schedule_id, name),
    )
    db.execute("DELETE FROM schedule_windows WHERE schedule_id = ?", (schedule_id,))
    db.executemany(
        "INSERT INTO schedule_windows (schedule_id, weekday, start, end) VALUES (?, ?, ?, ?)",
        [(schedule_id, w.weekday, w.start, w.end) for w in dict.fromkeys(windows)],
    )
    db.execute("DELETE FROM special_windows WHERE schedule_id = ?", (schedule_id,))
    db.executemany(
        "INSERT INTO special_windows (schedule_id, day_type, start, end) VALUES (?, ?, ?, ?)",
        [
            (schedule_id, day.day_type, hours.start, hours.end)
            for day in special
            for hours in dict.fromkeys(day.hours or (_CLOSED,))
        ],
    )


def remove_schedule(db: sqlite3.Connection, schedule_id: str) -> None:
    db.execute("DELETE FROM schedules WHERE id = ?", (schedule_id,))


def levels_using(db: sqlite3.Connection, schedule_id: str) -> list[str]:
    """Names of access levels with a rule on this schedule."""
    rows = db.execute(
        "SELECT DISTINCT l.name FROM access_rules AS r JOIN access_levels AS l ON l.id = r.level_id"
        " WHERE r.schedule_id = ? ORDER BY l.name",
        (schedule_id,),
    )
    return [row[0] for row in rows]


def _schedule(db: sqlite3.Connection, row: tuple[str, str, int]) -> Schedule:
    id_, name, always = row
    windows = db.execute(
        "SELECT weekday, start, end FROM schedule_windows WHERE schedule_id = ? ORDER BY weekday, start, end",
        (id_,),
    )
    return Schedule(
        id=id_,
        name=name,
        windows=tuple(TimeWindow(weekday, start, end) for weekday, start, end in windows),
        always=bool(always),
        special=special_days(db, (id_,)).get(id_, ()),
    )
