"""Alarms are found by their index; a journal of before knows none, and a damaged record stops nothing."""

from pathlib import Path

from controller.journal.alarms import all_alarms, is_alarm
from controller.model.events import EventType
from tests.controller.journal.samples import happened, journal_in, raw


def as_before(folder: Path) -> None:
    """What a program of schema 2 would have left."""
    with raw(folder) as connection:
        connection.execute("DROP INDEX alarms")
        connection.execute("DELETE FROM _sqlite_migrations WHERE name = 'index_of_alarms'")
        connection.execute("PRAGMA user_version = 2")


def alarms(folder: Path) -> list[int]:
    with raw(folder) as connection:
        return all_alarms(connection)


def test_record_says_itself_that_it_is_an_alarm(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        journal.append(
            [happened(EventType.DOOR_FORCED_OPEN, door="d"), happened(EventType.DOOR_OPENED, door="d")]
        )
        journal.append([happened(EventType.DOOR_HELD_OPEN, door="d", codes={"of": 1})])
    assert alarms(tmp_path) == [3, 1]
    with raw(tmp_path) as connection:
        assert [is_alarm(connection, seq) for seq in (1, 2, 3, 4)] == [True, False, True, False]


def test_journal_the_door_has_not_brought_up_to_date_shows_none(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        journal.append([happened(EventType.REX_STUCK, door="d")])
    as_before(tmp_path)
    assert alarms(tmp_path) == []


def test_step_goes_over_a_damaged_record_and_finds_the_others(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        journal.append([happened(EventType.REX_STUCK, door="d") for _ in range(3)])
    as_before(tmp_path)
    file = tmp_path / "journal.db"
    whole = file.read_bytes()
    assert whole.count(b'"seq":2') == 1
    file.write_bytes(whole.replace(b'"seq":2', b"\xff\x00eq':2"))
    journal_in(tmp_path).close()
    assert set(alarms(tmp_path)) >= {1, 3}
