"""The writer's only connection: opened at first use, dropped at any error, its WAL emptied when idle."""

import contextlib
import errno
import itertools
import logging
import os
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from controller.errors import JournalUnavailable
from controller.journal.database import BUSY_MS, open_for_writing
from controller.journal.proof.merkle import Frontier
from controller.journal.proof.stored_subtrees import StoredSubtrees
from controller.journal.proof.tree import LeafMissing, Tree
from controller.journal.state import NAME as STATE_FILE
from controller.journal.tail import Tail

log = logging.getLogger(__name__)

_Identity = tuple[tuple[int, int] | None, ...]  # device and inode of the database and of its WAL
Statement = tuple[str, tuple[object, ...]]
# Estimates of when to checkpoint the WAL; the checkpoint then counts its pages. Records of one commit share
# most pages: a commit of one record wrote 5 pages, one of five wrote 5, too. Large records write more, so the
# WAL may exceed _BUSY_BYTES in proportion. Only a reader that keeps an old snapshot makes it grow further.
_PAGES_A_COMMIT, _PAGES_A_STATEMENT = 3, 1
UNFILED_AT_MOST = 64
_NEWEST = "SELECT filed FROM events ORDER BY seq DESC"
_SEALED = "SELECT coalesce(max(size), 0) FROM checkpoints"
_TIME_RANGES = "SELECT low, high FROM spans ORDER BY id DESC"
_SPAN_AT_MOST = timedelta(days=8)  # 1,024 records at one per ten minutes, and a margin
_IDLE_BYTES = 1024 * 1024  # quick enough for waiting taps, and SQLite then reuses the small WAL
_BUSY_BYTES = 8 * 1024 * 1024  # bounds the WAL of a door that is never idle


class RecordsLost(JournalUnavailable):
    """The disk lost acknowledged records; `first` to `last` are missing or changed."""

    def __init__(self, file: Path, first: int, last: int) -> None:
        super().__init__(
            f"{file}: the disk lost records it had acknowledged ({first}–{last}); replace the disk."
        )
        self.first, self.last = first, last


class JournalLocked(JournalUnavailable):
    """Another program holds a lock that the next record needs."""

    def __init__(self) -> None:
        super().__init__("The journal cannot be written: another program has locked it; stop that program.")


class JournalReplaced(JournalUnavailable):
    """Another file, or none, is in the place of the journal.db or WAL that the door opened."""

    def __init__(self, file: Path) -> None:
        super().__init__(
            f"{file} was replaced or removed while the door was using it; put the original file back."
        )


@contextlib.contextmanager
def translate_journal_errors() -> Iterator[None]:
    """Turn errors of the disk and of SQLite into JournalUnavailable, for callers outside this folder."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise JournalUnavailable(f"The journal cannot be written ({error}); check its disk.") from error


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _is_unfiled(row: tuple[int]) -> bool:
    return row[0] == 0


class Writing:
    """The connection and the state that it caches.

    After an error nobody knows what reached the disk, and a failed sync must never be retried on the same
    handle. So the next `connection()` opens the file again, reads its end from disk, and compares it with the
    acknowledged records.
    """

    def __init__(self, file: Path, busy_ms: int = BUSY_MS) -> None:
        self._file = file
        self._busy_ms = busy_ms
        self._parts = (file, file.with_name(f"{file.name}-wal"))
        self._connection: sqlite3.Connection | None = None
        self._subtrees = StoredSubtrees(file)
        self.tail = Tail()
        self.last_orders: dict[str, int] = {}
        self.unfiled = 0  # count of the newest records that the indexes don't hold yet
        self.opened = 0  # count of openings; callers compare it to see whether what they read is current
        self.sealed = 0  # the size of the newest checkpoint
        self.frontier: Frontier | None = None  # None if a leaf is missing: then nothing can be signed
        self._acknowledged: Frontier | None = None
        self._identity: _Identity = (None, None)
        self._pages = 0  # estimated pages in the WAL that are not in the file yet
        self._page_bytes = 1

    def connection(self) -> sqlite3.Connection:
        if self._connection is None:
            connection = open_for_writing(self._file, self._busy_ms)
            try:
                tail = Tail.load(connection)
                tree = self._subtrees.sound_tree(connection, tail.newest)
                self._refuse_lost(tree, tail.newest)
                unfiled = sum(1 for _ in itertools.takewhile(_is_unfiled, connection.execute(_NEWEST)))
                self.last_orders = dict(
                    connection.execute(
                        "SELECT registry_id, max(order_id) FROM orders_done GROUP BY registry_id"
                    )
                )
                self.sealed = connection.execute(_SEALED).fetchone()[0]
                self.frontier = self._acknowledged = self._load_frontier(tree, tail.newest)
                self._identity = self._current_identity()
            except BaseException:
                connection.close()
                raise
            self._page_bytes = connection.execute("PRAGMA page_size").fetchone()[0]
            self._connection, self._pages = connection, _IDLE_BYTES // self._page_bytes
            self.tail, self.unfiled = tail, unfiled
            self.opened += 1
        return self._connection

    def run(self, statements: Sequence[Statement], frontier_after: Frontier | None = None) -> None:
        """Execute all statements or none, durably. A single statement is its own transaction.

        `frontier_after` is the tree including the records that the statements append, if they append any.
        """
        connection = self.connection()
        if self._pages * self._page_bytes >= _BUSY_BYTES:
            self._empty_wal(connection)
        if _identity(self._parts[0]) != self._identity[0]:  # one stat(): some microseconds
            self._refuse_replaced(connection)
        try:
            if len(statements) == 1:
                connection.execute(*statements[0])
            else:
                connection.execute("BEGIN IMMEDIATE")
                for statement in statements:
                    connection.execute(*statement)
                connection.execute("COMMIT")
        except BaseException:
            self.drop()  # the tail is now ahead of the disk; the next connection reads it again
            raise
        if frontier_after is not None:
            self.frontier = self._acknowledged = frontier_after
        self._pages += _PAGES_A_COMMIT + len(statements) * _PAGES_A_STATEMENT

    def empty_wal_if_idle(self) -> None:
        """Also notice a disk that has become read-only, although nothing is to be written now."""
        if self._connection is not None:
            self._refuse_replaced(self._connection)
            self._refuse_read_only()
        if self._pages * self._page_bytes >= _IDLE_BYTES:
            self._empty_wal(self.connection())

    def find_clock_jump(self, since: datetime, by: timedelta) -> tuple[datetime | None, bool]:
        """The newest time of any record, and whether the clock jumped by more than `by` after `since`.

        Reads only spans: heartbeats make a running door fill a span within about a week, so a wider span or a
        wide gap between spans means a jump.
        """
        ranges = [self.tail.time_range, *self.connection().execute(_TIME_RANGES)]
        newest: datetime | None = None
        after: datetime | None = None
        for low, high in (
            map(datetime.fromisoformat, time_range) for time_range in ranges if time_range is not None
        ):
            if high - low > by + _SPAN_AT_MOST or (after is not None and after - high > by):
                return newest or high, True
            newest, after = max(high, newest or high), low
            if low < since:
                break
        return newest, False

    def forget_acknowledged(self) -> None:
        """Accept the records on the disk, also if acknowledged ones are missing."""
        self._acknowledged = None

    def drop(self) -> None:
        """Close the connection; SQLite rolls back what was not committed."""
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.close()
            except sqlite3.Error:
                pass  # committed records stay durable; this handle can do nothing else

    def finish(self) -> None:
        """Empty the WAL, also while readers are connected, and close: one file remains."""
        try:
            if self._connection is not None:
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error:
            pass  # records in the WAL are durable there
        finally:
            self.drop()

    def _current_identity(self) -> _Identity:
        return tuple(map(_identity, self._parts))

    def _refuse_read_only(self) -> None:
        """After errors the kernel makes a file system read-only, and statvfs(3) may not show it, but open(2)
        does. Not of the journal itself: closing it would end SQLite's locks.
        """
        try:
            os.close(os.open(self._file.with_name(STATE_FILE), os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC))
        except OSError as error:
            if error.errno == errno.EROFS:
                self.drop()
                raise

    def _refuse_replaced(self, connection: sqlite3.Connection) -> None:
        """Raise JournalReplaced: records written to an unlinked file would be acknowledged and lost."""
        was = self._identity
        if self._current_identity() == was:
            return
        moved = False
        with contextlib.suppress(sqlite3.Error):
            _busy, in_wal, done = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            moved = in_wal == done
        self.drop()
        with contextlib.suppress(OSError):
            self._remove_leftovers(was, moved)
        raise JournalReplaced(self._file)

    def _remove_leftovers(self, was: _Identity, moved: bool) -> None:
        """Remove the old WAL and -shm that a reader kept open: SQLite would use them with the new file."""
        wal = self._parts[1]
        if _identity(wal) == was[1] is not None:
            if moved:
                wal.unlink()
            else:
                wal.rename(f"{wal}.old")
        self._file.with_name(f"{self._file.name}-shm").unlink()

    def _empty_wal(self, connection: sqlite3.Connection) -> None:
        try:
            _busy, in_wal, moved = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        except sqlite3.Error:
            self.drop()
            raise
        self._pages = max(0, in_wal - moved)

    def _refuse_lost(self, tree: Tree, newest: int) -> None:
        """Raise RecordsLost unless the disk holds every acknowledged record unchanged."""
        had = self._acknowledged
        if had is None:
            return
        if newest < had.size:
            raise RecordsLost(self._file, newest + 1, had.size)
        try:
            same = tree.frontier(had.size).peaks == had.peaks
        except LeafMissing as missing:
            raise RecordsLost(self._file, missing.seq, had.size) from missing
        if not same:
            raise RecordsLost(self._file, 1, had.size)

    def _load_frontier(self, tree: Tree, size: int) -> Frontier | None:
        try:
            return tree.frontier(size)
        except LeafMissing as missing:
            log.error("%s: %s; the log goes on but can no longer be signed", self._file, missing)
            return None
