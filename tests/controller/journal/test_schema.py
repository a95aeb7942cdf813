"""The file itself: who may open it, and which writes it refuses from anyone."""

import sqlite3
from pathlib import Path

import pytest

from controller.errors import CorruptDatabase, InstallerError, NewerDatabase
from controller.journal.append import Journal
from controller.journal.query import JournalReader, LogFilter
from tests.controller.journal.samples import grant, journal_in, raw


def test_newer_database_is_left_alone(tmp_path: Path) -> None:
    journal_in(tmp_path).close()
    with raw(tmp_path) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = (tmp_path / "journal.db").read_bytes()
    with pytest.raises(NewerDatabase, match="newer Genkan"):
        journal_in(tmp_path)
    with pytest.raises(NewerDatabase), JournalReader(tmp_path / "journal.db") as reader:
        reader.page(LogFilter())
    assert (tmp_path / "journal.db").read_bytes() == before


@pytest.mark.parametrize("content", [b"not a database" * 400, b"SQLite format 3\x00" + b"\xff" * 8000])
def test_file_that_is_not_a_database_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "journal.db").write_bytes(content)
    with pytest.raises(CorruptDatabase, match=r"journal\.db.*restore a backup.*rotate the keys of NTAG 424"):
        journal_in(tmp_path)
    assert (tmp_path / "journal.db").read_bytes() == content


def test_table_whose_damaged_name_is_not_a_text_is_reported(tmp_path: Path) -> None:
    """SQLite names it in its error, and Python cannot read that."""
    journal_in(tmp_path).close()
    with raw(tmp_path) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        spoilt = "UPDATE sqlite_schema SET name = CAST(x'65c565' AS TEXT), sql = 'x' WHERE name = 'nodes'"
        assert connection.execute(spoilt).rowcount == 1
    with pytest.raises(CorruptDatabase, match="its tables cannot be read"):
        journal_in(tmp_path)
    with pytest.raises(CorruptDatabase), JournalReader(tmp_path / "journal.db") as reader:
        reader.page(LogFilter())


def test_database_of_another_kind_is_not_turned_into_a_journal(tmp_path: Path) -> None:
    with raw(tmp_path) as connection:
        connection.execute("CREATE TABLE cardholders (id TEXT)")
    with pytest.raises(CorruptDatabase, match="not a Genkan journal"):
        journal_in(tmp_path)


def test_missing_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InstallerError, match="check folder, owner and disk"):
        Journal.open(tmp_path / "nowhere" / "journal.db", "c")


def test_failed_start_gives_the_folder_back(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"x" * 5000)
    with pytest.raises(CorruptDatabase):
        journal_in(tmp_path)
    (tmp_path / "journal.db").unlink()
    journal_in(tmp_path).close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET body = '{}' WHERE seq = 1",
        "UPDATE events SET seq = 9 WHERE seq = 1",
        "DELETE FROM events WHERE seq = 2",
        "DELETE FROM events",
        "INSERT OR REPLACE INTO events (seq, body, leaf) VALUES (1, '{}', x'00')",
        "INSERT INTO events (seq, body, leaf) VALUES (9, '{}', x'00')",
        "INSERT INTO events (body, leaf) VALUES ('{}', x'00')",
        "UPDATE events SET details = '{}' WHERE seq = 1",
        "UPDATE events SET salt = x'00' WHERE seq = 1",
        "UPDATE events SET details = NULL WHERE seq = 1",
        "UPDATE events SET details = '{}', salt = x'00' WHERE seq = 1",
        "UPDATE events SET filed = 0 WHERE seq = 1",
        "INSERT INTO events (seq, body, leaf) VALUES (3, x'00', x'00')",
    ],
)
def test_record_once_written_cannot_be_changed(tmp_path: Path, statement: str) -> None:
    with journal_in(tmp_path) as journal:
        journal.append([grant(), grant()])
    with raw(tmp_path) as connection:
        before = connection.execute("SELECT * FROM events").fetchall()
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(statement)
        assert connection.execute("SELECT * FROM events").fetchall() == before
