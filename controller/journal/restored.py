"""The log of a backup, before it goes on: what of the registry is in it already."""

import contextlib
import sqlite3
from pathlib import Path

from controller.errors import CorruptDatabase
from controller.journal.schema import as_installer_error, check_version

_LAST = "SELECT coalesce(max(last_action), 0) FROM copied WHERE registry_id = ?"
_COPIED = "INSERT OR REPLACE INTO copied (registry_id, last_action) VALUES (?, ?)"


def continue_from_backup(file: Path, registry_before: str, registry_now: str, newest_action: int) -> None:
    """Operator actions that the log holds are not copied into it again, and those that it lacks are.

    The registry's copy was made after the log's, so it may hold more; never is more taken for done than it
    holds, since new actions take the next numbers. Raises CorruptDatabase, NewerDatabase or InstallerError.
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
