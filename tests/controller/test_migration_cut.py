"""A migration killed at any statement leaves the old database or the new one, never half."""

import contextlib
import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlite_utils import Database

from controller.journal import schema as journal_schema
from controller.journal.database import open_for_writing
from controller.journal.migrations import journal_migrations
from controller.journal.proof.canonical import canonical, leaf_hash
from controller.journal.schema import APPLICATION_ID
from controller.registry import schema as registry_schema
from controller.registry.accounts.database import Accounts, accounts_file
from controller.registry.database import Registry
from controller.registry.migrations import steps
from controller.registry.schema import FIRST_WITHOUT_ACCOUNTS
from tests.architecture.source_tree import ROOT

RECORDS = 600  # more than two whole subtrees, which the second step of the journal stores


def journal_at(version: int, file: Path) -> None:
    if version == 0:
        return
    db = sqlite3.connect(file, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    names = [step.name for step in journal_migrations._migrations]
    journal_migrations.apply(Database(db), stop_before=names[version : version + 1])
    with contextlib.closing(db):
        db.execute("BEGIN")
        for seq in range(1, RECORDS + 1):
            body = canonical({"seq": seq, "utc": "2026-11-24T06:00:00.000Z", "type": "heartbeat"})
            db.execute(
                "INSERT INTO events (seq, body, leaf) VALUES (?, ?, ?)", (seq, body, leaf_hash(body.encode()))
            )
        db.execute("COMMIT")


def registry_at(version: int, file: Path) -> None:
    if version == 0:
        return
    db = sqlite3.connect(file, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    names = [step.name for step in steps._migrations]
    steps.apply(Database(db, execute_plugins=False), stop_before=names[version : version + 1])
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("INSERT INTO access_levels VALUES ('a', 'Everywhere')")
    add_operator(db, version, accounts_file(file))
    db.execute(f"PRAGMA user_version = {version}")
    db.close()


def add_operator(db: sqlite3.Connection, version: int, accounts: Path) -> None:
    """One who is signed in."""
    if version < FIRST_WITHOUT_ACCOUNTS:
        db.execute("INSERT INTO operators VALUES ('a', 'a', 'A', 'hash', 'admin', 'en', 'active')")
        columns = "(token_hash, operator_id, created_utc, last_seen_utc)"
        db.execute(f"INSERT INTO sessions {columns} VALUES (x'01', 'a', 'created', 'seen')")
        return
    db.execute("INSERT INTO operators VALUES ('a', 'a', 'A', 'admin', 'en', 'active')")
    with contextlib.closing(Accounts(accounts)) as opened:
        opened.create()
        with opened.write() as other:
            other.execute("INSERT OR REPLACE INTO passwords VALUES ('a', 'hash')")
            other.execute("INSERT OR REPLACE INTO sessions VALUES (x'01', 'a', 'created', 'seen', NULL)")


def open_journal(file: Path) -> None:
    open_for_writing(file).close()


def open_registry(file: Path) -> None:
    Registry.open(file).close()


def schema_of(db: sqlite3.Connection) -> frozenset[tuple[str, str]]:
    """Tables, indexes and views, and the names of the applied steps: a step may change rows only."""
    rows = db.execute("SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE '%sqlite_%'").fetchall()
    with contextlib.suppress(sqlite3.OperationalError):
        rows += db.execute("SELECT 'step', name FROM _sqlite_migrations").fetchall()
    return frozenset((name, sql) for name, sql in rows)


def rows_of(db: sqlite3.Connection) -> list[object]:
    """What was in it before: the records, or the levels."""
    with contextlib.suppress(sqlite3.OperationalError):
        return db.execute("SELECT seq, body, leaf FROM events ORDER BY seq").fetchall()
    with contextlib.suppress(sqlite3.OperationalError):
        levels = db.execute("SELECT id, name FROM access_levels").fetchall()
        return [*levels, *accounts_of(db)]
    return []


def accounts_of(db: sqlite3.Connection) -> list[object]:
    """The password and the session of the operator, in the file where the schema has them."""
    file = Path(db.execute("SELECT file FROM pragma_database_list").fetchone()[0])
    columns = {name for (name,) in db.execute("SELECT name FROM pragma_table_info('operators')")}
    if "password_hash" in columns:
        passwords = db.execute("SELECT id, password_hash FROM operators").fetchall()
        return [*passwords, *db.execute("SELECT token_hash, operator_id FROM sessions").fetchall()]
    with contextlib.closing(sqlite3.connect(accounts_file(file))) as other:
        passwords = other.execute("SELECT operator_id, hash FROM passwords").fetchall()
        return [*passwords, *other.execute("SELECT token_hash, operator_id FROM sessions").fetchall()]


def state(file: Path) -> tuple[frozenset[tuple[str, str]], list[object]]:
    with contextlib.closing(sqlite3.connect(file)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return schema_of(db), rows_of(db)


CASES = [
    ("journal", journal_at, open_journal, version, journal_schema.VERSION)
    for version in range(journal_schema.VERSION)
] + [
    ("registry", registry_at, open_registry, version, registry_schema.SCHEMA)
    for version in range(registry_schema.SCHEMA)
]


@pytest.mark.process
@pytest.mark.parametrize(
    ("kind", "make", "migrate", "version", "newest"), CASES, ids=[f"{case[0]}-{case[3]}" for case in CASES]
)
def test_migration_killed_at_any_statement_leaves_old_or_new(
    tmp_path: Path,
    kind: str,
    make: Callable[[int, Path], None],
    migrate: Callable[[Path], None],
    version: int,
    newest: int,
) -> None:
    whole: dict[frozenset[tuple[str, str]], int] = {}
    for step in range(version, newest + 1):
        make(step, tmp_path / f"whole-{step}.db")
        whole[state(tmp_path / f"whole-{step}.db")[0]] = step
    assert len(whole) == newest - version + 1
    file, copies = tmp_path / "data" / f"{kind}.db", tmp_path / "copies"
    file.parent.mkdir()
    copies.mkdir()
    make(version, file)
    before = state(file)[1] if version else []
    program = [
        sys.executable,
        str(Path(__file__).with_name("cut_migration.py")),
        kind,
        str(file),
        str(copies),
    ]
    ran = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False, timeout=100)
    assert ran.returncode == 0, ran.stderr
    report = json.loads(ran.stdout)
    assert report["statements"] > 10

    def left_by_kill(at: Path) -> tuple[frozenset[tuple[str, str]], list[object]]:
        cut = at / file.name
        return state(cut) if cut.exists() else (frozenset(), [])

    seen = set()
    found = {}
    for nth in report["copies"]:
        schema, rows = found[nth] = left_by_kill(copies / str(nth))
        assert schema in whole, f"half at statement {nth}"
        seen.add(whole[schema])
        assert rows == before or not version
        cut = copies / str(nth) / file.name
        migrate(cut)
        assert whole[state(cut)[0]] == newest
        if version:
            assert state(cut)[1] == before
    is_created = kind == "journal" and not version  # beside its place, so it is absent or complete
    assert seen == ({0, newest} if is_created else set(range(version, newest + 1)))
    for nth in report["kills"]:
        of_that_moment = max(number for number in report["copies"] if number <= nth)
        assert left_by_kill(copies / f"killed-{nth}") == found[of_that_moment], f"killed at statement {nth}"
