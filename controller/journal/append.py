"""The one writer of journal.db: an event is durable when `append` returns, at the price of one sync."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType

from controller.errors import (
    AlreadyRunning,
    CorruptDatabase,
    InstallerError,
    JournalUnavailable,
    NewerDatabase,
)
from controller.journal.door_lock import DoorLock
from controller.journal.latest import thing_of
from controller.journal.lockdown_words import lockdown_words
from controller.journal.record import Record, encode_record
from controller.journal.schema import as_installer_error
from controller.journal.tail import Tail
from controller.journal.writing import UNFILED_AT_MOST, Statement, Writing, translate_journal_errors
from controller.model.events import Event
from controller.model.lockdowns import LoggedLockdown

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
_COPIED = (
    "INSERT INTO copied (registry_id, last_action) VALUES (?, ?) "
    "ON CONFLICT (registry_id) DO UPDATE SET last_action = excluded.last_action"
)


ORDERS_KEPT = 100
START_OVER = 0  # no record has this number
# No more than 100 events are ever without a checkpoint; the hundredth is left to a key to be recorded first.
SEAL_EVERY = 99


class Journal:
    """Belongs to one thread at a time. Holds journal/door.lock while it is open.

    After any JournalUnavailable the connection is not used again: what was written is not known, and a failed
    sync must never be retried on the same handle. The next call opens the file anew and reads its end.
    """

    def __init__(self, file: Path, config_version: str) -> None:
        """Opens nothing yet."""
        self._file = file
        self._writing = Writing(file)
        self._config_version = config_version
        self.registry_version: int | None = None  # in force; from any thread
        # Told on the writer's thread what is durable: the first number and the events from there on. Without
        # events: whatever stands below that number. BEGIN_AGAIN: what was told may be gone. May only queue.
        self.appended: Callable[[int, Sequence[Event]], None] = lambda first, events: None
        self._lock: DoorLock | None = None

    @classmethod
    def open(cls, file: Path, config_version: str) -> "Journal":
        """Make file and schema where they are missing.

        Raises AlreadyRunning, NewerDatabase, CorruptDatabase, or InstallerError with one sentence.
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
    def open_or_later(cls, file: Path, config_version: str) -> tuple["Journal", JournalUnavailable | None]:
        """For a door that starts whatever its disk is like: `reopen` opens what could not be opened here.

        Raises AlreadyRunning, NewerDatabase or CorruptDatabase: none of them goes away by itself.
        """
        try:
            return cls.open(file, config_version), None
        except (AlreadyRunning, NewerDatabase, CorruptDatabase):
            raise
        except InstallerError as error:
            later = JournalUnavailable(str(error))
            later.__cause__ = error.__cause__
        journal = cls(file, config_version)
        with contextlib.suppress(OSError):  # tried again before the file is
            journal._lock = DoorLock.acquire(file.parent)
        return journal, later

    def append(self, events: Sequence[Event], file_later: bool = False) -> list[int]:
        """Durable, all or none, when this returns; their numbers in the same order.

        `file_later`: somebody waits at the door, so the log page's indexes take these with the next record.
        """
        if not events:
            return []
        return self._write(events, file_later=file_later)

    def append_once_for_order(self, registry_id: str, order_id: int, event: Event) -> int | None:
        """Return None, and write nothing, when this order has its record already."""
        if self._order_seq(registry_id, order_id) is not None:
            return None

        seq = self._write([event], lambda seq: [(_DONE, (registry_id, order_id, seq))])[0]
        last_orders = self._writing.last_orders
        last_orders[registry_id] = max(order_id, last_orders.get(registry_id, 0))
        return seq

    def append_actions(self, registry_id: str, actions: Sequence[tuple[int, Event]]) -> int:
        """Append those not copied yet, by rising action id; return the id of the last one copied so far."""
        last = self.last_action(registry_id)
        new = sorted((pair for pair in actions if pair[0] > last), key=lambda pair: pair[0])
        if not new:
            return last
        newest = new[-1][0]

        copied = (_COPIED, (registry_id, newest))
        self._write([event for _, event in new], lambda seq: [copied])
        return newest

    def last_action(self, registry_id: str) -> int:
        """0 before the first."""
        sql = "SELECT last_action FROM copied WHERE registry_id = ?"
        with translate_journal_errors():
            row = self._writing.connection().execute(sql, (registry_id,)).fetchone()
        return int(row[0]) if row else 0

    def last_order(self, registry_id: str) -> int:
        """The highest order id that has a record; 0 before the first. From any thread: it asks no disk."""
        return self._writing.last_orders.get(registry_id, 0)

    def orders_done(self, registry_id: str) -> frozenset[int]:
        """The orders that have a record, among the last hundred."""
        sql = "SELECT order_id FROM orders_done WHERE registry_id = ? AND order_id > ?"
        key = (registry_id, self.last_order(registry_id) - ORDERS_KEPT)
        with translate_journal_errors():
            return frozenset(row[0] for row in self._writing.connection().execute(sql, key))

    def all_orders_done(self) -> dict[str, frozenset[int]]:
        """`orders_done` of every registry that ever gave one."""
        return {registry_id: self.orders_done(registry_id) for registry_id in self._writing.last_orders}

    def read_counters(self) -> dict[str, int]:
        """The highest counter of each key under which a card's own message was read."""
        with translate_journal_errors():
            return dict(self._writing.connection().execute("SELECT key, counter FROM read_counters"))

    def is_done(self, registry_id: str, order_id: int) -> bool:
        return self._order_seq(registry_id, order_id) is not None

    @property
    def writing(self) -> Writing:
        """For the other write jobs of this room: erasing, retention."""
        return self._writing

    @property
    def newest_seq(self) -> int:
        return self._writing.tail.newest

    @property
    def unsealed(self) -> int:
        """How many of the newest records no checkpoint covers yet."""
        return self._writing.tail.newest - self._writing.sealed

    @property
    def room(self) -> int:
        """How many events may be written before the next look at whether a checkpoint is due."""
        unsealed = self.unsealed
        return max(1, SEAL_EVERY - unsealed) if unsealed <= SEAL_EVERY else SEAL_EVERY  # it cannot be signed

    def newest_trusted_utc(self) -> datetime | None:
        """The latest time on any record whose clock was not untrusted; validity is never judged before it."""
        return datetime.fromisoformat(self._writing.tail.trusted) if self._writing.tail.trusted else None

    def newest_synchronised_utc(self) -> datetime | None:
        """The latest time on any record made while the kernel called its clock synchronised."""
        tail = self._writing.tail
        return datetime.fromisoformat(tail.synchronised) if tail.synchronised else None

    def newest_type(self, thing: str) -> str | None:
        """The type of the newest record about `thing` (see latest.py); None when there is none."""
        sql = "SELECT e.type FROM latest AS l JOIN events AS e ON e.seq = l.seq WHERE l.thing = ?"
        with translate_journal_errors():
            row = self._writing.connection().execute(sql, (thing,)).fetchone()
        return str(row[0]) if row else None

    def lockdown_words(self) -> list[LoggedLockdown]:
        """The newest word about each lockdown."""
        with translate_journal_errors():
            return lockdown_words(self._writing.connection())

    def empty_wal_if_idle(self) -> None:
        """Call when nothing waits to be written; does nothing until there is a mebibyte to move."""
        with translate_journal_errors():
            self._writing.empty_wal_if_idle()

    def reopen(self) -> None:
        """Begin again on a new handle, from what is on the disk.

        Raises RecordsLost (a JournalUnavailable) where that is less than had been acknowledged.
        """
        with translate_journal_errors():
            self._writing.drop()
            try:
                self._open()
            except (AlreadyRunning, NewerDatabase, CorruptDatabase) as error:
                raise JournalUnavailable(str(error)) from error  # a door that runs lets people out
        self.appended(self.newest_seq + 1, ())

    def accept_lost_records(self) -> None:
        """After RecordsLost: the next use of the journal takes what the disk holds."""
        self._writing.forget_acknowledged()
        self.appended(START_OVER, ())

    def close(self) -> None:
        """Leave one file behind, and the folder to the next door process."""
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
        """Where not even the lock file can be read, nothing is written; the kernel gives each pin to one
        process only, so a second door process does not drive it either.
        """
        if self._lock is None:
            self._lock = DoorLock.acquire(self._file.parent)
        self._writing.connection()

    def _write(
        self,
        events: Sequence[Event],
        extra_statements: Callable[[int], list[Statement]] = lambda seq: [],
        file_later: bool = False,
    ) -> list[int]:
        """`beside` is told the first number and gives what belongs into the same transaction."""
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
            # On a copy: what was acknowledged stays known until this is.
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
    thing = thing_of(event)
    if thing is not None:
        yield _LATEST, (thing, record.seq)
    if event.reading is not None:
        yield _COUNTED, (event.reading.key, event.reading.counter)
    span = tail.add(record, event)
    if span is not None:
        yield _SPAN, span
