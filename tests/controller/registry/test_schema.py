import sqlite3

import pytest
from sqlite_utils import Database

from controller.registry.migrations import steps
from controller.registry.schema import FINGERPRINTS, SCHEMA, schema_of


@pytest.fixture
def db():
    db = sqlite3.connect(":memory:", isolation_level=None)
    yield db
    db.close()


def test_schema_after_each_step_is_known_and_the_newest_is_ours(db: sqlite3.Connection) -> None:
    """A step that changes rows only leaves the schema before it, which counts as the later one."""
    names = [step.name for step in steps._migrations]
    assert len(names) == SCHEMA
    found = set()
    for number in range(1, SCHEMA + 1):
        until = names[number] if number < SCHEMA else None
        steps.apply(Database(db, execute_plugins=False), stop_before=until)
        schema = schema_of(db)
        assert schema is not None and schema >= number, (
            f"FINGERPRINTS lacks the schema of step {names[number - 1]}"
        )
        found.add(schema)
    assert found == set(FINGERPRINTS.values()) and max(found) == SCHEMA


def test_foreign_schema_is_none(db: sqlite3.Connection) -> None:
    steps.apply(Database(db, execute_plugins=False))
    db.execute("CREATE TRIGGER t AFTER INSERT ON credentials BEGIN SELECT 1; END")
    assert schema_of(db) is None
