"""The writer's one connection: opened at first use, dropped at the first error, checkpointed when idle."""

import contextlib
import itertools
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from controller.errors import JournalUnavailable
from controller.journal.schema import open_for_writing
from controller.journal.tail import Tail

Statement = tuple[str, tuple[object, ...]]
_PAGES_A_STATEMENT = 4  # a record and two indexes, and one to spare
UNFILED_AT_MOST = 64
_NEWEST = "SELECT filed FROM events ORDER BY seq DESC"
_IDLE_PAGES = 256  # 1 MiB: short enough not to keep a tap waiting, and a small WAL is overwritten, not grown
_BUSY_PAGES = 2048  # 8 MiB: even a door that is never idle keeps its WAL bounded


@contextlib.contextmanager
def or_unavailable() -> Iterator[None]:
    """Whatever the disk or SQLite says, above this room it is JournalUnavailable."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise JournalUnavailable(f"The journal cannot be written ({error}); see to its disk.") from error


def _is_unfiled(row: tuple[int]) -> bool:
    return row[0] == 0


class Writing:
    """After an error what was written is not known, and a failed sync must never be retried on the same
    handle: the next `begin` opens the file anew and reads its end from disk.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._connection: sqlite3.Connection | None = None
        self.tail = Tail()
        self.last_orders: dict[str, int] = {}
        self.unfiled = 0  # how many of the newest records the indexes do not hold yet
        self._pages = 0  # an upper estimate of what the WAL holds that is not checkpointed yet

    def connection(self) -> sqlite3.Connection:
        if self._connection is None:
            connection = open_for_writing(self._file)
            try:
                self.tail = Tail.load(connection)
                unfiled = sum(1 for _ in itertools.takewhile(_is_unfiled, connection.execute(_NEWEST)))
                self.last_orders = dict(
                    connection.execute(
                        "SELECT registry_id, max(order_id) FROM orders_done GROUP BY registry_id"
                    )
                )
            except BaseException:
                connection.close()
                raise
            self._connection, self._pages = connection, _IDLE_PAGES
            self.unfiled = unfiled
        return self._connection

    def run(self, statements: Sequence[Statement]) -> None:
        """All or none, durable when it returns. A statement by itself is a transaction already."""
        connection = self.connection()
        if self._pages >= _BUSY_PAGES:
            self._checkpoint(connection)
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
        self._pages += len(statements) * _PAGES_A_STATEMENT

    def checkpoint_if_idle(self) -> None:
        if self._pages >= _IDLE_PAGES:
            self._checkpoint(self.connection())

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

    def _checkpoint(self, connection: sqlite3.Connection) -> None:
        try:
            _busy, in_wal, moved = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        except sqlite3.Error:
            self.drop()
            raise
        self._pages = max(0, in_wal - moved)
