"""Dates with a day type of their own, as rows. The door uses these.

Publishing the rules computes them; the door itself knows no holiday calendar.
"""

import sqlite3
from collections.abc import Mapping
from datetime import date


def replace_day_types(db: sqlite3.Connection, days: Mapping[date, str]) -> None:
    """Replace all day types with these."""
    db.execute("DELETE FROM holiday_dates")
    add_day_types(db, days)


def add_day_types(db: sqlite3.Connection, days: Mapping[date, str]) -> None:
    """Add day types; a date that has one keeps it."""
    db.executemany(
        "INSERT OR IGNORE INTO holiday_dates (date, day_type) VALUES (?, ?)",
        [(day.isoformat(), day_type) for day, day_type in days.items()],
    )
