"""Lockdowns as rows: a state, which lasts until somebody ends it."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from controller.model.operators import Operator
from controller.registry.moments import utc_moment, utc_text


@dataclass(frozen=True)
class Lockdown:
    """`area` is the name of one, or "*" for the whole site."""

    area: str
    utc: datetime
    operator_id: str
    operator_name: str
    reason: str


def in_force(db: sqlite3.Connection) -> list[Lockdown]:
    """Oldest first."""
    rows = db.execute(
        "SELECT area, utc, operator_id, operator_name, reason FROM lockdowns ORDER BY utc, area"
    )
    return [Lockdown(row[0], utc_moment(row[1]), *row[2:]) for row in rows]


def begin(db: sqlite3.Connection, area: str, operator: Operator, utc: datetime, reason: str) -> bool:
    """False: it is on already, and stays as it was begun."""
    begun = db.execute(
        "INSERT INTO lockdowns (area, utc, operator_id, operator_name, reason) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (area, utc_text(utc), operator.id, operator.display_name, reason),
    )
    return begun.rowcount == 1


def end(db: sqlite3.Connection, area: str) -> bool:
    """False: there is none."""
    return db.execute("DELETE FROM lockdowns WHERE area = ?", (area,)).rowcount == 1
