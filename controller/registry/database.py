"""The writers' side of registry.db: one write at a time on the whole machine, with reads beside it.

Every write is one transaction under registry.lock and increments `registry_version`. Rows of
`operator_actions` belong to the same transaction as the change they describe, and carry the digests of the
rights that it changes.
"""

import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from controller.registry import touched_rights
from controller.registry.action_mac import action_key
from controller.registry.lock import hold_lock
from controller.registry.schema import SCHEMA, refuse_newer
from controller.registry.wal_file import WalFile, translate_sqlite_errors

# Services pass a connection from one registry function to the next; they run no SQL themselves.
Connection = sqlite3.Connection
# What the registrar checks again in each write of a request: that its session still holds.
before_write: ContextVar[Callable[[Connection], None] | None] = ContextVar("before_write", default=None)
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


class Registry(WalFile):
    """`file` is DATA/registry/registry.db."""

    def __init__(self, file: Path, key: bytes | None = None) -> None:
        """`key` is the card number key. Without it no change of rights goes on the record: for a file that
        is not in use yet.
        """
        super().__init__(file)
        self._action_key = None if key is None else action_key(key)

    @classmethod
    def open(cls, file: Path, key: bytes | None = None) -> "Registry":
        """Create the file if it is missing, and migrate it to the current schema."""
        registry = cls(file, key)
        with translate_sqlite_errors(file):
            with hold_lock(registry.lock):
                if not file.exists():  # SQLite's -wal and -shm inherit this mode
                    file.touch()
                    file.chmod(0o640)
                db = registry._connect()
                registry._migrate(db)
            registry._idle.put(db)
        return registry

    def _migrate(self, db: sqlite3.Connection) -> None:
        refuse_newer(db, self.file)
        if db.execute("PRAGMA user_version").fetchone()[0] == SCHEMA:
            return
        from controller.registry.migrations import migrate  # sqlite_utils takes 0.4 s to import

        db.execute("PRAGMA journal_mode = WAL")
        migrate(db)

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
        """Write what no decision depends on (a draft, rows of an unpublished import); keep the version."""
        with translate_sqlite_errors(self.file), hold_lock(self.lock), self._connection() as db:
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
        with translate_sqlite_errors(self.file), hold_lock(self.lock), self._connection() as db:
            db.execute("VACUUM")  # splitting a page leaves copies that secure_delete does not reach
            db.execute("PRAGMA busy_timeout = 1000")
            busy: int = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            db.execute("PRAGMA busy_timeout = 5000")
            return not busy

    def copy_into(self, target: Path) -> None:
        """Write one snapshot of the registry to `target`, which must not exist; writers don't wait."""
        with translate_sqlite_errors(self.file), self._connection() as db:
            db.execute("VACUUM INTO ?", (str(target),))

    def scratch(self) -> sqlite3.Connection:
        """Open the registry read-only, with private copies of schedules, access levels and operator actions.

        Writes to these tables stay within the connection and end with it; the caller closes it. SQLite
        resolves a table name to the temporary table first. The copies are small for any number of people; the
        copy of operator actions is empty.
        """
        with translate_sqlite_errors(self.file):
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
        with translate_sqlite_errors(self.file), hold_lock(self.lock), self._connection() as db:
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
