"""Lockdowns as rows. A lockdown lasts until an operator ends it."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from controller.model.lockdowns import LoggedLockdown
from controller.model.operators import Operator
from controller.model.orders import ActionType
from controller.registry.moments import utc_moment, utc_text


@dataclass(frozen=True)
class Lockdown:
    """`area` is an area's name, or "*" for the whole site."""

    area: str
    utc: datetime
    operator_id: str
    operator_name: str
    reason: str


def in_force(db: sqlite3.Connection) -> list[Lockdown]:
    """The lockdowns in force, oldest first."""
    rows = db.execute(
        "SELECT area, utc, operator_id, operator_name, reason FROM lockdowns ORDER BY utc, area"
    )
    return [
        Lockdown(
            area=area,
            utc=utc_moment(utc),
            operator_id=operator_id,
            operator_name=operator_name,
            reason=reason,
        )
        for area, utc, operator_id, operator_name, reason in rows
    ]


def has_action(db: sqlite3.Connection, logged: LoggedLockdown) -> bool:
    """Return whether this registry knows what became of the lockdown that the log has.

    It knows a begun one if an operator has ended it since, or it is in force. It knows an ended one if it has
    the action; one restored from an older backup lacks it.
    """
    utc = utc_text(logged.utc)
    if not logged.begun:
        found = db.execute(
            "SELECT 1 FROM operator_actions WHERE id = ? AND utc = ? AND action = ? AND object_id = ?",
            (logged.action_id, utc, ActionType.LOCKDOWN_ENDED.value, logged.area),
        )
    else:
        found = db.execute(
            "SELECT 1 FROM operator_actions WHERE action = ?1 AND object_id = ?2 AND utc >= ?3"
            " UNION ALL SELECT 1 FROM lockdowns WHERE area = ?2",
            (ActionType.LOCKDOWN_ENDED.value, logged.area, utc),
        )
    return found.fetchone() is not None


def begin(db: sqlite3.Connection, area: str, operator: Operator, utc: datetime, reason: str) -> bool:
    """Begin a lockdown. Return False if the area has one already; that one stays unchanged."""
    begun = db.execute(
        "INSERT INTO lockdowns (area, utc, operator_id, operator_name, reason) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (area, utc_text(utc), operator.id, operator.display_name, reason),
    )
    return begun.rowcount == 1


def end(db: sqlite3.Connection, area: str) -> bool:
    """End the lockdown. Return False if there is none."""
    return db.execute("DELETE FROM lockdowns WHERE area = ?", (area,)).rowcount == 1
