"""Which schemas of registry.db this program writes and reads, and how it refuses any other file.

Migrations only add. `user_version` counts them. The door reads a file only if its schema equals one that this
program knows, so the door is upgraded before the registry; `meta.min_reader` names the oldest schema version
whose programs may read the file.
"""

import sqlite3
from pathlib import Path

from controller.errors import CorruptDatabase, NewerDatabase
from controller.sqlite.fingerprint import fingerprint

SCHEMA = 10
FIRST_WITH_ERASURES = 2
FIRST_WITH_RULES = 4
FIRST_WITH_CARD_KEYS = 5
FIRST_WITH_RIGHTS = 8
FIRST_WITHOUT_ACCOUNTS = 10
# The schema after each step, by its fingerprint: the door reads no other. A new step adds its line. Step
# 7 changes rows only, so 6 and 7 are one.
FINGERPRINTS = {
    "5c43b95a007afc7d3b80a36f6b215efd7be7b6b9357efb3c6e2c20c0ea76322c": 1,
    "9f97c279d015f2515bc762f9206baf825c4d7f18d9090ea11763402bf5e8baaf": 2,
    "31f66b026d6736650f5e57dabf87c91cdc126c00532144c18d52b780bc0a1d90": 3,
    "6b64a35201e30cd1133d0bb8ab6c77c71b28285651eafd191f11755503b979e7": 4,
    "8e003ee064554ea875e9b0a877afd9fcb6be8ce18af915064360a96fffd0328f": 5,
    "d73b8c15572004e19cb7a05290eb2c43860ee44be1c94c56f74367ef473f774c": 7,
    "8cecea1344decb7dd04c2c8cf10737067c603663b6cc2ee29b432021541e981c": 8,
    "5fb910a2b758e0f205442403cd7b3032ccef88ae78701149182135681728d557": 9,
    "dd7a803ab74a98e151e09d8c97ec147f11af8e7698552d2a358f8ee6497751ff": 10,
}
# The migrations' own table, whose text depends on the version of sqlite_utils; the door never reads it. The
# other one is in the last good copy alone.
_NOT_COMPARED = ("_sqlite_migrations", "copy_made")


def schema_of(db: sqlite3.Connection) -> int | None:
    """The version of the schema, by what it is and not by what the file says; None for any other."""
    return FINGERPRINTS.get(fingerprint(db, _NOT_COMPARED))


def refuse_newer(db: sqlite3.Connection, file: Path) -> None:
    """Refuse a newer file: an older program must not write what a newer one may interpret differently, and
    cannot know what its schema is.
    """
    found: int = db.execute("PRAGMA user_version").fetchone()[0]
    if found > SCHEMA:
        raise newer(file, found)


def refuse_newer_to_read(min_reader: int, file: Path) -> None:
    if min_reader > SCHEMA:
        raise newer(file, min_reader)


def newer(file: Path, found: int, newest: int = SCHEMA) -> NewerDatabase:
    return NewerDatabase(
        f"{file} was written by a newer Genkan (schema {found}, this one knows {newest}); "
        "install that version again, or restore a backup from this one."
    )


def corrupt(file: Path, error: sqlite3.Error | ValueError) -> CorruptDatabase:
    """UnicodeDecodeError: SQLite names a damaged table in its error, and Python can't decode that name."""
    what = "its tables cannot be read" if isinstance(error, UnicodeDecodeError) else str(error)
    return CorruptDatabase(f"{file} is damaged or not a database ({what}); restore it from a backup.")


def unreadable_row(table: str, id_: object, error: ValueError) -> CorruptDatabase:
    """`id_` tells which row of registry.db holds a value that no Genkan writes."""
    return CorruptDatabase(
        f"registry.db, table {table}, row {id_!s:.60}: a value that no Genkan writes ({error!s:.100}); "
        "restore a backup."
    )


def is_corrupt(error: sqlite3.Error) -> bool:
    """Return whether the error concerns the file itself, not the disk, a lock or permissions."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
