"""Limits for a connection that reads a file which another process writes.

No content of the file may make the reader compute or allocate without end.
"""

import sqlite3
import time
from collections.abc import Callable

STATEMENT_S = 0.2  # computing time of one statement
_WALL_S = 1.0  # a busy machine or disk may delay a statement for longer than it computes
_EVERY = 1000  # virtual machine instructions of SQLite between two readings of the clock
LONGEST = 1024 * 1024  # bytes of one value, one row or one rule book
_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: LONGEST,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 32 * 1024,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 50,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 0,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
_PRAGMAS = (
    "PRAGMA query_only = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA mmap_size = 0",  # SQLite then reads a shortened file as damaged; a mapping would end the process
    "PRAGMA wal_autocheckpoint = 0",
    "PRAGMA cache_size = -4096",
)


class Deadline:
    """Interrupts a statement that computes for longer than `STATEMENT_S`: sqlite3.OperationalError."""

    def __init__(
        self,
        db: sqlite3.Connection,
        monotonic: Callable[[], float] = time.monotonic,
        thread_time: Callable[[], float] = time.thread_time,
    ) -> None:
        self._monotonic, self._thread_time = monotonic, thread_time
        self.begin()
        db.set_progress_handler(self._is_over, _EVERY)

    def begin(self) -> None:
        """Before each statement, on the thread that runs it."""
        self._wall_s = self._monotonic() + _WALL_S
        self._computing_s = self._thread_time() + STATEMENT_S

    def _is_over(self) -> bool:
        return self._thread_time() > self._computing_s or self._monotonic() > self._wall_s


def limit(db: sqlite3.Connection) -> Deadline:
    """Set the limits of a new connection, before its first statement."""
    for kind, most in _LIMITS.items():
        db.setlimit(kind, most)
    deadline = Deadline(db)
    for pragma in _PRAGMAS:
        db.execute(pragma)
    return deadline


def concerns_a_value(error: sqlite3.Error) -> bool:
    """Whether one value is too long, or a text that is not UTF-8; the rows around it can be read.

    Python reports such a text without a code of SQLite.
    """
    code = getattr(error, "sqlite_errorcode", None)
    return code == sqlite3.SQLITE_TOOBIG or (code is None and isinstance(error, sqlite3.OperationalError))
