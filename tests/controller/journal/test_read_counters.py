"""The highest counter of each key, kept beside the records: it never falls, even if the records are lost."""

import sqlite3
from pathlib import Path

import pytest

from controller.model.readings import CardReading
from tests.controller.journal.samples import forge, grant, journal_in, raw

KEY, OTHER = "a1" * 16, "b2" * 16


def test_highest_counter_of_each_key_is_there_after_a_restart(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        assert journal.read_counters() == {}
        journal.append([grant(reading=CardReading(KEY, 5)), grant(reading=CardReading(OTHER, 1)), grant()])
        journal.append([grant(reading=CardReading(KEY, 9))])
        journal.append([grant(reading=CardReading(KEY, 7))])  # of one who waited for another
        assert journal.read_counters() == {KEY: 9, OTHER: 1}
    with journal_in(tmp_path) as journal:
        assert journal.read_counters() == {KEY: 9, OTHER: 1}


def test_counter_is_in_the_transaction_of_its_record(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        journal.append([grant()])
        with pytest.raises(ValueError, match="codes"):
            journal.append([grant(reading=CardReading(KEY, 5)), grant(codes={"seq": 1})])
        assert journal.read_counters() == {}


def test_record_says_nothing_of_the_key(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        journal.append([grant(reading=CardReading(KEY, 5))])
    with raw(tmp_path) as connection:
        ((body, details),) = connection.execute("SELECT body, details FROM events")
    assert KEY not in body + details


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE read_counters SET counter = 4",
        "UPDATE read_counters SET key = 'another'",
        "DELETE FROM read_counters",
    ],
)
def test_no_statement_lowers_a_counter_or_takes_it_away(tmp_path: Path, statement: str) -> None:
    with journal_in(tmp_path) as journal:
        journal.append([grant(reading=CardReading(KEY, 5))])
    with raw(tmp_path) as connection, pytest.raises(sqlite3.IntegrityError, match="reading"):
        connection.execute(statement)


def test_records_that_are_past_their_time_leave_the_counter(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        journal.append([grant(reading=CardReading(KEY, 5)), grant()])
    forge(tmp_path, ("DELETE FROM events WHERE seq = 1", ()))
    with journal_in(tmp_path) as journal:
        assert journal.read_counters() == {KEY: 5}


def test_journal_of_an_earlier_genkan_gets_the_table(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        journal.append([grant()])
    with raw(tmp_path) as connection:
        connection.execute("DROP TABLE read_counters")
        connection.execute("DELETE FROM _sqlite_migrations WHERE name = 'read_counters'")
        connection.execute("PRAGMA user_version = 3")
    with journal_in(tmp_path) as journal:
        journal.append([grant(reading=CardReading(KEY, 5))])
        assert journal.read_counters() == {KEY: 5}
