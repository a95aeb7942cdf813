"""The true time of records from before the clock was synchronised.

Within one boot the monotonic clock never jumps. So once a later record of the same boot has a trusted time,
an earlier record's true time is that time less the milliseconds between the two. The record itself never
changes.
"""

import sqlite3
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from controller.journal.tail import SPAN
from controller.model.moment import ClockState

_NEWEST_SYNCHRONISED = "SELECT max(synchronised) FROM spans WHERE id < ?"
_NEXT_SPAN = (
    "SELECT min(id) FROM spans WHERE id >= ? AND synchronised IS NOT NULL "
    "AND (?2 IS NULL OR synchronised > ?2)"
)
_FIRST_OPEN = "SELECT coalesce(max(id) + 1, 0) FROM spans"
_TRUSTED = (
    "SELECT seq, json_extract(body, '$.boot'), json_extract(body, '$.mono_ms'), utc FROM events "
    "WHERE seq > ? AND seq < ? AND json_extract(body, '$.clock') = 'trusted' ORDER BY seq LIMIT 1"
)


class Anchor(NamedTuple):
    """A record whose clock was synchronised."""

    seq: int
    boot: str
    mono_ms: int
    utc: datetime


def resolved(anchor: Anchor, mono_ms: int) -> datetime:
    """The true time of a record of the anchor's boot."""
    return anchor.utc - timedelta(milliseconds=anchor.mono_ms - mono_ms)


class Resolver:
    """Reads one snapshot. Records in order of number are cheap, since one anchor serves many."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._resolved_from: int | None = None  # no record between this one and the anchor is trusted
        self._anchor: Anchor | None = None

    def utc(self, seq: int, boot: str, mono_ms: int) -> datetime | None:
        """The record's true time; None while no later record of this boot is trusted."""
        if not self._serves(seq):
            self._resolved_from, self._anchor = seq, next_trusted(self._connection, seq)
        anchor = self._anchor
        return resolved(anchor, mono_ms) if anchor is not None and anchor.boot == boot else None

    def _serves(self, seq: int) -> bool:
        if self._resolved_from is None or seq < self._resolved_from:
            return False
        return self._anchor is None or seq < self._anchor.seq


def next_trusted(connection: sqlite3.Connection, seq: int) -> Anchor | None:
    """The first trusted record after number `seq`; spans narrow the search, so it reads few records."""
    here = seq // SPAN
    found = _first(connection, seq, (here + 1) * SPAN)
    if found is not None:
        return found
    newest = connection.execute(_NEWEST_SYNCHRONISED, (here + 1,)).fetchone()[0]
    span = connection.execute(_NEXT_SPAN, (here + 1, newest)).fetchone()[0]
    if span is not None:
        return _first(connection, max(seq, span * SPAN - 1), (span + 1) * SPAN)
    open_from = connection.execute(_FIRST_OPEN).fetchone()[0] * SPAN
    return _first(connection, max(seq, open_from - 1), 2**62)


def resolved_times(
    connection: sqlite3.Connection, records: Iterable[tuple[int, str, int, str]]
) -> dict[int, datetime]:
    """Map numbers to true times, for the untrusted of (seq, boot, mono_ms, clock) that can be resolved."""
    resolver = Resolver(connection)
    times = {}
    for seq, boot, mono_ms, clock in sorted(records):
        if clock != ClockState.TRUSTED:
            utc = resolver.utc(seq, boot, mono_ms)
            if utc is not None:
                times[seq] = utc
    return times


def _first(connection: sqlite3.Connection, after: int, before: int) -> Anchor | None:
    row = connection.execute(_TRUSTED, (after, before)).fetchone()
    return None if row is None else Anchor(row[0], row[1], row[2], datetime.fromisoformat(row[3]))
