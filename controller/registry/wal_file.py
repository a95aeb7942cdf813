"""A database that one process writes: its connections, and SQLite's errors as sentences.

registry.db and accounts.db are such files. The lock file beside each keeps two processes from writing it at
the same time.
"""

import queue
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from controller.errors import N_, BadInput, Busy, InstallerError
from controller.registry.lock import busy, hold_lock, lock_file
from controller.registry.moments import NotAMoment
from controller.registry.schema import corrupt, is_corrupt
from controller.sqlite.wal_locks import blocking_locks, programs_of

WAL_LIMIT = 4 * 1024 * 1024


class WalFile:
    """Threads may share it."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.lock = lock_file(file)
        self._idle: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        self._all: list[sqlite3.Connection] = []
        self._file_of: dict[int, tuple[int, int]] = {}  # device and inode that each connection has open

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.file, isolation_level=None, timeout=5, check_same_thread=False)
        self._all.append(db)
        self._file_of[id(db)] = _identity(self.file)
        db.execute("PRAGMA trusted_schema = OFF")
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA synchronous = FULL")
        db.execute(f"PRAGMA journal_size_limit = {WAL_LIMIT}")
        db.execute("PRAGMA secure_delete = ON")  # overwrite erased data in the file as well
        db.execute("PRAGMA temp_store = MEMORY")  # and write it to no temporary file
        return db

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        db = self._idle_connection() or self._connect_to_present()
        try:
            yield db
        except sqlite3.OperationalError:
            # After a failed write or sync, don't reuse this handle: keep it out of the pool.
            with suppress(sqlite3.Error):
                db.execute("ROLLBACK")
            raise
        except BaseException:
            self._return_connection(db)
            raise
        else:
            self._return_connection(db)

    def _idle_connection(self) -> sqlite3.Connection | None:
        """Once another file replaces this one, earlier connections write where nobody reads."""
        with suppress(queue.Empty, FileNotFoundError):
            while True:
                db = self._idle.get_nowait()
                if self._file_of[id(db)] == _identity(self.file):
                    return db
                self._all.remove(db)
                db.close()
        return None

    def _connect_to_present(self) -> sqlite3.Connection:
        """SQLite would create a missing file."""
        _identity(self.file)
        return self._connect()

    def _return_connection(self, db: sqlite3.Connection) -> None:
        if db.in_transaction:
            db.execute("ROLLBACK")
        self._idle.put(db)

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Read one snapshot, with any number of statements."""
        with translate_sqlite_errors(self.file), self._connection() as db:
            db.execute("BEGIN")
            yield db

    @contextmanager
    def watched(self) -> Iterator[Callable[[], bool]]:
        """Yield a function: whether nobody has written to the file, or replaced it, since this began.

        Call it within a write, which keeps other writers out.
        """
        with translate_sqlite_errors(self.file), self._connection() as db:

            def state() -> tuple[tuple[int, int], int]:
                return _identity(self.file), db.execute("PRAGMA data_version").fetchone()[0]

            begun = self._file_of[id(db)], state()[1]
            yield lambda: state() == begun

    def close(self) -> None:
        """Close all connections. The last one checkpoints the WAL, hence the lock.

        Raise Busy, with all of them open, where another program keeps the lock.
        """
        if not self._all:
            return
        with hold_lock(self.lock):
            while self._all:
                self._all.pop().close()
        with suppress(queue.Empty):
            while True:
                self._idle.get_nowait()


def _identity(file: Path) -> tuple[int, int]:
    found = file.stat()
    return found.st_dev, found.st_ino


@contextmanager
def translate_sqlite_errors(file: Path) -> Iterator[None]:
    """Turn SQLite's errors into one sentence; let IntegrityError pass: the caller knows its meaning."""
    try:
        yield
    except sqlite3.IntegrityError:
        raise
    except (UnicodeEncodeError, OverflowError) as error:  # a lone surrogate, or an integer beyond 64 bits
        raise BadInput(
            "", N_("The input contains a character or number that cannot be stored; enter it again.")
        ) from error
    except (UnicodeDecodeError, NotAMoment) as error:
        raise corrupt(file, error) from error
    except Busy as error:
        others = programs_of(blocking_locks(file))  # the holder of our lock then waits for them as well
        if others is None:
            raise
        raise busy(file, others) from error
    except sqlite3.Error as error:
        if is_corrupt(error):
            raise corrupt(file, error) from error
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
            raise busy(file, programs_of(blocking_locks(file))) from error
        raise InstallerError(
            f"{file} cannot be used ({error}); check the disk, its free space and the folder's permissions."
        ) from error
    except OSError as error:
        raise InstallerError(
            f"{error.filename or file} cannot be used ({error.strerror}); check the disk and the "
            "folder's permissions."
        ) from error
