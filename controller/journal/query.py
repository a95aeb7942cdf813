"""The read side of the journal: pages, the live tail, the newest word about a thing."""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from itertools import islice
from pathlib import Path
from types import TracebackType

from controller.journal import key_records
from controller.journal.alarms import all_alarms, is_alarm
from controller.journal.key_records import LogKey
from controller.journal.lockdown_words import lockdown_words
from controller.journal.log_entry import LogEntry, entries, latest_of
from controller.journal.log_filter import LogFilter
from controller.journal.reading import ReadConnections
from controller.journal.resolve import resolved_times
from controller.journal.retire import Removal, newest_removal
from controller.journal.schema import FIRST_SIGNED
from controller.journal.silences import Silence, silences_between
from controller.journal.walk import NO_LIMIT, walk
from controller.model.events import EventType, Json
from controller.model.lockdowns import LoggedLockdown
from controller.model.moment import ClockState

__all__ = ["JournalReader", "LogEntry", "LogFilter", "LogKey", "Silence"]


class JournalReader:
    """Safe to share between threads; writes nothing, not even beside the file.

    Any call may raise AwaitingRecovery (the door has yet to start), NewerDatabase, CorruptDatabase or
    InstallerError, each with one sentence.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._connections = ReadConnections(file)

    def page(self, filter: LogFilter, before: int | None = None, limit: int = 100) -> list[LogEntry]:
        """Newest first; the next page is `before` the last one's number."""
        last = NO_LIMIT if before is None else before - 1
        with self.snapshot() as connection:
            return entries(connection, islice(walk(connection, filter, 0, last, True), limit))

    def after(self, filter: LogFilter, seq: int, limit: int = 100) -> list[LogEntry]:
        """Oldest first: what came after number `seq`."""
        with self.snapshot() as connection:
            return entries(connection, islice(walk(connection, filter, seq + 1, NO_LIMIT, False), limit))

    def newest_seq(self) -> int:
        """0 for an empty journal. Every commit appends, so this also tells whether anything is new."""
        with self.snapshot() as connection:
            return int(connection.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0])

    def data_version(self) -> int:
        """Differs from an earlier answer when something was committed since."""
        return self.newest_seq()

    def entry(self, seq: int) -> LogEntry | None:
        with self.snapshot() as connection:
            return next(iter(entries(connection, [seq])), None)

    def entries(self, seqs: Sequence[int], type_: EventType | None = None) -> list[LogEntry]:
        """In the order of `seqs`, of that type alone where one is given; without those that are not there."""
        with self.snapshot() as connection:
            return entries(connection, seqs, type_)

    def alarms(self) -> list[int]:
        """The numbers of all alarms, newest first."""
        with self.snapshot() as connection:
            return all_alarms(connection)

    def is_alarm(self, seq: int) -> bool:
        with self.snapshot() as connection:
            return is_alarm(connection, seq)

    def latest(self, thing: str) -> LogEntry | None:
        """The newest word about `thing`: see latest.py for their names."""
        return self.latest_of([thing]).get(thing)

    def latest_of(self, things: Sequence[str]) -> Mapping[str, LogEntry]:
        """The newest word about each of `things`; without those that the log has none about."""
        with self.snapshot() as connection:
            return latest_of(connection, things)

    def lockdown_words(self) -> list[LoggedLockdown]:
        """The newest word about each lockdown."""
        with self.snapshot() as connection:
            return lockdown_words(connection)

    def silences(self, first: int, last: int) -> list[Silence]:
        """Those that end at one of the records `first` to `last`."""
        with self.snapshot() as connection:
            # A little earlier, because what lies before the silence may explain it.
            found = silences_between(connection, max(first - 10, 1), last)
        return [silence for silence in found if silence.before >= first]

    def removal(self) -> Removal | None:
        """The newest month that was taken off the beginning of the log; None while all of it is there."""
        with self.snapshot() as connection:
            return newest_removal(connection)

    def true_times(self, entries: Iterable[LogEntry]) -> dict[int, datetime]:
        """By number: when those recorded without a trusted clock really were, as far as it is known now."""
        untrusted = [(entry.seq, entry.boot, entry.mono_ms, entry.clock) for entry in entries]
        if all(clock == ClockState.TRUSTED for *_, clock in untrusted):
            return {}
        with self.snapshot() as connection:
            return resolved_times(connection, untrusted)

    def order_outcome(self, registry_id: str, order_id: int) -> LogEntry | None:
        """The record (`order_done` or `order_refused`) of an order; None while the door has not answered."""
        sql = "SELECT seq FROM orders_done WHERE registry_id = ? AND order_id = ?"
        return self._entry_at(sql, (registry_id, order_id))

    def learned(self, registry_id: str, order_id: int) -> dict[str, Json] | None:
        """What a learn order found (`card_hash`, `last_four`, `kind`); None if nothing, or not yet."""
        outcome = self.order_outcome(registry_id, order_id)
        if outcome is None or outcome.type != EventType.ORDER_DONE:
            return None
        return outcome.details

    def newest_checkpoint(self) -> str | None:
        """The whole signed note; None for a log that was never signed."""
        with self.snapshot() as connection:
            return key_records.newest_checkpoint(connection) if _has_checkpoints(connection) else None

    def checkpoint_covering(self, seq: int) -> str | None:
        """The oldest that covers record `seq`; None while it is not signed yet."""
        with self.snapshot() as connection:
            covering = None
            if _has_checkpoints(connection):
                covering = key_records.covering_checkpoint(connection, seq)
            return None if covering is None else covering[1]

    def log_keys(self) -> list[LogKey]:
        """All key records in order, each with the checkpoint that put it into force."""
        with self.snapshot() as connection:
            return key_records.log_keys(connection) if _has_checkpoints(connection) else []

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """For the other read jobs of this room."""
        with self._connections.snapshot() as connection:
            yield connection

    def one_moment(self) -> AbstractContextManager[None]:
        """For readings that belong together, such as those of one page: see ReadConnections.one_moment."""
        return self._connections.one_moment()

    def close(self) -> None:
        self._connections.close()

    def __enter__(self) -> "JournalReader":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _entry_at(self, sql: str, key: tuple[str | int, ...]) -> LogEntry | None:
        with self.snapshot() as connection:
            row = connection.execute(sql, key).fetchone()
            return next(iter(entries(connection, [row[0]])), None) if row else None


def _has_checkpoints(connection: sqlite3.Connection) -> bool:
    """False for a journal that an older Genkan wrote and the door has not taken up yet."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0]) >= FIRST_SIGNED
