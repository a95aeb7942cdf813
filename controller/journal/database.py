"""The writer's connection to journal.db: the settings that make a commit durable, and a current schema."""

import contextlib
import os
import sqlite3
from pathlib import Path

from controller.durable import sync_folder
from controller.errors import CorruptDatabase
from controller.journal.schema import VERSION, as_installer_error, check_version

WAL_LIMIT = 4 * 1024 * 1024
# A commit writes five or six whole pages: with SQLite's usual 4 KiB, more than twice the bytes on the card.
# The size is fixed when the file is created, so an earlier journal keeps its own.
_PAGE_BYTES = 1024
BUSY_MS = 1000  # a wait for another program's lock; less than the 2 s after which the door refuses a tap


def open_for_writing(file: Path, busy_ms: int = BUSY_MS) -> sqlite3.Connection:
    """Create the file and its schema where they are missing. Errors of SQLite and the system pass through.

    Raises CorruptDatabase for an empty file: it is a log that was cut, since a new one is created whole.
    """
    if not file.exists():
        _create(file)
    elif not file.is_file():  # SQLite would wait for a pipe
        raise CorruptDatabase(f"{file} is not a file; put the right file there.")
    elif file.stat().st_size == 0:
        raise CorruptDatabase(
            f"{file} is empty, so the log is gone; put the right file there or restore a backup. To begin a "
            "new log instead, rotate the keys of NTAG 424 badges (deploy/issuing.md) and remove the file."
        )
    return _open(file, busy_ms)


def _create(file: Path) -> None:
    """Beside its place, so that after a power failure the file is complete or absent."""
    part = file.with_name(f"{file.name}.part")
    for left in (part, part.with_name(f"{part.name}-journal")):
        left.unlink(missing_ok=True)
    from controller.journal import migrations  # sqlite_utils takes long to import

    # SQLite gives -wal and -shm the mode of the database; the web's group must be able to read all three.
    os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640))
    with contextlib.closing(sqlite3.connect(part, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
        connection.execute("PRAGMA synchronous = FULL")
        migrations.apply(connection)
    for stale in (f"{file.name}-wal", f"{file.name}-shm"):  # of a log that is gone: SQLite would replay them
        file.with_name(stale).unlink(missing_ok=True)
    part.rename(file)
    sync_folder(file.parent)


def _open(file: Path, busy_ms: int) -> sqlite3.Connection:
    connection = sqlite3.connect(
        file, timeout=busy_ms / 1000, isolation_level=None, check_same_thread=False, cached_statements=64
    )
    try:
        version = check_version(file, connection)
        for pragma in (
            "PRAGMA journal_mode = WAL",
            "PRAGMA synchronous = FULL",
            "PRAGMA wal_autocheckpoint = 0",  # a tap would wait for a commit that also empties the WAL
            f"PRAGMA journal_size_limit = {WAL_LIMIT}",
            "PRAGMA trusted_schema = OFF",
            "PRAGMA secure_delete = ON",  # overwrite erased data in the file as well
        ):
            connection.execute(pragma)
        if version < VERSION:
            from controller.journal import migrations  # sqlite_utils takes long to import

            migrations.apply(connection)
    except UnicodeDecodeError as error:
        connection.close()
        raise as_installer_error(file, error) from error
    except BaseException:
        connection.close()
        raise
    return connection
