"""What the writer knows about the end of the journal: the newest number and time, the open span, open grants.

A span is 1,024 numbers. When one is full its summary becomes a row of `spans`: the lowest and highest time in
it (a day on the log page touches only the spans that may hold it, however the clock was set), the newest
trusted and the newest synchronised time so far, and the number up to which every grant has its outcome.
A start reads one span.
"""

import json
import logging
import sqlite3
from datetime import datetime
from typing import NamedTuple

from controller.journal.canonical import leaf_hash
from controller.journal.record import Record
from controller.model.events import Event, EventType
from controller.model.moment import ClockState

log = logging.getLogger(__name__)

SPAN = 1024
# As bytes: what is damaged may be no text.
_ROWS = "SELECT seq, CAST(body AS BLOB), leaf FROM events WHERE seq > ? ORDER BY seq"


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
        self.open_grants: dict[int, str | None] = {}  # number → door
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
        for seq, text, leaf in connection.execute(_ROWS, (settled,)):
            tail.newest = seq
            if leaf_hash(text) != leaf:
                # A bit turned over. The log goes on, and whoever verifies it is told which record it is.
                log.error("record %d of the log is damaged", seq)
                continue
            body = json.loads(text)
            tail._note_grant(seq, body["type"], body.get("direction"), body.get("door"), body.get("of"))
            if seq >= first:
                tail._note_time(body["utc"], body["clock"], body["type"])
        if tail.newest == 0:
            tail.newest = connection.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0]
        return tail

    @property
    def reach(self) -> tuple[str, str] | None:
        """The lowest and the highest time in the open span."""
        return None if self._low is None or self._high is None else (self._low, self._high)

    def take(self, record: Record, event: Event) -> Span | None:
        """Note the next record; return the span that became full before it."""
        full = None
        if record.seq % SPAN == 0 and self._low is not None and self._high is not None:
            settled = min(self.open_grants, default=record.seq) - 1
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
            self.open_grants.pop(of, None)


def _time(text: str | None) -> str | None:
    """None as well for one that is damaged."""
    try:
        datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return text
