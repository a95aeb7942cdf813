"""Silences of the log: more than 15 minutes between two neighbouring records, with their cause.

A running door records a heartbeat after ten quiet minutes, so a longer silence means that nothing was
recording. Within one boot the monotonic clock measures the silence; between boots only wall time can.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import chain
from typing import NamedTuple

from controller.journal.log_entry import LogEntry
from controller.journal.resolve import Resolver
from controller.model.events import EventType
from controller.model.moment import ClockState

LONGEST_MS = 15 * 60 * 1000
_EARLIER = 10  # records read before a silence: they may explain it
SLACK_MS = 2000  # a time daemon may step the clock this far every day

_BODIES = (
    "SELECT seq, json_extract(body, '$.boot'), json_extract(body, '$.mono_ms'), utc, "
    "json_extract(body, '$.clock'), type FROM events WHERE seq BETWEEN ? AND ? ORDER BY seq"
)
_BEFORE = "SELECT coalesce(max(seq), 0) FROM events WHERE seq < ?"
_FAILING = frozenset({EventType.JOURNAL_FAILED, EventType.JOURNAL_RECOVERED})


class SilenceCause(StrEnum):
    STOPPED = "service_stopped"
    RESTARTED = "restarted"  # a start without a stop before it, in the same boot: killed or crashed
    BOOTED = "booted"  # another boot without a stop before it: power cut or crash of the machine
    JOURNAL_FAILED = "journal_failed"  # the door ran but could not write the log
    UNEXPLAINED = "unexplained"


class RecordTime(NamedTuple):
    """The times of a record; `utc` is None if its true time is unknown."""

    seq: int
    boot: str
    mono_ms: int
    utc: datetime | None
    type: str


@dataclass(frozen=True)
class Silence:
    """A silence between records `after` and `before`; `ms` is None if its length is unknown."""

    after: int
    before: int
    ms: int | None
    cause: SilenceCause


class SilenceDetector:
    """Gets each record in order of number; `add` returns the silence before it, if any."""

    def __init__(self) -> None:
        self._last: RecordTime | None = None
        self._newest_ms = 0  # the maximum, because records may be numbered slightly out of time order
        self._last_utc: datetime | None = None
        self._stopped = False

    def add(self, record: RecordTime) -> Silence | None:
        last, self._last = self._last, record
        found = None
        if last is not None and record.seq == last.seq + 1:  # otherwise records between the two are absent
            ms = self._length(last, record)
            if ms is None or ms > LONGEST_MS:
                found = Silence(last.seq, record.seq, ms, self._cause(last, record))
        same_boot = last is not None and record.boot == last.boot
        self._newest_ms = max(self._newest_ms, record.mono_ms) if same_boot else record.mono_ms
        self._last_utc = record.utc
        if record.type == EventType.SERVICE_STOPPED:
            self._stopped = True
        elif record.type == EventType.SERVICE_STARTED:
            self._stopped = False
        return found

    def _length(self, last: RecordTime, record: RecordTime) -> int | None:
        if record.boot == last.boot:
            return record.mono_ms - self._newest_ms
        if record.utc is None or self._last_utc is None:
            return None
        ms = round((record.utc - self._last_utc).total_seconds() * 1000)
        return None if ms < -SLACK_MS else ms  # one of the two clocks was wrong

    def _cause(self, last: RecordTime, record: RecordTime) -> SilenceCause:
        if record.type in _FAILING or last.type == EventType.JOURNAL_FAILED:
            return SilenceCause.JOURNAL_FAILED
        if self._stopped:
            return SilenceCause.STOPPED
        if record.boot != last.boot:
            return SilenceCause.BOOTED
        return (
            SilenceCause.RESTARTED if record.type == EventType.SERVICE_STARTED else SilenceCause.UNEXPLAINED
        )


def silences(records: Iterable[RecordTime]) -> Iterator[Silence]:
    """Yield silences of records in order of number, regardless of their times."""
    detector = SilenceDetector()
    for record in records:
        found = detector.add(record)
        if found is not None:
            yield found


def usable_utc(utc: datetime, clock: str, resolved: datetime | None) -> datetime | None:
    """The resolved time; without one, the recorded time unless the clock was untrusted."""
    if resolved is not None:
        return resolved
    return None if clock == ClockState.UNTRUSTED else utc


def silences_between(connection: sqlite3.Connection, first: int, last: int) -> list[Silence]:
    """Silences that end at one of the records `first` to `last`."""
    return list(silences(_record_times(connection, _seq_before(connection, first), last)))


def silences_at(connection: sqlite3.Connection, entries: Sequence[LogEntry]) -> list[Silence]:
    """Silences that end at one of `entries`, which are in order of number."""
    first, last = entries[0].seq, entries[-1].seq
    earlier = max(first - _EARLIER, 1)
    if last - first >= len(entries):  # records that are not among them lie between
        found = silences_between(connection, earlier, last)
    else:
        before = _record_times(connection, _seq_before(connection, earlier), first - 1)
        found = list(silences(chain(before, _entry_times(connection, entries))))
    return [silence for silence in found if silence.before >= first]


def _seq_before(connection: sqlite3.Connection, seq: int) -> int:
    return int(connection.execute(_BEFORE, (seq,)).fetchone()[0])


def _record_times(connection: sqlite3.Connection, first: int, last: int) -> Iterator[RecordTime]:
    resolver = Resolver(connection)
    for seq, boot, mono_ms, text, clock, type in connection.execute(_BODIES, (first, last)):
        utc = datetime.fromisoformat(text)
        resolved = None if clock == ClockState.TRUSTED else resolver.utc(seq, boot, mono_ms)
        yield RecordTime(seq, boot, mono_ms, usable_utc(utc, clock, resolved), type)


def _entry_times(connection: sqlite3.Connection, entries: Iterable[LogEntry]) -> Iterator[RecordTime]:
    resolver = Resolver(connection)
    for entry in entries:
        seq, boot, mono_ms, clock = entry.seq, entry.boot, entry.mono_ms, entry.clock
        resolved = None if clock == ClockState.TRUSTED else resolver.utc(seq, boot, mono_ms)
        yield RecordTime(seq, boot, mono_ms, usable_utc(entry.utc, clock, resolved), entry.type)
