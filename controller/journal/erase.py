"""Erase people from the log: delete the details and the salt beside their records; keep the records.

A record is about a person if the record or its details contain the person's reference, a badge's, or a card
hash. Without the salt, the hash that stays in the record reveals nothing, and every proof stays valid.
"""

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from controller.journal.append import Journal
from controller.journal.latest import erasure_thing
from controller.journal.writing import Writing, translate_journal_errors
from controller.model.events import Event
from controller.model.orders import ActionType

AT_ONCE = 200

_ROWS = (
    "SELECT seq, body, details FROM events WHERE seq > ? AND seq <= ? "
    "AND instr(body, '\"details\":') > 0 ORDER BY seq"
)
_ERASE = "UPDATE events SET salt = NULL, details = NULL WHERE seq = ?"
_NEWEST = "SELECT e.seq, e.body FROM latest AS l JOIN events AS e ON e.seq = l.seq WHERE l.thing = ?"
_TRUSTED_FROM = (
    'SELECT body FROM events WHERE seq >= ? AND instr(body, \'"clock":"untrusted"\') = 0 ORDER BY seq LIMIT 1'
)
_TEXT = re.compile(r'"([^"\\]+)"')
_REQUEST = (
    f'"action":"{ActionType.ERASURE_ASKED.value}"'  # holds who requested it and why; it names no cardholder
)


class ErasureStep(NamedTuple):
    """The step read records up to number `upto`; `records` counts them by person."""

    upto: int
    records: Counter[str]


class LoggedRequest(NamedTuple):
    """The newest record about erasing a person. `requested_utc` is the registrar's time; `utc`, `boot` and
    `mono_ms` are the door's, of the first record from there on whose clock was not untrusted.
    """

    is_cancelled: bool
    requested_utc: datetime
    utc: datetime
    boot: str
    mono_ms: int


def newest_request(journal: Journal, person: str) -> LoggedRequest | None:
    """None if the log has none, or no trusted time since."""
    with translate_journal_errors():
        db = journal.writing.connection()
        found = db.execute(_NEWEST, (erasure_thing(person),)).fetchone()
        later = None if found is None else db.execute(_TRUSTED_FROM, (found[0],)).fetchone()
    if found is None or later is None:
        return None
    request, timed = json.loads(found[1]), json.loads(later[0])
    return LoggedRequest(
        is_cancelled=request.get("action") != ActionType.ERASURE_ASKED,
        requested_utc=datetime.fromisoformat(request["done_utc"]),
        utc=datetime.fromisoformat(timed["utc"]),
        boot=timed["boot"],
        mono_ms=timed["mono_ms"],
    )


def erase_step(journal: Journal, wanted: Mapping[str, str], after: int) -> ErasureStep:
    """Run one short transaction. `wanted` maps each reference or card hash to its person.

    A record erased earlier counts again if the record itself holds a reference, so that a repeated step gives
    the same count.
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
    """Empty the WAL, so that it holds no erased data. Return False while a reader uses it; don't wait."""
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
    """Append the record of an erasure exactly once, however often this is called."""
    journal.append_once_for_order(orders_key(registry_id), erasure_id, event)


def orders_key(registry_id: str) -> str:
    """The key of erasures in `orders_done`, which ensures that each has exactly one record."""
    return f"erasure/{registry_id}"
