"""A person's category, qualifications and special permissions, as rows."""

import sqlite3
from dataclasses import dataclass
from datetime import date


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
    row = db.execute(
        "SELECT category, overrides, more_time FROM cardholders WHERE id = ?", (person_id,)
    ).fetchone()
    if row is None:
        return Standing()
    held = db.execute(
        "SELECT qualification, holds_until FROM cardholder_qualifications WHERE cardholder_id = ?"
        " ORDER BY qualification",
        (person_id,),
    )
    return Standing(
        row[0], tuple((name, date.fromisoformat(day)) for name, day in held), bool(row[1]), bool(row[2])
    )


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
