"""The writer's view of the journal's end: the newest number and times, the open span, open grants.

A span is 1,024 numbers. When a span is full, its summary becomes a row of `spans`: its lowest and highest
time (so that a day on the log page reads only spans that may hold it, however the clock was set), the newest
trusted and synchronised times so far, and the number up to which every grant has its outcome. A start reads
only the open span, however long the log. `read_older` then finds open grants of older spans a page at a time,
newest page first; no tap waits for that.
"""

import itertools
import json
import logging
import sqlite3
from datetime import datetime
from typing import Any, NamedTuple

from controller.journal.proof.canonical import leaf_hash
from controller.journal.record import Record
from controller.model.events import Event, EventType
from controller.model.moment import ClockState

log = logging.getLogger(__name__)

SPAN = 1024
# Read bytes: a damaged body may not be text.
_ROWS = "SELECT seq, CAST(body AS BLOB), leaf FROM events WHERE seq >= ? ORDER BY seq"
_OLDER = (
    "SELECT seq, CAST(body AS BLOB), leaf FROM events WHERE seq > ? AND seq <= ? ORDER BY seq DESC LIMIT ?"
)
_PAGE = 256  # records read at a time between taps: about a millisecond
_NONE = object()
_OF_A_GRANT = b'"type":"access_'  # parse only grants and outcomes


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
        self.open_grants: dict[int, str | None] = {}  # number → door, among the records read so far
        self._unread: tuple[int, int] | None = (
            None  # unread older grants: after the first number, up to the second
        )
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
                tail._note_grant(
                    seq,
                    type=body["type"],
                    direction=body.get("direction"),
                    door=body.get("door"),
                    of=body.get("of"),
                )
                tail._note_time(body["utc"], body["clock"], body["type"])
        if tail.newest == 0:
            tail.newest = connection.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0]
        return tail

    @property
    def time_range(self) -> tuple[str, str] | None:
        """The lowest and highest time in the open span."""
        return None if self._low is None or self._high is None else (self._low, self._high)

    def open_grants_upto(self, upto: int, most: int) -> list[tuple[int, str | None]]:
        """At most `most` grants without an outcome (number, door), among those read and up to `upto`."""
        return list(itertools.islice((one for one in self.open_grants.items() if one[0] <= upto), most))

    def read_older(self, connection: sqlite3.Connection) -> bool:
        """Read one more page of older grants; return False once all are read."""
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
                self._note_grant(
                    seq,
                    type=body["type"],
                    direction=body.get("direction"),
                    door=body.get("door"),
                    of=body.get("of"),
                )
        if len(rows) == _PAGE:
            self._unread = after, rows[-1][0] - 1
            return True
        self._unread = None
        self._answered.clear()
        return False

    def add(self, record: Record, event: Event) -> Span | None:
        """Add the next record; return the span that was completed before it, if any."""
        full = None
        if record.seq % SPAN == 0 and self._low is not None and self._high is not None:
            settled = min(self.open_grants, default=record.seq) - 1
            if self._unread is not None:
                settled = self._unread[0]
            full = Span(
                id=record.seq // SPAN - 1,
                low=self._low,
                high=self._high,
                trusted=self.trusted,
                settled=settled,
                synchronised=self.synchronised,
            )
            self._low = self._high = None
        of = event.codes.get("of")
        self._note_grant(record.seq, event.type, event.direction, event.door, of=of)
        self._note_time(record.utc, event.at.clock, event.type)
        self.newest = record.seq
        return full

    def _note_time(self, utc: str, clock: str, type: str) -> None:
        if self._low is None or utc < self._low:
            self._low = utc
        if self._high is None or utc > self._high:
            self._high = utc
        corrected = type == EventType.CLOCK_CORRECTED  # the newer trusted times came from a wrong clock
        if clock != ClockState.UNTRUSTED and (corrected or self.trusted is None or utc > self.trusted):
            self.trusted = utc
        if clock == ClockState.TRUSTED and (self.synchronised is None or utc > self.synchronised):
            self.synchronised = utc

    def _note_grant(self, seq: int, type: str, direction: str | None, door: str | None, of: object) -> None:
        """Track open grants inward only: outward, the door releases before it records."""
        if type == EventType.ACCESS_GRANTED:
            if direction == "in":
                self.open_grants[seq] = door
        elif type == EventType.ACCESS_OUTCOME and isinstance(of, int):
            is_unread = self._unread is not None and of <= self._unread[1]
            if self.open_grants.pop(of, _NONE) is _NONE and is_unread:
                self._answered.add(of)


def _parse(seq: int, text: bytes, leaf: bytes) -> dict[str, Any] | None:
    """Return None for a damaged record: the log goes on, and the verifier names the record."""
    if leaf_hash(text) != leaf:
        log.error("record %d of the log is damaged", seq)
        return None
    body: dict[str, Any] = json.loads(text)
    return body


def _time(text: str | None) -> str | None:
    """Return None for a missing or damaged time."""
    try:
        datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return text
