"""Which schema of registry.db this program writes and reads, and how it refuses any other file.

Migrations only add. `user_version` counts them. `meta.min_reader` is the oldest schema version whose programs
may still read the file, so that one service can be upgraded while another runs.
"""

import sqlite3
from pathlib import Path

from controller.errors import CorruptDatabase, NewerDatabase

SCHEMA = 7
FIRST_WITH_RULES = 4
FIRST_WITH_CARD_KEYS = 5


def refuse_newer_to_write(db: sqlite3.Connection, file: Path) -> None:
    """Refuse a newer file: an older program must not write what a newer one may interpret differently."""
    found: int = db.execute("PRAGMA user_version").fetchone()[0]
    if found > SCHEMA:
        raise newer(file, found)


def refuse_newer_to_read(min_reader: int, file: Path) -> None:
    if min_reader > SCHEMA:
        raise newer(file, min_reader)


def newer(file: Path, found: int) -> NewerDatabase:
    return NewerDatabase(
        f"{file} was written by a newer Genkan (schema {found}, this one knows {SCHEMA}); "
        "install that version again, or restore a backup from this one."
    )


def corrupt(file: Path, error: sqlite3.Error | UnicodeDecodeError) -> CorruptDatabase:
    """UnicodeDecodeError: SQLite names a damaged table in its error, and Python can't decode that name."""
    what = "its tables cannot be read" if isinstance(error, UnicodeDecodeError) else str(error)
    return CorruptDatabase(f"{file} is damaged or not a database ({what}); restore it from a backup.")


def is_corrupt(error: sqlite3.Error) -> bool:
    """Return whether the error concerns the file itself, not the disk, a lock or permissions."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
