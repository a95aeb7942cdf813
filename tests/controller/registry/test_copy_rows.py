"""What a copy takes from a registry: the door's rows, in tables of our own, and no row that breaks a rule."""

import contextlib
import itertools
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.errors import GenkanError
from controller.model.orders import ActionType
from controller.registry.actions import record
from controller.registry.copy_rows import copy_rows
from controller.registry.database import Registry
from controller.registry.lookup import Lookup, RegistryUnreadable
from tests.controller.registry.samples import UTC_NOW, card_hash, fill
from tests.controller.runtime.hostile_registries import writing


@pytest.fixture
def target() -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        yield db


def copied(registry: Registry, target: sqlite3.Connection) -> list[int]:
    """How many rows each step of the copying held so far."""
    steps: list[int] = []

    def step() -> None:
        steps.append(target.execute("SELECT count(*) FROM cardholders").fetchone()[0])

    with contextlib.closing(Lookup(registry.file)) as lookup:
        lookup.copy_to(target, step)
    return steps


def ids(target: sqlite3.Connection, sql: str = "SELECT id FROM credentials ORDER BY id") -> list[str]:
    return [row[0] for row in target.execute(sql)]


def change_freely(file: Path, table: str, statement: str) -> None:
    """Run a statement that the rules of the table forbid, and put its definition back."""
    with writing(file) as db:
        (ours,) = db.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
        loose = ours.replace("STRICT, ", "").replace("NOT NULL", "")
        db.execute("PRAGMA writable_schema = ON")
        db.execute("UPDATE sqlite_schema SET sql = ? WHERE name = ?", (loose, table))
    with writing(file) as db:
        db.execute(statement)
        db.execute("PRAGMA writable_schema = ON")
        db.execute("UPDATE sqlite_schema SET sql = ? WHERE name = ?", (ours, table))
        db.execute("PRAGMA schema_version = 9000")


def test_tables_are_ours_and_there_is_nothing_else(registry: Registry, target: sqlite3.Connection) -> None:
    fill(registry, range(3))
    copied(registry, target)
    kinds = {
        row[0] for row in target.execute("SELECT DISTINCT type FROM sqlite_schema WHERE sql IS NOT NULL")
    }
    assert kinds == {"table"}
    names = set(ids(target, "SELECT name FROM sqlite_schema WHERE type = 'table'"))
    assert {"credentials", "cardholders", "pins", "rule_books"} <= names
    assert not names & {"operators", "sessions", "orders", "erasures", "staged_rights"}


def test_every_row_of_a_table_of_many_pages_is_there_and_steps_are_even(
    registry: Registry, target: sqlite3.Connection
) -> None:
    fill(registry, range(9000))
    steps = copied(registry, target)
    assert len(ids(target)) == 9000 == target.execute("SELECT count(*) FROM cardholder_levels").fetchone()[0]
    assert 4 <= len(steps) <= 6 and max(b - a for a, b in itertools.pairwise(steps)) <= 10_000


def test_newest_rule_book_and_the_actions_a_door_asks_for_come_without_their_texts(
    registry: Registry, target: sqlite3.Connection
) -> None:
    with registry.write() as db:
        for version in (1, 2):
            db.execute(
                "INSERT INTO rule_books VALUES (?, ?, '', '', '', '')", (version, f'{{"version": {version}}}')
            )
        for action in (ActionType.LOCKDOWN_BEGUN, ActionType.LOG_VIEWED, ActionType.LOG_VIEWED):
            record(db, None, UTC_NOW, action, "area", "*", reason="a secret")
    copied(registry, target)
    assert ids(target, "SELECT version FROM rule_books") == [2]
    rows = target.execute("SELECT id, action, object_id, reason FROM operator_actions").fetchall()
    assert rows == [(1, "lockdown_begun", "*", None), (3, "log_viewed", "*", None)]


LEFT_OUT = {
    "a name of two mebibytes": ("cardholders", "UPDATE cardholders SET name = printf('%.*c', 2000000, 'x')"),
    "a name of five thousand letters": (
        "cardholders",
        "UPDATE cardholders SET name = printf('%.*c', 5000, 'x')",
    ),
    "a name that is not UTF-8": ("cardholders", "UPDATE cardholders SET name = CAST(x'ff00fe' AS TEXT)"),
    "no name": ("cardholders", "UPDATE cardholders SET name = NULL"),
    "a number in place of a name": ("cardholders", "UPDATE cardholders SET name = x'00'"),
    "a status of its own": ("credentials", "UPDATE credentials SET status = 'golden'"),
    "a hash of another length": ("credentials", "UPDATE credentials SET card_hash = x'01'"),
}


@pytest.mark.parametrize("what", LEFT_OUT)
def test_row_about_one_person_that_breaks_a_rule_is_left_out_and_no_other(
    registry: Registry, target: sqlite3.Connection, what: str
) -> None:
    fill(registry, range(20))
    registry.close()
    table, change = LEFT_OUT[what]
    change_freely(registry.file, table, change + " WHERE id IN ('p7', 'b7')")
    copied(registry, target)
    one = "SELECT id FROM cardholders" if table == "cardholders" else "SELECT id FROM credentials"
    assert sorted(row[1:] for row in ids(target, one)) == sorted(str(n) for n in range(20) if n != 7)


def test_definition_that_breaks_a_rule_ends_the_copying(
    registry: Registry, target: sqlite3.Connection
) -> None:
    fill(registry, range(1))
    registry.close()
    change_freely(registry.file, "access_levels", "UPDATE access_levels SET name = NULL")
    with pytest.raises(RegistryUnreadable, match="access_levels"):
        copied(registry, target)


def test_registry_with_a_thousand_such_rows_is_not_copied(
    registry: Registry, target: sqlite3.Connection
) -> None:
    fill(registry, range(1001))
    registry.close()
    change_freely(registry.file, "credentials", "UPDATE credentials SET status = 'golden'")
    with pytest.raises(GenkanError, match="more than 1000 rows"):
        copied(registry, target)


def test_each_statement_has_the_whole_time_limit(registry: Registry, target: sqlite3.Connection) -> None:
    fill(registry, range(3))
    begun: list[int] = []
    with registry.read() as db:
        copy_rows(db, target, lambda: begun.append(1), lambda: None)
    assert len(begun) > 40
    assert target.execute("SELECT 1 FROM credentials WHERE card_hash = ?", (card_hash(2),)).fetchone()


def test_registry_of_an_earlier_schema_is_copied_as_it_is(tmp_path: Path, target: sqlite3.Connection) -> None:
    file = tmp_path / "old.db"
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as db:
        from controller.registry.migrations import _FIRST

        for statement in _FIRST:
            db.execute(statement)
        db.execute("INSERT INTO meta VALUES (1, 'r', 3, 1)")
        copy_rows(db, target, bool, lambda: None)
    assert target.execute("SELECT registry_version FROM meta").fetchone() == (3,)
    assert not target.execute("SELECT 1 FROM sqlite_schema WHERE name = 'pins'").fetchone()
