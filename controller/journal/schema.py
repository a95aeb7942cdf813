"""Which schema of journal.db this program reads and writes, and how it refuses any other file."""

import sqlite3
from pathlib import Path

from controller.errors import CorruptDatabase, InstallerError, NewerDatabase

VERSION = 6  # PRAGMA user_version of the newest step in migrations.py
FIRST_SIGNED = 2  # the first version with keys and checkpoints
FIRST_WITH_ALARMS = 3  # … and the index of alarms
FIRST_WITH_RIGHTS = 5  # … and rights in force
FIRST_WITH_MARK = 6  # … and the mark of the registry
APPLICATION_ID = 0x474B4A31  # "GKJ1"
_NOT_SOUND = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def as_installer_error(file: Path, error: Exception) -> InstallerError:
    """Explain the error to the installer in one sentence.

    Any error that is not of the disk or of SQLite comes from what the file contains: SQLite names a damaged
    table in its error, and Python can't decode that name; or a column has a value that nobody wrote.
    """
    if not isinstance(error, OSError | sqlite3.Error):
        return _damaged(file, "its tables cannot be read")
    if isinstance(error, OSError):
        return InstallerError(f"{file}: cannot be used ({error.strerror}); check folder, owner and disk.")
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in _NOT_SOUND:
        return _damaged(file, str(error))
    return InstallerError(f"{file}: SQLite cannot use it ({error}); check folder, owner and disk.")


def _damaged(file: Path, what: str) -> CorruptDatabase:
    """Name the NTAG 424 keys: only the log knows their counters, so a new log would accept replays."""
    return CorruptDatabase(
        f"{file}: damaged or not a database ({what}); put it aside and restore a backup. Before you start a "
        "new log instead, rotate the keys of NTAG 424 badges (deploy/issuing.md)."
    )


def check_pages(file: Path, connection: sqlite3.Connection) -> None:
    """Refuse a file that was cut. SQLite does not notice while the pages that it reads are in the WAL.

    Call this in a snapshot. It reads all pages, but only if the file is shorter than the snapshot.
    """
    pages = int(connection.execute("PRAGMA page_count").fetchone()[0])
    page_bytes = int(connection.execute("PRAGMA page_size").fetchone()[0])
    if file.stat().st_size >= pages * page_bytes:
        return
    if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise _damaged(file, "pages at its end are missing")


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


def _has_tables(connection: sqlite3.Connection) -> bool:
    return (
        connection.execute("SELECT 1 FROM sqlite_schema WHERE type = 'table' LIMIT 1").fetchone() is not None
    )
