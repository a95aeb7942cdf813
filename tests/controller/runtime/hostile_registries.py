"""Registries that no Genkan writes. Each function gets the file of a site whose door runs, and changes it."""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

Spoil = Callable[[Path], None]
_ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT"
_COUNT = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {most})"


@contextlib.contextmanager
def writing(file: Path) -> Iterator[sqlite3.Connection]:
    """As another program of the registry's user would write, without our lock and checks."""
    db = sqlite3.connect(file, isolation_level=None)
    try:
        db.execute("PRAGMA ignore_check_constraints = ON")
        yield db
    finally:
        db.close()


def endless_view(table: str) -> Spoil:
    def spoil(file: Path) -> None:
        with writing(file) as db:
            columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
            db.execute(f"DROP TABLE {table}")
            listed = ", ".join(f"i AS {column}" for column in columns)
            db.execute(f"CREATE VIEW {table} AS {_ENDLESS} {listed} FROM n")

    return spoil


def sql(*statements: str) -> Spoil:
    def spoil(file: Path) -> None:
        with writing(file) as db:
            for statement in statements:
                db.execute(statement)
            db.execute("UPDATE meta SET registry_version = registry_version + 1")

    return spoil


def without_constraints(table: str, *statements: str) -> Spoil:
    """Run statements that the table's types and constraints forbid, and put its definition back."""

    def spoil(file: Path) -> None:
        with writing(file) as db:
            (true_sql,) = db.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
            columns = [f'"{row[1]}"' for row in db.execute(f"PRAGMA table_info({table})")]
            key = "PRIMARY KEY" if table == "meta" else ""
            loose = f"CREATE TABLE {table} ({columns[0]} INTEGER {key}, {', '.join(columns[1:])})"
            db.execute("PRAGMA writable_schema = ON")
            db.execute("UPDATE sqlite_schema SET sql = ? WHERE name = ?", (loose, table))
        with writing(file) as db:
            for statement in statements:
                db.execute(statement)
            db.execute("PRAGMA writable_schema = ON")
            db.execute("UPDATE sqlite_schema SET sql = ? WHERE name = ?", (true_sql, table))
            db.execute("PRAGMA schema_version = 9000")

    return spoil


def replaced(make: Spoil) -> Spoil:
    """Put another thing in the place of the file, as `rename` does it."""

    def spoil(file: Path) -> None:
        new = file.with_name("new")
        make(new)
        new.rename(file)
        for end in ("-wal", "-shm"):
            file.with_name(file.name + end).unlink(missing_ok=True)

    return spoil


def _sparse(file: Path) -> None:
    with file.open("wb") as opened:
        opened.truncate(1024**4)


UNREADABLE: dict[str, Spoil] = {
    "endless view of meta": endless_view("meta"),
    "endless view of orders": endless_view("orders"),
    "endless view of credentials": endless_view("credentials"),
    "endless view of operator_actions": endless_view("operator_actions"),
    "endless view of schedules": endless_view("schedules"),
    "pipe": replaced(lambda file: os.mkfifo(file)),
    "link to the journal": replaced(lambda file: file.symlink_to("../journal/journal.db")),
    "link to /dev/zero": replaced(lambda file: file.symlink_to("/dev/zero")),
    "1 TB of holes": replaced(_sparse),
    "random bytes": replaced(lambda file: file.write_bytes(os.urandom(65536)) and None),
    "empty file": replaced(lambda file: file.touch()),
    "900,000 windows": sql(
        f"INSERT INTO schedule_windows {_COUNT.format(most=900_000)}"
        " SELECT 'always', i % 7, (i / 7) % 1440, (i / 10080) % 1440 FROM n"
    ),
    "200,000 brackets in a rule book": sql(
        "INSERT INTO rule_books (body, utc, operator_id, operator_name, note)"
        " VALUES (printf('%.*c', 200000, '['), '2026-11-24T06:00:00Z', '', '', '')"
    ),
    "300,000 lockdowns": sql(
        f"INSERT INTO lockdowns {_COUNT.format(most=300_000)}"
        " SELECT 'area' || i, '2026-11-24T06:00:00.000Z', '', '', '' FROM n"
    ),
    "NULL in meta": without_constraints("meta", "UPDATE meta SET registry_version = NULL"),
    "text in meta": without_constraints("meta", "UPDATE meta SET registry_version = 'seven'"),
    "text that is not UTF-8 in meta": without_constraints(
        "meta", "UPDATE meta SET registry_id = CAST(x'ff00fe' AS TEXT)"
    ),
    "trigger": sql(
        "CREATE TRIGGER copied AFTER UPDATE ON meta BEGIN UPDATE credentials SET status = 'active'; END"
    ),
    "foreign table": sql("CREATE TABLE wanted (x)"),
    "foreign index": sql("CREATE INDEX wanted ON cardholders (kana)"),
}
