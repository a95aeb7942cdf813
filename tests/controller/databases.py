"""What other programs can do to our databases."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def blocked(data: Path) -> Iterator[None]:
    """Hold the journal's write lock, as a backup tool that opened it for writing would."""
    connection = sqlite3.connect(data / "journal" / "journal.db", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


@contextlib.contextmanager
def shut(data: Path) -> Iterator[None]:
    """Keep the journal from being opened at all, as a database tool in exclusive mode would."""
    connection = sqlite3.connect(data / "journal" / "journal.db", isolation_level=None)
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("BEGIN EXCLUSIVE")
    connection.execute("COMMIT")
    try:
        yield
    finally:
        connection.close()


def make_newer(file: Path) -> None:
    """As a later Genkan would leave it, with a schema this one may not read."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA user_version = 9999")
    if "registry" in file.name:
        connection.execute("UPDATE meta SET min_reader = 9999")
    connection.close()
