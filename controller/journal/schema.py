"""The writer's connection to journal.db: settings that make a commit durable, and the right schema."""

import os
import sqlite3
from pathlib import Path

from controller.errors import CorruptDatabase, InstallerError, NewerDatabase

VERSION = 4  # PRAGMA user_version of the newest step in migrations.py
FIRST_SIGNED = 2  # the version from which there are keys and checkpoints
FIRST_WITH_ALARMS = 3  # … and the index of alarms
APPLICATION_ID = 0x474B4A31  # "GKJ1"
WAL_LIMIT = 4 * 1024 * 1024
_BUSY_S = 1.0  # less than the 2 s after which the person at the door is refused
_NOT_SOUND = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def open_for_writing(file: Path) -> sqlite3.Connection:
    """Make the file and its schema where they are missing. Errors pass as SQLite or the system raise."""
    if not file.exists():
        # SQLite gives -wal and -shm the mode of the database: the web's group must be able to read all three.
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640))
    return _open(file)


def as_installer_error(file: Path, error: OSError | sqlite3.Error | UnicodeDecodeError) -> InstallerError:
    """The sentence for whoever starts the service.

    UnicodeDecodeError: a damaged schema, whose name SQLite wants to tell and Python cannot read.
    """
    if isinstance(error, UnicodeDecodeError):
        return _damaged(file, "its tables cannot be read")
    if isinstance(error, OSError):
        return InstallerError(f"{file}: cannot be used ({error.strerror}); check folder, owner and disk.")
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in _NOT_SOUND:
        return _damaged(file, str(error))
    return InstallerError(f"{file}: SQLite cannot use it ({error}); check folder, owner and disk.")


def _damaged(file: Path, what: str) -> CorruptDatabase:
    """What the badges said that count their readings is known to the log alone."""
    return CorruptDatabase(
        f"{file}: not a sound database ({what}); put it aside and restore a backup, or, where the log begins "
        "anew, rotate the keys of NTAG 424 badges first (deploy/issuing.md)."
    )


def check_version(file: Path, connection: sqlite3.Connection) -> int:
    """Return the schema's version; 0 for a file without one."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    if application not in (0, APPLICATION_ID) or (application == 0 and _has_tables(connection)):
        raise CorruptDatabase(f"{file}: a database, but not a Genkan journal; put the right file here.")
    if version > VERSION:
        raise NewerDatabase(
            f"{file}: written by a newer Genkan (schema {version}, this program knows {VERSION}); "
            "install that version or a later one."
        )
    return version


def _open(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        file, timeout=_BUSY_S, isolation_level=None, check_same_thread=False, cached_statements=64
    )
    try:
        version = check_version(file, connection)
        for pragma in (
            "PRAGMA journal_mode = WAL",
            "PRAGMA synchronous = FULL",
            "PRAGMA wal_autocheckpoint = 0",  # a tap would wait for a commit that also empties it
            f"PRAGMA journal_size_limit = {WAL_LIMIT}",
            "PRAGMA trusted_schema = OFF",
            "PRAGMA secure_delete = ON",  # what was erased is no longer in the file either
        ):
            connection.execute(pragma)
        if version < VERSION:
            from controller.journal import migrations

            migrations.apply(connection)
    except UnicodeDecodeError as error:
        connection.close()
        raise as_installer_error(file, error) from error
    except BaseException:
        connection.close()
        raise
    return connection


def _has_tables(connection: sqlite3.Connection) -> bool:
    return (
        connection.execute("SELECT 1 FROM sqlite_schema WHERE type = 'table' LIMIT 1").fetchone() is not None
    )
