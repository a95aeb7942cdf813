"""Access levels and their rules as rows."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class LevelRow:
    id: str
    name: str
    rules: tuple[tuple[str, str, str], ...]  # access point, schedule id, schedule name


def all_levels(db: sqlite3.Connection) -> list[LevelRow]:
    return [
        LevelRow(id_, name, _rules(db, id_))
        for id_, name in db.execute("SELECT id, name FROM access_levels ORDER BY name")
    ]


def level(db: sqlite3.Connection, level_id: str) -> LevelRow | None:
    row = db.execute("SELECT id, name FROM access_levels WHERE id = ?", (level_id,)).fetchone()
    return None if row is None else LevelRow(row[0], row[1], _rules(db, row[0]))


def level_ids_by_name(db: sqlite3.Connection) -> dict[str, str]:
    return dict(db.execute("SELECT name, id FROM access_levels"))


def save_level(db: sqlite3.Connection, level_id: str, name: str, rules: Sequence[tuple[str, str]]) -> None:
    """Add or replace a level. A duplicate name or unknown schedule raises sqlite3.IntegrityError."""
    db.execute(
        "INSERT INTO access_levels (id, name) VALUES (?, ?)"
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name",
        (level_id, name),
    )
    db.execute("DELETE FROM access_rules WHERE level_id = ?", (level_id,))
    db.executemany(
        "INSERT INTO access_rules (level_id, access_point, schedule_id) VALUES (?, ?, ?)",
        [(level_id, point, schedule_id) for point, schedule_id in dict.fromkeys(rules)],
    )


def remove_level(db: sqlite3.Connection, level_id: str) -> None:
    db.execute("DELETE FROM access_levels WHERE id = ?", (level_id,))


def holders(db: sqlite3.Connection, level_id: str) -> int:
    """Count of people with the level. Unpublished imports count: the level must not be deleted under them."""
    count: int = db.execute(
        "SELECT count(*) FROM cardholder_levels WHERE level_id = ?", (level_id,)
    ).fetchone()[0]
    return count


def _rules(db: sqlite3.Connection, level_id: str) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        db.execute(
            "SELECT r.access_point, s.id, s.name FROM access_rules AS r JOIN schedules AS s"
            " ON s.id = r.schedule_id WHERE r.level_id = ? ORDER BY r.access_point, s.name",
            (level_id,),
        )
    )
