"""Erasing people from the log: the details beside their records go, with the salt; the records stay.

A record is about a person when the reference, one of the badges' or a card hash stands in it or beside it.
Without the salt the hash that is left in the record says nothing, and every proof still holds.
"""

import re
import sqlite3
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from controller.journal.append import Journal
from controller.journal.writing import Writing, translate_journal_errors
from controller.model.events import Event
from controller.model.orders import ActionType

AT_ONCE = 200

_ROWS = (
    "SELECT seq, body, details FROM events WHERE seq > ? AND seq <= ? "
    "AND instr(body, '\"details\":') > 0 ORDER BY seq"
)
_ERASE = "UPDATE events SET salt = NULL, details = NULL WHERE seq = ?"
_TEXT = re.compile(r'"([^"\\]+)"')
_REQUEST = f'"action":"{ActionType.ERASURE_ASKED.value}"'  # says who asked and why; it names nobody


class ErasureStep(NamedTuple):
    """Records up to number `upto` were looked at; `records` says how many are about whom."""

    upto: int
    records: Counter[str]


def erase_step(journal: Journal, wanted: Mapping[str, str], after: int) -> ErasureStep:
    """One short transaction. `wanted` leads from each reference or hash to the person it stands for.

    A record that was erased before is counted again where the record itself carries a reference, so that
    a step done twice counts the same.
    """
    with translate_journal_errors():
        writing = journal.writing
        upto = min(after + AT_ONCE, writing.tail.newest)
        records: Counter[str] = Counter()
        erased: list[int] = []
        for seq, body, details in writing.connection().execute(_ROWS, (after, upto)).fetchall():
            people = {wanted[text] for text in _TEXT.findall(f"{body}{details or ''}") if text in wanted}
            if not people or _REQUEST in body:
                continue
            records.update(people)
            if details is not None:
                erased.append(seq)
        if erased:
            writing.run([(_ERASE, (seq,)) for seq in erased])
    return ErasureStep(upto, records)


def empty_wal(writing: Writing) -> bool:
    """Leave nothing of what was erased in the WAL. False while somebody reads from it: nobody waits."""
    with translate_journal_errors():
        connection = writing.connection()
        try:
            connection.execute("PRAGMA busy_timeout = 0")
            busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            connection.execute("PRAGMA busy_timeout = 1000")
        except sqlite3.Error:
            writing.drop()
            raise
        return not busy


def is_recorded(journal: Journal, registry_id: str, erasure_id: int) -> bool:
    return journal.is_done(orders_key(registry_id), erasure_id)


def record(journal: Journal, registry_id: str, erasure_id: int, event: Event) -> None:
    """Exactly once, however often it is asked."""
    journal.append_once_for_order(orders_key(registry_id), erasure_id, event)


def orders_key(registry_id: str) -> str:
    """Erasures share the journal's memory of orders: each is carried out once and has one record."""
    return f"erasure/{registry_id}"
