"""The writer's one connection: opened at first use, dropped at the first error, its WAL emptied when idle."""

import contextlib
import itertools
import logging
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from controller.errors import JournalUnavailable
from controller.journal.merkle import Frontier
from controller.journal.schema import open_for_writing
from controller.journal.stored_subtrees import StoredSubtrees
from controller.journal.tail import Tail
from controller.journal.tree import LeafMissing, Tree

log = logging.getLogger(__name__)

_Identity = tuple[tuple[int, int] | None, ...]  # device and inode of the database and of its WAL
Statement = tuple[str, tuple[object, ...]]
# Only an estimate of when to checkpoint; the checkpoint then counts the pages. Records of one commit share
# most of their pages: a commit of one wrote 5, one of five wrote 5 too. Large records write more than
# estimated, so the WAL may exceed _BUSY_PAGES in proportion. Only a reader that keeps an old snapshot lets
# it grow further.
_PAGES_A_COMMIT, _PAGES_A_STATEMENT = 3, 1
UNFILED_AT_MOST = 64
_NEWEST = "SELECT filed FROM events ORDER BY seq DESC"
_SEALED = "SELECT coalesce(max(size), 0) FROM checkpoints"
_TIME_RANGES = "SELECT low, high FROM spans ORDER BY id DESC"
_SPAN_AT_MOST = timedelta(days=8)  # 1,024 records at one in ten minutes, and some to spare
_IDLE_PAGES = 256  # 1 MiB: short enough not to keep a tap waiting, and a small WAL is overwritten, not grown
_BUSY_PAGES = 2048  # 8 MiB: even a door that is never idle keeps its WAL bounded


class RecordsLost(JournalUnavailable):
    """The disk no longer holds what it had acknowledged; `first` to `last` are missing or changed."""

    def __init__(self, file: Path, first: int, last: int) -> None:
        super().__init__(
            f"{file}: the disk lost records it had acknowledged ({first}–{last}); replace the disk."
        )
        self.first, self.last = first, last


class JournalReplaced(JournalUnavailable):
    """Where journal.db or its WAL lay when it was opened lies another file, or none."""

    def __init__(self, file: Path) -> None:
        super().__init__(
            f"{file} was replaced or removed while the door was using it; put back the one that was there."
        )


@contextlib.contextmanager
def translate_journal_errors() -> Iterator[None]:
    """Whatever the disk or SQLite says, above this room it is JournalUnavailable."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise JournalUnavailable(f"The journal cannot be written ({error}); see to its disk.") from error


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _is_unfiled(row: tuple[int]) -> bool:
    return row[0] == 0


class Writing:
    """After an error what was written is not known, and a failed sync must never be retried on the same
    handle: the next `begin` opens the file anew, reads its end from disk, and holds it against what had been
    acknowledged.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._parts = (file, file.with_name(f"{file.name}-wal"))
        self._connection: sqlite3.Connection | None = None
        self._subtrees = StoredSubtrees(file)
        self.tail = Tail()
        self.last_orders: dict[str, int] = {}
        self.unfiled = 0  # how many of the newest records the indexes do not hold yet
        self.opened = 0  # how often; whoever keeps what it read asks whether it still holds
        self.sealed = 0  # the size of the newest checkpoint
        self.frontier: Frontier | None = None  # None where a leaf is missing: nothing can be signed then
        self._acknowledged: Frontier | None = None
        self._identity: _Identity = (None, None)
        self._pages = 0  # an estimate of what the WAL holds that is not in the file yet

    def connection(self) -> sqlite3.Connection:
        if self._connection is None:
            connection = open_for_writing(self._file)
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
            self._connection, self._pages = connection, _IDLE_PAGES
            self.tail, self.unfiled = tail, unfiled
            self.opened += 1
        return self._connection

    def run(self, statements: Sequence[Statement], frontier_after: Frontier | None = None) -> None:
        """All or none, durable when it returns. A statement by itself is a transaction already.

        `grown` is the tree with what the statements append, where they append.
        """
        connection = self.connection()
        if self._pages >= _BUSY_PAGES:
            self._empty_wal(connection)
        if _identity(self._parts[0]) != self._identity[0]:  # a look at the folder: some microseconds
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
            self.drop()  # the tail has run ahead of the disk; the next connection reads it again
            raise
        if frontier_after is not None:
            self.frontier = self._acknowledged = frontier_after
        self._pages += _PAGES_A_COMMIT + len(statements) * _PAGES_A_STATEMENT

    def empty_wal_if_idle(self) -> None:
        if self._connection is not None:
            self._refuse_replaced(self._connection)
        if self._pages >= _IDLE_PAGES:
            self._empty_wal(self.connection())

    def leaps(self, since: datetime, by: timedelta) -> tuple[datetime | None, bool]:
        """The newest time of any record, and whether two neighbours since then lie further apart than `by`.

        Told from the spans: a door that runs fills one within a week (heartbeats), so a wider one is a leap.
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
        """Go on from what the disk holds, whatever had been acknowledged."""
        self._acknowledged = None

    def drop(self) -> None:
        """Closing rolls back what was not committed."""
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.close()
            except sqlite3.Error:
                pass  # what is durable is durable; nothing else can be done with this handle

    def finish(self) -> None:
        """Leave one file behind: the WAL is emptied even while readers are connected."""
        try:
            if self._connection is not None:
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error:
            pass  # what is in the WAL is durable there
        finally:
            self.drop()

    def _current_identity(self) -> _Identity:
        return tuple(map(_identity, self._parts))

    def _refuse_replaced(self, connection: sqlite3.Connection) -> None:
        """What goes into a file that nobody finds any more would be acknowledged and gone."""
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
        """Where a reader kept SQLite from removing it, the old WAL would be taken for the new file's own."""
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
        """Raise RecordsLost unless every acknowledged record is still there, as it was."""
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
            log.error("%s: %s; the log goes on and cannot be signed any more", self._file, missing)
            return None
