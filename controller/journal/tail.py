"""What the writer knows about the end of the journal: the newest number and time, the open span, open grants.

A span is 1,024 numbers. When one is full its summary becomes a row of `spans`: the lowest and highest time in
it (a day on the log page touches only the spans that may hold it, however the clock was set), the newest
trusted and the newest synchronised time so far, and the number up to which every grant has its outcome.
A start reads the open span alone, however long the log. Grants that older spans left open are found a page at
a time, from the newest page to the oldest (`read_older`); nobody at a door waits for that.
"""

import itertools
import json
import logging
import sqlite3
from datetime import datetime
from typing import Any, NamedTuple

from controller.journal.canonical import leaf_hash
from controller.journal.record import Record
from controller.model.events import Event, EventType
from controller.model.moment import ClockState

log = logging.getLogger(__name__)

SPAN = 1024
# As bytes: what is damaged may be no text.
_ROWS = "SELECT seq, CAST(body AS BLOB), leaf FROM events WHERE seq >= ? ORDER BY seq"
_OLDER = (
    "SELECT seq, CAST(body AS BLOB), leaf FROM events WHERE seq > ? AND seq <= ? ORDER BY seq DESC LIMIT ?"
)
_PAGE = 256  # records read at a time behind the taps: about a millisecond
_NONE = object()
_OF_A_GRANT = b'"type":"access_'  # what is neither grant nor outcome is not parsed


class Span(NamedTuple):
    id: int
    low: str
    high: str
    trusted: str | None
    settled: int
    synchronised: str | None


class Tail:
    def __init__(self) -> None:
        self.newest = 0
        self.trusted: str | None = None
        self.synchronised: str | None = None
        self.open_grants: dict[int, str | None] = {}  # number → door; of those that have been read
        self._unread: tuple[int, int] | None = None  # older grants after this number and up to that one
        self._answered: set[int] = set()  # unread grants whose outcome has been read
        self._low: str | None = None
        self._high: str | None = None

    @classmethod
    def load(cls, connection: sqlite3.Connection) -> "Tail":
        tail = cls()
        last = connection.execute(
            "SELECT id, trusted, settled, synchronised FROM spans ORDER BY id DESC LIMIT 1"
        ).fetchone()
        settled, first = 0, 0
        if last is not None:
            tail.trusted, settled, first = _time(last[1]), last[2], (last[0] + 1) * SPAN
            tail.synchronised = _time(last[3])
        if settled < first - 1:
            tail._unread = settled, first - 1
        for seq, text, leaf in connection.execute(_ROWS, (first,)):
            tail.newest = seq
            body = _parse(seq, text, leaf)
            if body is not None:
                tail._note_grant(seq, body["type"], body.get("direction"), body.get("door"), body.get("of"))
                tail._note_time(body["utc"], body["clock"], body["type"])
        if tail.newest == 0:
            tail.newest = connection.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0]
        return tail

    @property
    def time_range(self) -> tuple[str, str] | None:
        """The lowest and the highest time in the open span."""
        return None if self._low is None or self._high is None else (self._low, self._high)

    def left_open(self, upto: int, most: int) -> list[tuple[int, str | None]]:
        """Number and door of grants without an outcome, among those read so far and numbered up to `upto`."""
        return list(itertools.islice((one for one in self.open_grants.items() if one[0] <= upto), most))

    def read_older(self, connection: sqlite3.Connection) -> bool:
        """Read one page more of the older grants; False when all have been read."""
        if self._unread is None:
            return False
        after, upto = self._unread
        rows = connection.execute(_OLDER, (after, upto, _PAGE)).fetchall()
        for seq, text, leaf in rows:
            body = _parse(seq, text, leaf) if _OF_A_GRANT in text else None
            if body is None:
                continue
            if seq in self._answered and body["type"] == EventType.ACCESS_GRANTED:
                self._answered.discard(seq)
            else:
                self._note_grant(seq, body["type"], body.get("direction"), body.get("door"), body.get("of"))
        if len(rows) == _PAGE:
            self._unread = after, rows[-1][0] - 1
            return True
        self._unread = None
        self._answered.clear()
        return False

    def add(self, record: Record, event: Event) -> Span | None:
        """Note the next record; return the span that became full before it."""
        full = None
        if record.seq % SPAN == 0 and self._low is not None and self._high is not None:
            settled = min(self.open_grants, default=record.seq) - 1
            if self._unread is not None:
                settled = self._unread[0]
            full = Span(
                record.seq // SPAN - 1, self._low, self._high, self.trusted, settled, self.synchronised
            )
            self._low = self._high = None
        of = event.codes.get("of")
        self._note_grant(record.seq, event.type, event.direction, event.door, of)
        self._note_time(record.utc, event.at.clock, event.type)
        self.newest = record.seq
        return full

    def _note_time(self, utc: str, clock: str, type: str) -> None:
        if self._low is None or utc < self._low:
            self._low = utc
        if self._high is None or utc > self._high:
            self._high = utc
        corrected = type == EventType.CLOCK_CORRECTED  # what was newer had never been synchronised
        if clock != ClockState.UNTRUSTED and (corrected or self.trusted is None or utc > self.trusted):
            self.trusted = utc
        if clock == ClockState.TRUSTED and (self.synchronised is None or utc > self.synchronised):
            self.synchronised = utc

    def _note_grant(self, seq: int, type: str, direction: str | None, door: str | None, of: object) -> None:
        """Only a grant to enter waits for an outcome: on the way out nothing was withheld."""
        if type == EventType.ACCESS_GRANTED:
            if direction == "in":
                self.open_grants[seq] = door
        elif type == EventType.ACCESS_OUTCOME and isinstance(of, int):
            is_unread = self._unread is not None and of <= self._unread[1]
            if self.open_grants.pop(of, _NONE) is _NONE and is_unread:
                self._answered.add(of)


def _parse(seq: int, text: bytes, leaf: bytes) -> dict[str, Any] | None:
    """None for a record whose bits have turned over: the log goes on, and the verifier names the record."""
    if leaf_hash(text) != leaf:
        log.error("record %d of the log is damaged", seq)
        return None
    body: dict[str, Any] = json.loads(text)
    return body


def _time(text: str | None) -> str | None:
    """None as well for one that is damaged."""
    try:
        datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return text
