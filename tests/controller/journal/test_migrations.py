"""The schema is created in steps, each all or nothing, and only if one is pending."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from controller.journal import schema
from controller.journal.migrations import apply, journal_migrations
from tests.controller.journal.samples import journal_in, raw

START = """
import sys
from pathlib import Path
from controller.journal.append import Journal
Journal.open(Path(sys.argv[1]), "c").close()
print(sorted(name for name in sys.modules if name.partition(".")[0] in {"sqlite_utils", "fastapi", "click"}))
"""


def imported(file: Path) -> str:
    run = subprocess.run(
        [sys.executable, "-c", START, str(file)], capture_output=True, text=True, check=True, timeout=120
    )
    return run.stdout.strip()


@pytest.mark.process
def test_start_on_a_finished_journal_imports_no_migrations(tmp_path: Path) -> None:
    assert "sqlite_utils" in imported(tmp_path / "journal.db")
    assert imported(tmp_path / "journal.db") == "[]"


def test_applying_again_changes_nothing(tmp_path: Path) -> None:
    journal_in(tmp_path).close()
    with raw(tmp_path) as connection:
        before = connection.execute("SELECT * FROM sqlite_schema").fetchall()
        apply(connection)
        assert connection.execute("SELECT * FROM sqlite_schema").fetchall() == before


def test_newest_step_leaves_the_version_the_program_expects() -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    apply(connection)
    assert connection.execute("PRAGMA user_version").fetchone()[0] == schema.VERSION
    assert connection.execute("PRAGMA application_id").fetchone()[0] == schema.APPLICATION_ID
    connection.close()


def test_step_that_fails_half_way_leaves_nothing() -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("CREATE TABLE latest (in_the_way)")  # after `events`, before the end of the first step
    try:
        apply(connection)
    except sqlite3.OperationalError:
        pass
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    assert "events" not in tables
    assert connection.execute("PRAGMA user_version").fetchone()[0] == 0
    connection.close()


def test_steps_have_names_of_their_own() -> None:
    names = [step.name for step in journal_migrations._migrations]
    assert len(names) == len(set(names)) == schema.VERSION
