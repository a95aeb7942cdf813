"""The file accounts.db: mode 0600, beside registry.db, for the process that writes the registry.

The door decides without it, and so do requests of the command line that concern no account: the file is
opened when somebody needs it, and what is wrong with it is an error of that request alone.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from controller.durable import sync_folder
from controller.errors import CorruptDatabase, InstallerError
from controller.registry.accounts.schema import create_tables, refuse_other
from controller.registry.lock import hold_lock
from controller.registry.wal_file import WalFile, translate_sqlite_errors
from controller.sqlite.open_mode import IMMUTABLE, open_mode
from controller.sqlite.regular_file import why_unfit

NAME = "accounts.db"
MODE = 0o600


def accounts_file(registry: Path) -> Path:
    """The accounts of the operators in this registry.db."""
    return registry.with_name(NAME)


@contextmanager
def new_file(file: Path) -> Iterator[sqlite3.Connection]:
    """Write accounts.db, or a copy of it, in one transaction: in its place it is complete."""
    part = file.with_name(file.name + ".part")
    part.unlink(missing_ok=True)  # from a killed run
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, MODE))
    part.chmod(MODE)
    db = sqlite3.connect(part, isolation_level=None)
    try:
        db.execute("PRAGMA journal_mode = OFF")  # a file that is not complete is removed as a whole
        db.execute("PRAGMA synchronous = FULL")
        db.execute("BEGIN IMMEDIATE")
        yield db
        db.execute("COMMIT")
    except BaseException:
        db.close()
        part.unlink()
        raise
    db.close()
    for end in ("-wal", "-shm"):  # SQLite would read those of an earlier file into this one
        file.with_name(file.name + end).unlink(missing_ok=True)
    part.rename(file)
    sync_folder(file.parent)


class Accounts(WalFile):
    """`file` is DATA/registry/accounts.db."""

    def create(self) -> None:
        """Create it without an account, unless it is there."""
        with translate_sqlite_errors(self.file), hold_lock(self.lock):
            if not os.path.lexists(self.file):
                with new_file(self.file) as db:
                    create_tables(db)

    def check(self) -> None:
        """Raise a GenkanError that names what is wrong with the file. Writes nothing."""
        with translate_sqlite_errors(self.file):
            self._refuse_unfit()
            parameters = open_mode(self.file).parameters or IMMUTABLE
            with closing(sqlite3.connect(f"{self.file.absolute().as_uri()}?{parameters}", uri=True)) as db:
                refuse_other(db, self.file)
                found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
            if found != "ok":
                raise CorruptDatabase(f"{self.file} is damaged ({found}); restore it from a backup.")

    def _refuse_unfit(self) -> None:
        try:
            unfit = why_unfit(self.file)
        except FileNotFoundError:
            data = self.file.parent.parent
            raise InstallerError(
                f"{self.file} is missing, so nobody can sign in; restore a backup, or create an empty file "
                f"with `genkan init --data {data}` and set the passwords with `genkan operator reset`."
            ) from None
        if unfit is not None:
            raise CorruptDatabase(f"{self.file} {unfit}; restore it from a backup.")

    def _connect_to_present(self) -> sqlite3.Connection:
        self._refuse_unfit()
        db = self._connect()
        try:
            refuse_other(db, self.file)
            db.execute("PRAGMA journal_mode = WAL")
        except BaseException:
            self._all.remove(db)
            db.close()
            raise
        return db

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Write all or nothing."""
        with translate_sqlite_errors(self.file), hold_lock(self.lock), self._connection() as db:
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")
