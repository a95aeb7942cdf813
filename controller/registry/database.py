"""The writers' side of registry.db: one write at a time on the whole machine, with reads beside it.

Every write is one transaction under registry.lock and increments `registry_version`. Rows of
`operator_actions` belong to the same transaction as the change they describe, and carry the digests of the
rights that it changes.
"""

import queue
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path

from controller.errors import N_, BadInput, Busy, InstallerError
from controller.registry import touched_rights
from controller.registry.action_mac import action_key
from controller.registry.lock import busy, hold_lock, lock_file
from controller.registry.schema import SCHEMA, corrupt, is_corrupt, refuse_newer
from controller.sqlite.wal_locks import blocking_locks, programs_of

# Services pass a connection from one registry function to the next; they run no SQL themselves.
Connection = sqlite3.Connection
# What the registrar checks again in each write of a request: that its session still holds.
before_write: ContextVar[Callable[[Connection], None] | None] = ContextVar("before_write", default=None)
WAL_LIMIT = 4 * 1024 * 1024
_SCRATCH = """
    PRAGMA cache_size = -4096;
    PRAGMA trusted_schema = OFF;
    BEGIN;
    CREATE TEMP TABLE schedules AS SELECT * FROM main.schedules;
    CREATE UNIQUE INDEX temp.schedules_by_id ON schedules (id);
    CREATE TEMP TABLE schedule_windows AS SELECT * FROM main.schedule_windows;
    CREATE UNIQUE INDEX temp.schedule_windows_of ON schedule_windows (schedule_id, weekday, start, end);
    CREATE TEMP TABLE special_windows AS SELECT * FROM main.special_windows;
    CREATE INDEX temp.special_windows_of ON special_windows (schedule_id);
    CREATE TEMP TABLE access_levels AS SELECT * FROM main.access_levels;
    CREATE UNIQUE INDEX temp.access_levels_by_id ON access_levels (id);
    CREATE UNIQUE INDEX temp.access_levels_by_name ON access_levels (name);
    CREATE TEMP TABLE access_rules AS SELECT * FROM main.access_rules;
    CREATE UNIQUE INDEX temp.access_rules_of ON access_rules (level_id, access_point, schedule_id);
    CREATE TEMP TABLE operator_actions AS SELECT * FROM main.operator_actions WHERE 0;
    COMMIT;
"""


def new_reference() -> str:
    """The id of a new row. In a record or an address it names nobody, and nobody can guess it."""
    return secrets.token_hex(8)


class Registry:
    """Threads may share it. `file` is DATA/registry/registry.db."""

    def __init__(self, file: Path, key: bytes | None = None) -> None:
        """`key` is the card number key. Without it no change of rights goes on the record: for a file that
        is not in use yet.
        """
        self.file = file
        self._action_key = None if key is None else action_key(key)
        self.lock = lock_file(file)
        self._idle: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        self._all: list[sqlite3.Connection] = []
        self._file_of: dict[int, tuple[int, int]] = {}  # device and inode that each connection has open

    @classmethod
    def open(cls, file: Path, key: bytes | None = None) -> "Registry":
        """Create the file if it is missing, and migrate it to the current schema."""
        registry = cls(file, key)
        with _translate_sqlite_errors(file):
            with hold_lock(registry.lock):
                if not file.exists():  # SQLite's -wal and -shm inherit this mode
                    file.touch()
                    file.chmod(0o640)
                db = registry._connect()
                registry._migrate(db)
            registry._idle.put(db)
        return registry

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

    def _migrate(self, db: sqlite3.Connection) -> None:
        refuse_newer(db, self.file)
        if db.execute("PRAGMA user_version").fetchone()[0] == SCHEMA:
            return
        from controller.registry.migrations import migrate  # sqlite_utils takes 0.4 s to import

        db.execute("PRAGMA journal_mode = WAL")
        migrate(db)

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
        """Once another file replaces the registry, earlier connections write where nobody reads."""
        with suppress(queue.Empty):
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
        with _translate_sqlite_errors(self.file), self._connection() as db:
            db.execute("BEGIN")
            yield db

    @contextmanager
    def _committed(self) -> Iterator[sqlite3.Connection]:
        """Read beside a write, as of before it."""
        with self._connection() as db:
            db.execute("BEGIN")
            yield db

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Write all or nothing; the door sees it at its next poll. Keep it short: other writers wait."""
        with self.housekeeping() as db:
            yield db
            db.execute("UPDATE meta SET registry_version = registry_version + 1")

    @contextmanager
    def housekeeping(self) -> Iterator[sqlite3.Connection]:
        """Write what no decision depends on (sessions, rows of an unpublished import); keep the version."""
        with _translate_sqlite_errors(self.file), hold_lock(self.lock), self._connection() as db:
            db.execute("BEGIN IMMEDIATE")
            if (check := before_write.get()) is not None:
                check(db)
            if self._action_key is None:
                yield db
            else:
                newest_action = touched_rights.begin(db)
                yield db
                touched_rights.finish(db, newest_action, self._action_key, self._committed())
            db.execute("COMMIT")

    def scrub(self) -> bool:
        """Rewrite the file without deleted data, and empty the WAL.

        Return False if a reader prevents emptying the WAL: try again later.
        """
        with _translate_sqlite_errors(self.file), hold_lock(self.lock), self._connection() as db:
            db.execute("VACUUM")  # splitting a page leaves copies that secure_delete does not reach
            db.execute("PRAGMA busy_timeout = 1000")
            busy: int = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            db.execute("PRAGMA busy_timeout = 5000")
            return not busy

    def copy_into(self, target: Path) -> None:
        """Write one snapshot of the registry to `target`, which must not exist; writers don't wait."""
        with _translate_sqlite_errors(self.file), self._connection() as db:
            db.execute("VACUUM INTO ?", (str(target),))

    def scratch(self) -> sqlite3.Connection:
        """Open the registry read-only, with private copies of schedules, access levels and operator actions.

        Writes to these tables stay within the connection and end with it; the caller closes it. SQLite
        resolves a table name to the temporary table first. The copies are small for any number of people; the
        copy of operator actions is empty.
        """
        with _translate_sqlite_errors(self.file):
            db = self._connect_to_read()
            try:
                db.executescript(_SCRATCH)
            except BaseException:
                db.close()
                raise
        return db

    def _connect_to_read(self) -> sqlite3.Connection:
        return sqlite3.connect(
            f"{self.file.absolute().as_uri()}?mode=ro",
            uri=True,
            isolation_level=None,
            timeout=5,
            check_same_thread=False,
        )

    def use_wal(self) -> None:
        """Switch the file to WAL permanently; VACUUM INTO creates a file without it."""
        with _translate_sqlite_errors(self.file), hold_lock(self.lock), self._connection() as db:
            db.execute("PRAGMA journal_mode = WAL")

    def id(self) -> str:
        """The registry's random id.

        A restored registry gets a new one, so the journal can tell its rows apart.
        """
        with self.read() as db:
            registry_id: str = db.execute("SELECT registry_id FROM meta").fetchone()[0]
            return registry_id

    def version(self) -> int:
        """The number of writes that a decision may depend on."""
        with self.read() as db:
            version: int = db.execute("SELECT registry_version FROM meta").fetchone()[0]
            return version

    def close(self) -> None:
        """Close all connections. The last one checkpoints the WAL, hence the lock.

        Raise Busy, with all of them open, where another program keeps the lock.
        """
        with hold_lock(self.lock):
            while self._all:
                self._all.pop().close()


def _identity(file: Path) -> tuple[int, int]:
    found = file.stat()
    return found.st_dev, found.st_ino


@contextmanager
def _translate_sqlite_errors(file: Path) -> Iterator[None]:
    """Turn SQLite's errors into one sentence; let IntegrityError pass: the caller knows its meaning."""
    try:
        yield
    except sqlite3.IntegrityError:
        raise
    except (UnicodeEncodeError, OverflowError) as error:  # a lone surrogate, or an integer beyond 64 bits
        raise BadInput(
            "", N_("The input contains a character or number that cannot be stored; enter it again.")
        ) from error
    except UnicodeDecodeError as error:
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
