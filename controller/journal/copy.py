"""Copy the log for a backup while the door writes."""

import contextlib
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from controller.errors import JournalUnavailable
from controller.journal.proof.key_records import newest_checkpoint
from controller.journal.proof.note import parse_checkpoint
from controller.journal.reading import ReadConnections
from controller.journal.schema import as_installer_error

_TRIES = 5


@dataclass(frozen=True)
class CopiedLog:
    """`size` counts all records; the last three fields are the newest checkpoint's, None before the first."""

    schema: int
    size: int
    origin: str | None
    sealed: int | None
    note: str | None


def copy_journal(file: Path, target: Path) -> CopiedLog:
    """Write one snapshot of the log to `target`, which must not exist. The door's commits don't wait.

    Raises AwaitingRecovery, JournalUnavailable, NewerDatabase, CorruptDatabase or InstallerError.
    """
    with contextlib.closing(ReadConnections(file)) as reading:
        for _ in range(_TRIES):
            with reading.outside_a_snapshot() as (connection, still_so):
                _vacuum(file, connection, target)
                if still_so():
                    return _describe(target)
            target.unlink()  # the door started and changed a file that SQLite read as immutable
    raise JournalUnavailable("The door service restarts again and again; fix that, then make the backup.")


def _vacuum(file: Path, connection: sqlite3.Connection, target: Path) -> None:
    try:
        # VACUUM INTO writes only the new file: this connection is open read-only.
        connection.execute("PRAGMA query_only = OFF")
        connection.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.Error as error:
        target.unlink(missing_ok=True)
        raise as_installer_error(file, error) from error


def _describe(target: Path) -> CopiedLog:
    with contextlib.closing(sqlite3.connect(target)) as connection:
        schema = connection.execute("PRAGMA user_version").fetchone()[0]
        size = connection.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0]
        note = newest_checkpoint(connection)
    if note is None:
        return CopiedLog(schema=schema, size=size, origin=None, sealed=None, note=None)
    checkpoint = parse_checkpoint(note)
    return CopiedLog(schema=schema, size=size, origin=checkpoint.origin, sealed=checkpoint.size, note=note)
