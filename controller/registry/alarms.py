"""Acknowledgements of alarms, by the alarm's record number, with a note. Rows are kept permanently."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from controller.model.operators import Operator
from controller.registry.moments import utc_moment, utc_text

_ADD = (
    "INSERT INTO alarm_acknowledgements (alarm_seq, utc, operator_id, operator_name, note)"
    " VALUES (?, ?, ?, ?, ?)"
)
_ROW = "SELECT alarm_seq, utc, operator_name, note FROM alarm_acknowledgements"


@dataclass(frozen=True)
class Acknowledgement:
    alarm_seq: int
    utc: datetime
    operator_name: str
    note: str


def acknowledge(
    db: sqlite3.Connection, alarm_seqs: Iterable[int], utc: datetime, operator: Operator, note: str
) -> None:
    """Acknowledge alarms, none of which may be acknowledged already."""
    db.executemany(
        _ADD, [(seq, utc_text(utc), operator.id, operator.display_name, note) for seq in alarm_seqs]
    )


def acknowledged_since(db: sqlite3.Connection, alarm_seq: int) -> set[int]:
    """The numbers of acknowledged alarms from `alarm_seq` on."""
    rows = db.execute("SELECT alarm_seq FROM alarm_acknowledgements WHERE alarm_seq >= ?", (alarm_seq,))
    return {row[0] for row in rows}


def acknowledgement(db: sqlite3.Connection, alarm_seq: int) -> Acknowledgement | None:
    row = db.execute(_ROW + " WHERE alarm_seq = ?", (alarm_seq,)).fetchone()
    return None if row is None else _acknowledgement(row)


def newest(db: sqlite3.Connection, limit: int) -> list[Acknowledgement]:
    """The acknowledgements of the newest alarms, newest alarm first."""
    return [_acknowledgement(row) for row in db.execute(_ROW + " ORDER BY alarm_seq DESC LIMIT ?", (limit,))]


def _acknowledgement(row: tuple[int, str, str, str]) -> Acknowledgement:
    alarm_seq, utc, operator_name, note = row
    return Acknowledgement(alarm_seq, utc_moment(utc), operator_name, note)
