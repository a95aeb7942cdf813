"""Prepare a log from a backup to go on: note which operator actions it already holds."""

import contextlib
import sqlite3
from pathlib import Path

from controller.errors import CorruptDatabase
from controller.journal.registry_mark import registry_mark
from controller.journal.schema import as_installer_error, check_version

_LAST = "SELECT coalesce(max(last_action), 0) FROM copied WHERE registry_id = ?"
_COPIED = "INSERT OR REPLACE INTO copied (registry_id, last_action) VALUES (?, ?)"


def registry_of(file: Path) -> str | None:
    """The id of the accepted registry of the log in the backup; None if it is of an earlier version."""
    try:
        with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as connection:
            mark = registry_mark(connection)
            return None if mark is None else mark.registry_id
    except sqlite3.Error as error:
        raise as_installer_error(file, error) from error


def continue_from_backup(file: Path, registry_before: str, registry_now: str, newest_action: int) -> None:
    """Ensure that the door copies exactly the operator actions that the log lacks.

    The backup copies the registry after the log, so the registry may hold more actions. The mark never
    exceeds `newest_action`, since new actions take the next numbers. Raises CorruptDatabase, NewerDatabase or
    InstallerError.
    """
    try:
        with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as connection:
            check_version(file, connection)
            result = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if result != "ok":
                raise CorruptDatabase(f"The log in the backup is damaged ({result}); take another backup.")
            copied: int = connection.execute(_LAST, (registry_before,)).fetchone()[0]
            connection.execute(_COPIED, (registry_now, min(copied, newest_action)))
    except sqlite3.Error as error:
        raise as_installer_error(file, error) from error
