"""The schema of a database as one hash, to compare it with the schemas that a program knows."""

import hashlib
import sqlite3
from collections.abc import Collection

_MOST_OBJECTS = 500
_ALL = "SELECT type, name, tbl_name, sql FROM sqlite_schema LIMIT ?"


def fingerprint(db: sqlite3.Connection, without: Collection[str] = ()) -> str:
    """Hash every table, index, view and trigger, except tables of these names and their indexes.

    Spaces and line breaks do not count. ValueError: SQLite's own table holds what no program writes.
    """
    found = db.execute(_ALL, (_MOST_OBJECTS + 1,)).fetchall()
    if len(found) > _MOST_OBJECTS:
        raise ValueError(f"more than {_MOST_OBJECTS} tables and indexes")
    lines = []
    for type_, name, table, sql in found:
        if not (isinstance(type_, str) and isinstance(name, str) and isinstance(table, str)):
            raise ValueError("a table without a name")
        if sql is not None and not isinstance(sql, str):
            raise ValueError(f"{name} has no definition")
        if table in without and type_ in ("table", "index"):
            continue
        lines.append(repr((type_, name, table, None if sql is None else " ".join(sql.split()))))
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
