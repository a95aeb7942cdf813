"""The writer's connection to journal.db: the settings that make a commit durable, and a current schema."""

import os
import sqlite3
from pathlib import Path

from controller.journal.schema import VERSION, as_installer_error, check_version

WAL_LIMIT = 4 * 1024 * 1024
_BUSY_S = 1.0  # less than the 2 s after which the door refuses a tap


def open_for_writing(file: Path) -> sqlite3.Connection:
    """Create the file and its schema where they are missing. Errors of SQLite and the system pass through."""
    if not file.exists():
        # SQLite gives -wal and -shm the mode of the database; the web's group must be able to read all three.
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640))
    return _open(file)


def _open(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        file, timeout=_BUSY_S, isolation_level=None, check_same_thread=False, cached_statements=64
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
            from controller.journal import migrations

            migrations.apply(connection)
    except UnicodeDecodeError as error:
        connection.close()
        raise as_installer_error(file, error) from error
    except BaseException:
        connection.close()
        raise
    return connection
