import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from controller.errors import InstallerError
from controller.registry.database import Registry
from controller.registry.schema import SCHEMA


def test_new_file_has_an_id_of_its_own_the_schema_and_always(tmp_path: Path):
    first, second = Registry.open(tmp_path / "a.db"), Registry.open(tmp_path / "b.db")
    assert first.id() != second.id() and len(first.id()) == 32
    with first.read() as db:
        assert db.execute("PRAGMA user_version").fetchone() == (SCHEMA,)
        assert db.execute("SELECT min_reader FROM meta").fetchone() == (1,)
        assert db.execute("SELECT id, always FROM schedules").fetchall() == [("always", 1)]
        applied = db.execute("SELECT name FROM _sqlite_migrations ORDER BY id").fetchall()
    assert applied == [
        ("1_first",),
        ("2_erasures",),
        ("3_alarm_acknowledgements",),
        ("4_rules_of_the_floor",),
        ("5_card_keys",),
        ("6_issuing_station",),
        ("7_folded_names",),
        ("8_rights_on_the_record",),
        ("9_pending_erasures",),
        ("10_accounts_apart",),
    ]
    first.close()
    second.close()


@pytest.mark.process
def test_opening_again_migrates_nothing_and_imports_no_tool_for_it(tmp_path: Path):
    registry = Registry.open(tmp_path / "a.db")
    id_ = registry.id()
    registry.close()
    code = (
        "import sys; from pathlib import Path; from controller.registry.database import Registry;"
        " print(Registry.open(Path(sys.argv[1])).id()); assert 'sqlite_utils' not in sys.modules"
    )
    translate_sqlite_errors = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.db")], capture_output=True, text=True, check=True
    )
    assert translate_sqlite_errors.stdout.strip() == id_


def test_migration_that_fails_leaves_the_file_as_it_was(tmp_path: Path):
    """The next start does it again from the beginning."""
    connection = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    connection.execute("CREATE TABLE schedules (x)")  # in the way of a later statement
    with pytest.raises(InstallerError, match="schedules"):
        Registry.open(tmp_path / "a.db")
    assert connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'meta'").fetchone() == (0,)
    assert connection.execute("PRAGMA user_version").fetchone() == (0,)
    connection.execute("DROP TABLE schedules")
    connection.close()
    Registry.open(tmp_path / "a.db").close()


def test_registry_of_the_first_program_is_brought_up_to_date_and_keeps_its_rows(tmp_path: Path):
    registry = Registry.open(tmp_path / "a.db")
    id_ = registry.id()
    registry.close()
    connection = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    connection.execute("DROP TABLE erasures")
    connection.execute("DELETE FROM _sqlite_migrations WHERE name = '2_erasures'")
    connection.execute("PRAGMA user_version = 1")
    connection.close()
    registry = Registry.open(tmp_path / "a.db")
    assert registry.id() == id_
    with registry.read() as db:
        assert db.execute("SELECT count(*) FROM erasures").fetchone() == (0,)
    registry.close()
