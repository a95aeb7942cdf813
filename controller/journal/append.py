"""The only writer of journal.db. An event is durable when `append` returns; that costs one sync."""

import contextlib
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from controller.errors import (
    InstallerError,
    JournalUnavailable,
)
from controller.journal import registry_mark as marks
from controller.journal import rights as rights_in_force
from controller.journal.database import BUSY_MS
from controller.journal.door_lock import DoorLock
from controller.journal.latest import subject_of
from controller.journal.logged_lockdowns import logged_lockdowns
from controller.journal.record import Record, encode_record
from controller.journal.schema import as_installer_error
from controller.journal.tail import Tail
from controller.journal.writing import UNFILED_AT_MOST, Statement, Writing, translate_journal_errors
from controller.model.events import Event
from controller.model.lockdowns import LoggedLockdown
from controller.model.recorded_rights import Subject, SubjectDigest
from controller.model.registry_mark import RegistryMark

_EVENT = "INSERT INTO events (seq, body, leaf, salt, details, filed) VALUES (?, ?, ?, ?, ?, ?)"
_FILE = "UPDATE events SET filed = 1 WHERE seq >= ? AND filed = 0"
_SPAN = "INSERT INTO spans (id, low, high, trusted, settled, synchronised) VALUES (?, ?, ?, ?, ?, ?)"
_NODE = "INSERT OR REPLACE INTO nodes (level, place, hash) VALUES (?, ?, ?)"
_LATEST = "INSERT INTO latest (thing, seq) VALUES (?, ?) ON CONFLICT (thing) DO UPDATE SET seq = excluded.seq"
_COUNTED = (
    "INSERT INTO read_counters (key, counter) VALUES (?, ?) "
    "ON CONFLICT (key) DO UPDATE SET counter = max(counter, excluded.counter)"
)
_DONE = "INSERT INTO orders_done (registry_id, order_id, seq) VALUES (?, ?, ?)"


ORDERS_KEPT = 100
NO_RIGHTS: Mapping[int, Sequence[SubjectDigest]] = {}
START_OVER = 0  # no record has this number
# At most 100 records are unsigned; the hundredth is kept free for a key record that must come first.
SEAL_EVERY = 99


class Journal:
    """Belongs to one thread at a time. Holds journal/private/door.lock while it is open.

    After any JournalUnavailable the journal drops its connection: nobody knows what reached the disk, and a
    failed sync must never be retried on the same handle. The next call opens the file again and reads its
    end.
    """

    def __init__(self, file: Path, config_version: str, busy_ms: int = BUSY_MS) -> None:
        """Open nothing yet. `busy_ms`: how long a write waits for another program's lock."""
        self._file = file
        self._writing = Writing(file, busy_ms)
        self._config_version = config_version
        self.registry_version: int | None = None  # in force; from any thread
        # The writer's thread calls this with what is durable: the first number and the events from there on.
        # Without events: all records below that number. START_OVER: earlier reports may be void. May only
        # queue.
        self.appended: Callable[[int, Sequence[Event]], None] = lambda first, events: None
        self._lock: DoorLock | None = None

    @classmethod
    def open(cls, file: Path, config_version: str) -> "Journal":
        """Create the file and its schema where they are missing.

        Raises AlreadyRunning, NewerDatabase, CorruptDatabase or InstallerError, each with one sentence.
        """
        journal = cls(file, config_version)
        try:
            journal._open()
        except BaseException as error:
            journal.close()
            if isinstance(error, OSError | sqlite3.Error):
                raise as_installer_error(file, error) from error
            raise
        return journal

    @classmethod
    def for_door(cls, file: Path, config_version: str, busy_ms: int = BUSY_MS) -> "Journal":
        """Take the folder's lock and open nothing: the door serves exits first. `reopen` opens the file.

        Raises AlreadyRunning. Where the folder cannot be locked now (its disk is away), `reopen` does that.
        """
        journal = cls(file, config_version, busy_ms)
        with contextlib.suppress(OSError):
            journal._lock = DoorLock.acquire(file.parent)
        return journal

    def append(self, events: Sequence[Event], file_later: bool = False) -> list[int]:
        """Append all events or none, durably; return their numbers in the same order.

        `file_later`: a person waits at the door, so these enter the log page's indexes with the next record.
        """
        if not events:
            return []
        return self._write(events, file_later=file_later)

    def append_once_for_order(self, registry_id: str, order_id: int, event: Event) -> int | None:
        """Append the record of an order; if the order has one already, write nothing and return None."""
        if self._order_seq(registry_id, order_id) is not None:
            return None

        seq = self._write([event], lambda seq: [(_DONE, (registry_id, order_id, seq))])[0]
        last_orders = self._writing.last_orders
        last_orders[registry_id] = max(order_id, last_orders.get(registry_id, 0))
        return seq

    def append_actions(
        self,
        registry_id: str,
        actions: Sequence[tuple[int, Event]],
        rights: Mapping[int, Sequence[SubjectDigest]] = NO_RIGHTS,
        upto: int | None = None,
        mark: RegistryMark | None = None,
    ) -> int:
        """Append the actions not yet copied, by rising id; return the id of the last action copied so far.

        `rights`, by action: they are in force with the record. `upto`: actions up to this one count as
        copied. `mark`: what the log knows of the registry from then on.
        """
        last = self.last_action(registry_id)
        new = sorted((pair for pair in actions if pair[0] > last), key=lambda pair: pair[0])
        newest = max([last, upto or last, *(action_id for action_id, _ in new)])
        if newest == last and mark is None:
            return last
        position = [marks.save_position(registry_id, newest)]
        if mark is not None:
            position.append(marks.save_mark(mark))
        if not new:
            self.save(position)
            return newest

        def extra(first: int) -> list[Statement]:
            found = list(position)
            for seq, (action_id, _) in enumerate(new, first):
                found += rights_in_force.statements(rights.get(action_id, ()), seq)
            return found

        self._write([event for _, event in new], extra)
        return newest

    def append_with(self, event: Event, statements: Sequence[Statement]) -> int:
        """Append one event, with further statements in its transaction. Return its number."""
        return self._write([event], lambda seq: list(statements))[0]

    def save(self, statements: Sequence[Statement]) -> None:
        """Change what the journal keeps beside the records."""
        with translate_journal_errors():
            self._writing.run(statements)

    def registry_mark(self) -> RegistryMark | None:
        """What the log knows of the registry; None before the first action was copied."""
        with translate_journal_errors():
            return marks.registry_mark(self._writing.connection())

    def copied_positions(self) -> dict[str, int]:
        """The newest copied action of each registry."""
        with translate_journal_errors():
            return marks.positions(self._writing.connection())

    def repeated_up_to(self, registry_id: str) -> int:
        """The last action of an accepted registry that the log has had before."""
        with translate_journal_errors():
            return marks.repeated_up_to(self._writing.connection(), registry_id)

    def rights_are_complete(self) -> bool:
        """Whether all rights are on the record."""
        with translate_journal_errors():
            return rights_in_force.are_complete(self._writing.connection())

    def rights_in_force(self, subjects: Sequence[Subject]) -> dict[Subject, bytes | None]:
        """The digest in force of each; None where there is none."""
        with translate_journal_errors():
            return rights_in_force.digests_of(self._writing.connection(), subjects)

    def last_action(self, registry_id: str) -> int:
        """The id of the newest operator action copied from this registry; 0 before the first."""
        sql = "SELECT last_action FROM copied WHERE registry_id = ?"
        with translate_journal_errors():
            row = self._writing.connection().execute(sql, (registry_id,)).fetchone()
        return int(row[0]) if row else 0

    def last_order(self, registry_id: str) -> int:
        """The highest order id that has a record; 0 before the first. Safe from any thread: reads no disk."""
        return self._writing.last_orders.get(registry_id, 0)

    def orders_done(self, registry_id: str) -> frozenset[int]:
        """The orders that have a record, among the last hundred."""
        sql = "SELECT order_id FROM orders_done WHERE registry_id = ? AND order_id > ?"
        key = (registry_id, self.last_order(registry_id) - ORDERS_KEPT)
        with translate_journal_errors():
            return frozenset(row[0] for row in self._writing.connection().execute(sql, key))

    def all_orders_done(self) -> dict[str, frozenset[int]]:
        """`orders_done` of every registry that ever sent an order."""
        return {registry_id: self.orders_done(registry_id) for registry_id in self._writing.last_orders}

    def read_counters(self) -> dict[str, int]:
        """The highest counter read under each card key (SUN messages)."""
        with translate_journal_errors():
            return dict(self._writing.connection().execute("SELECT key, counter FROM read_counters"))

    def is_done(self, registry_id: str, order_id: int) -> bool:
        return self._order_seq(registry_id, order_id) is not None

    @property
    def writing(self) -> Writing:
        """For the other writers in controller/journal: erasing and retention."""
        return self._writing

    @property
    def newest_seq(self) -> int:
        return self._writing.tail.newest

    @property
    def unsealed(self) -> int:
        """Count of the newest records that no checkpoint covers yet."""
        return self._writing.tail.newest - self._writing.sealed

    @property
    def batch_limit(self) -> int:
        """Count of events that may be written before the caller checks again whether a checkpoint is due."""
        unsealed = self.unsealed
        return max(1, SEAL_EVERY - unsealed) if unsealed <= SEAL_EVERY else SEAL_EVERY  # signing fails; go on

    def newest_trusted_utc(self) -> datetime | None:
        """The latest time on any record whose clock was not untrusted; decisions use no earlier time."""
        return datetime.fromisoformat(self._writing.tail.trusted) if self._writing.tail.trusted else None

    def newest_synchronised_utc(self) -> datetime | None:
        """The latest time on any record that was written with a synchronised clock."""
        tail = self._writing.tail
        return datetime.fromisoformat(tail.synchronised) if tail.synchronised else None

    def newest_type(self, thing: str) -> str | None:
        """The type of the newest record about `thing` (named as in latest.py); None without one."""
        sql = "SELECT e.type FROM latest AS l JOIN events AS e ON e.seq = l.seq WHERE l.thing = ?"
        with translate_journal_errors():
            row = self._writing.connection().execute(sql, (thing,)).fetchone()
        return str(row[0]) if row else None

    def newest_codes(self, thing: str) -> Mapping[str, Any]:
        """The fields of the newest record about `thing`; none without one, or if it is damaged."""
        sql = "SELECT e.body FROM latest AS l JOIN events AS e ON e.seq = l.seq WHERE l.thing = ?"
        with translate_journal_errors():
            row = self._writing.connection().execute(sql, (thing,)).fetchone()
        try:
            fields = {} if row is None else json.loads(row[0])
        except ValueError:
            return {}
        return fields if isinstance(fields, dict) else {}

    def logged_lockdowns(self) -> list[LoggedLockdown]:
        """The newest record about each lockdown."""
        with translate_journal_errors():
            return logged_lockdowns(self._writing.connection())

    def empty_wal_if_idle(self) -> None:
        """Call when nothing waits to be written. Does nothing while the WAL holds less than a mebibyte."""
        with translate_journal_errors():
            self._writing.empty_wal_if_idle()

    def reopen(self) -> None:
        """Open a new handle and read the end of the log from the disk.

        Raises RecordsLost (a JournalUnavailable) if the disk lost records that it had acknowledged, and
        JournalUnavailable for any file that is not a sound journal.
        """
        with translate_journal_errors():
            self._writing.drop()
            try:
                self._open()
            except InstallerError as error:
                raise JournalUnavailable(str(error)) from error  # a running door still lets people out
            except (ValueError, TypeError, LookupError, ArithmeticError) as error:  # values nobody wrote
                damaged = as_installer_error(self._file, error)
                raise JournalUnavailable(str(damaged)) from damaged
        self.appended(self.newest_seq + 1, ())

    def accept_lost_records(self) -> None:
        """After RecordsLost: go on from the records that the disk still holds."""
        self._writing.forget_acknowledged()
        self.appended(START_OVER, ())

    def close(self) -> None:
        """Empty the WAL into the one file and release the folder for the next door process."""
        try:
            self._writing.finish()
        finally:
            if self._lock is not None:
                self._lock.release()

    def __enter__(self) -> "Journal":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self) -> None:
        """Take the folder's lock, then open the file.

        If the process can't even read the lock file it writes nothing. The kernel gives each pin to only one
        process, so a second door process can't drive it either.
        """
        if self._lock is None:
            self._lock = DoorLock.acquire(self._file.parent)
        else:
            self._lock.show()
        self._writing.connection()

    def _write(
        self,
        events: Sequence[Event],
        extra_statements: Callable[[int], list[Statement]] = lambda seq: [],
        file_later: bool = False,
    ) -> list[int]:
        """`extra_statements` gets the first number and returns statements for the same transaction."""
        with translate_journal_errors():
            writing = self._writing
            writing.connection()
            first = writing.tail.newest + 1
            file_later &= writing.unfiled < UNFILED_AT_MOST
            statements: list[Statement] = []
            if writing.unfiled and not file_later:
                statements.append((_FILE, (first - writing.unfiled,)))
            config, registry = self._config_version, self.registry_version
            records = [encode_record(event, first + i, config, registry) for i, event in enumerate(events)]
            # Grow a copy: the acknowledged tree stays valid until the commit succeeds.
            frontier_after = None if writing.frontier is None else writing.frontier.copy()
            for record, event in zip(records, events, strict=True):
                statements += _statements(writing.tail, record, event, not file_later)
                if frontier_after is not None:
                    statements += [(_NODE, node) for node in frontier_after.add(record.leaf)]
            writing.run([*statements, *extra_statements(first)], frontier_after)
            writing.unfiled = writing.unfiled + len(records) if file_later else 0
        self.appended(first, events)
        return [record.seq for record in records]

    def _order_seq(self, registry_id: str, order_id: int) -> int | None:
        sql = "SELECT seq FROM orders_done WHERE registry_id = ? AND order_id = ?"
        with translate_journal_errors():
            row = self._writing.connection().execute(sql, (registry_id, order_id)).fetchone()
        return int(row[0]) if row else None


def _statements(tail: Tail, record: Record, event: Event, filed: bool) -> Iterator[Statement]:
    yield _EVENT, (record.seq, record.body, record.leaf, record.salt, record.details, filed)
    thing = subject_of(event)
    if thing is not None:
        yield _LATEST, (thing, record.seq)
    if event.reading is not None:
        yield _COUNTED, (event.reading.key, event.reading.counter)
    span = tail.add(record, event)
    if span is not None:
        yield _SPAN, span
