"""A person's category, qualifications and special permissions, as rows."""

import json
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from controller.registry.schema import unreadable_row


@dataclass(frozen=True, slots=True)
class Standing:
    """`qualifications` are (name, last valid day), ordered by name. `overrides`: may enter in a lockdown and
    at a locked door. `more_time`: the held-open warning comes later for this person.
    """

    category: str | None = None
    qualifications: tuple[tuple[str, date], ...] = ()
    overrides: bool = False
    more_time: bool = False


def standing(db: sqlite3.Connection, person_id: str) -> Standing:
    return standings(db, [person_id]).get(person_id, Standing())


def standings(db: sqlite3.Connection, person_ids: Collection[str]) -> dict[str, Standing]:
    """The standing of several people, by person; without those that the registry does not hold."""
    wanted = (json.dumps(list(person_ids)),)
    held: dict[str, list[tuple[str, date]]] = {}
    for person_id, name, day in db.execute(_QUALIFICATIONS, wanted):
        try:
            held.setdefault(person_id, []).append((name, date.fromisoformat(day)))
        except ValueError as error:
            raise unreadable_row("cardholder_qualifications", person_id, error) from error
    return {
        person_id: Standing(category, tuple(held.get(person_id, ())), bool(overrides), bool(more_time))
        for person_id, category, overrides, more_time in db.execute(_STANDINGS, wanted)
    }


_QUALIFICATIONS = """
    SELECT q.cardholder_id, q.qualification, q.holds_until
    FROM json_each(?) AS wanted CROSS JOIN cardholder_qualifications AS q ON q.cardholder_id = wanted.value
    ORDER BY q.qualification"""
_STANDINGS = """
    SELECT h.id, h.category, h.overrides, h.more_time
    FROM json_each(?) AS wanted CROSS JOIN cardholders AS h ON h.id = wanted.value"""


def save_standing(db: sqlite3.Connection, person_id: str, standing: Standing) -> None:
    db.execute(
        "UPDATE cardholders SET category = ?, overrides = ?, more_time = ? WHERE id = ?",
        (standing.category, standing.overrides, standing.more_time, person_id),
    )
    db.execute("DELETE FROM cardholder_qualifications WHERE cardholder_id = ?", (person_id,))
    db.executemany(
        "INSERT INTO cardholder_qualifications (cardholder_id, qualification, holds_until) VALUES (?, ?, ?)",
        [(person_id, name, day.isoformat()) for name, day in standing.qualifications],
    )


def category_of(db: sqlite3.Connection, person_id: str) -> str | None:
    """The person's category; None without one, and for an unknown person."""
    row = db.execute("SELECT category FROM published_cardholders WHERE id = ?", (person_id,)).fetchone()
    return None if row is None else row[0]


def category_counts(db: sqlite3.Connection) -> dict[str, int]:
    """Count of people in each category, including suspended people."""
    return dict(
        db.execute(
            "SELECT category, count(*) FROM published_cardholders WHERE category IS NOT NULL GROUP BY 1"
        )
    )


def people_in_category(db: sqlite3.Connection, category: str) -> list[tuple[str, str]]:
    """Ids and names of the people in a category."""
    return db.execute(
        "SELECT id, name FROM published_cardholders WHERE category = ? ORDER BY id", (category,)
    ).fetchall()


def move_category(db: sqlite3.Connection, before: str, after: str) -> None:
    """Move all people of one category to another."""
    db.execute("UPDATE cardholders SET category = ? WHERE category = ?", (after, before))
