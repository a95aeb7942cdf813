"""Dates that are not as other days of their weekday, as rows: what the door goes by.

They are worked out where the rules are published; the door knows no calendar of holidays itself.
"""

import sqlite3
from collections.abc import Mapping
from datetime import date


def day_types(db: sqlite3.Connection) -> dict[date, str]:
    """Raises ValueError for a date that is none."""
    return {
        date.fromisoformat(day): day_type
        for day, day_type in db.execute("SELECT date, day_type FROM holiday_dates ORDER BY date")
    }


def replace_day_types(db: sqlite3.Connection, days: Mapping[date, str]) -> None:
    """These and no others."""
    db.execute("DELETE FROM holiday_dates")
    add_day_types(db, days)


def add_day_types(db: sqlite3.Connection, days: Mapping[date, str]) -> None:
    """Besides those there are; one that is there stays as it is."""
    db.executemany(
        "INSERT OR IGNORE INTO holiday_dates (date, day_type) VALUES (?, ?)",
        [(day.isoformat(), day_type) for day, day_type in days.items()],
    )
