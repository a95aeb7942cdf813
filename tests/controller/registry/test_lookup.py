import gc
import os
import signal
import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from controller.errors import CorruptDatabase, NewerDatabase
from controller.model.access import TimeWindow
from controller.model.credentials import CardholderStatus, CredentialStatus
from controller.registry import badges, definitions, levels, people, schedules
from controller.registry.database import Registry
from controller.registry.lock import hold_lock
from controller.registry.lookup import Lookup, RegistryUnreadable
from tests.controller.registry.samples import UTC_NOW, badge_row, card_hash, fill, found_at, person_row


@pytest.fixture
def lookup(registry: Registry):
    lookup = Lookup(registry.file)
    yield lookup
    lookup.close()


def test_find_gives_everything_the_rules_ask_for(registry: Registry, lookup: Lookup):
    fill(registry, range(3))
    with registry.write() as db:
        schedules.save_schedule(db, "night", "Night", [TimeWindow(4, 1320, 360), TimeWindow(5, 0, 60)])
        levels.save_level(db, "late", "Late", [("entrance-in", "night"), ("entrance-out", "always")])
        people.set_levels(db, "p1", ["everywhere", "late"])
        changed = replace(badge_row(1, person_row(1)), valid_until=UTC_NOW + timedelta(days=1))
        badges.change_badge(db, changed)
    record = lookup.find(card_hash(1), "entrance-in")
    assert record is not None
    assert (record.cardholder.name, record.credential.last_four) == ("人1", "0001")
    assert (
        record.credential.valid_until == UTC_NOW + timedelta(days=1) and record.credential.valid_from is None
    )
    by_id = {rule.schedule.id: rule for rule in record.rules}
    assert set(by_id) == {"always", "night"} and by_id["always"].schedule.always
    assert by_id["night"].schedule.windows == (TimeWindow(4, 1320, 360), TimeWindow(5, 0, 60))
    assert all(rule.access_point == "entrance-in" for rule in record.rules)
    elsewhere = lookup.find(card_hash(1), "cellar")
    assert elsewhere is not None and elsewhere.rules == ()


def test_unknown_card_is_none_and_the_version_is_that_of_the_poll(registry: Registry, lookup: Lookup):
    before = lookup.version
    fill(registry, range(1))
    assert lookup.find(card_hash(9), "entrance-in") is None
    assert lookup.version == before + 1
    assert lookup.registry_id == registry.id()


def test_edit_is_obeyed_by_the_very_next_poll(registry: Registry, lookup: Lookup):
    """After a thousand edits of a badge, the lookup never returns an earlier state."""
    fill(registry, range(1))
    row = badge_row(0, person_row(0))
    for i in range(1000):
        status = (CredentialStatus.LOST, CredentialStatus.ACTIVE)[i % 2]
        with registry.write() as db:
            badges.change_badge(db, replace(row, status=status))
        record = lookup.find(card_hash(0), "entrance-in")
        assert record is not None and record.credential.status is status


def test_data_version_moves_with_every_commit_of_others_only(registry: Registry, lookup: Lookup):
    first = lookup.data_version()
    lookup.find(card_hash(0), "entrance-in")
    assert lookup.data_version() == first
    fill(registry, range(1))
    assert lookup.data_version() != first


def test_suspended_cardholder_is_found_as_such(registry: Registry):
    fill(registry, range(1))
    with registry.write() as db:
        people.change_person(db, replace(person_row(0), status=CardholderStatus.SUSPENDED))
    record = found_at(registry.file, 0)
    assert record is not None and record.cardholder.status is CardholderStatus.SUSPENDED


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE credentials SET status = 'borrowed'",
        "UPDATE credentials SET assurance = 9",
        "UPDATE credentials SET valid_from = 'yesterday'",
        "UPDATE credentials SET valid_until = '2026-11-24T06:00:00'",
        "UPDATE cardholders SET status = 'abroad'",
    ],
)
def test_value_of_a_newer_program_is_reported_as_such(registry: Registry, lookup: Lookup, change: str):
    fill(registry, range(1))
    with registry.housekeeping() as db:
        db.execute("PRAGMA ignore_check_constraints = ON")
        db.execute(change)
    with pytest.raises(RegistryUnreadable, match="does not understand"):
        lookup.find(card_hash(0), "entrance-in")
    assert lookup.find(card_hash(9), "entrance-in") is None, "other badges are not in the way"


def test_each_definition_has_the_time_limit_for_itself(
    registry: Registry, lookup: Lookup, monkeypatch: pytest.MonkeyPatch
):
    """What the door computes from one definition is not missing for the next statement."""
    now, read = 0.0, definitions.schedules_with_digests
    lookup._foreign._deadline._thread_time = lambda: now

    def read_slowly(db: sqlite3.Connection, has_special_days: bool):
        nonlocal now
        found = read(db, has_special_days)
        now += 1
        return found

    monkeypatch.setattr(definitions, "schedules_with_digests", read_slowly)
    fill(registry, range(1))
    with registry.write() as db:
        level, schedule = db.execute("SELECT level_id, schedule_id FROM access_rules").fetchone()
        db.executemany(
            "INSERT INTO access_rules (level_id, access_point, schedule_id) VALUES (?, ?, ?)",
            [(level, f"point {one}", schedule) for one in range(500)],
        )
    assert len(lookup.definitions().levels[level]) > 500


def test_lookup_cannot_write(registry: Registry, lookup: Lookup):
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        lookup._db.execute("DELETE FROM credentials")


def test_missing_file_is_reported_and_not_created(tmp_path: Path):
    with pytest.raises(RegistryUnreadable):
        Lookup(tmp_path / "registry.db")
    assert not (tmp_path / "registry.db").exists()


def test_damaged_file_is_reported(registry: Registry, tmp_path: Path):
    other = tmp_path / "other.db"
    other.write_bytes(b"no database " * 1000)
    with pytest.raises(CorruptDatabase):
        Lookup(other)


@pytest.mark.parametrize("min_reader", [1, 99])
def test_file_of_a_newer_program_is_not_read(registry: Registry, lookup: Lookup, min_reader: int):
    """What the schema of a later Genkan is, this one cannot know."""
    with registry.housekeeping() as db:
        db.execute("PRAGMA user_version = 99")
        db.execute("CREATE TABLE later (x)")
        db.execute("UPDATE meta SET min_reader = ?", (min_reader,))
    with pytest.raises(NewerDatabase, match="99"):
        lookup.find(card_hash(0), "entrance-in")
    with pytest.raises(NewerDatabase, match="99"):
        Lookup(registry.file)


def test_file_that_asks_for_a_newer_reader_is_not_read(registry: Registry, lookup: Lookup):
    with registry.housekeeping() as db:
        db.execute("UPDATE meta SET min_reader = 99")
    with pytest.raises(NewerDatabase, match="99"):
        lookup.find(card_hash(0), "entrance-in")


def test_folder_with_odd_characters_is_opened(tmp_path: Path):
    folder = tmp_path / "デ ー?タ#%41"
    folder.mkdir()
    registry = Registry.open(folder / "registry.db")
    fill(registry, range(1))
    assert found_at(registry.file, 0) is not None
    registry.close()


def test_write_that_is_under_way_is_not_seen(registry: Registry, lookup: Lookup):
    with registry.write() as db:
        person = person_row(5)
        people.add_person(db, person)
        badges.add_badge(db, badge_row(5, person), card_hash(5))
        assert lookup.find(card_hash(5), "entrance-in") is None
    assert lookup.find(card_hash(5), "entrance-in") is not None


def write_for_ever(file: Path, number: int, pipe: int) -> None:
    """The child: two badges in each update, its number to the pipe once it is acknowledged."""
    registry = Registry.open(file)
    while True:
        with registry.write() as db:
            for part in range(2):
                person = person_row(number * 2 + part)
                people.add_person(db, person)
                badges.add_badge(db, badge_row(number * 2 + part, person), card_hash(number * 2 + part))
        os.write(pipe, number.to_bytes(8, "big"))
        number += 1


def last_of_a_killed_writer(file: Path, number: int, updates: int) -> int:
    """Kill it after so many updates; the last one that it acknowledged."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            gc.disable()  # a collection would copy the whole heap of the tests into the child
            write_for_ever(file, number, write_end)
        finally:
            os._exit(1)
    os.close(write_end)
    last = b"".join(os.read(read_end, 8) for _ in range(updates))
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the child ended by itself"
    while piece := os.read(read_end, 65536):
        last += piece
    os.close(read_end)
    return int.from_bytes(last[-8:], "big")


@pytest.mark.process
def test_writer_killed_at_any_moment_leaves_old_or_new_and_never_a_mixture(tmp_path: Path):
    """200 kills: what was acknowledged is there, and of no update only half."""
    file = tmp_path / "registry.db"
    Registry.open(file).close()
    acknowledged = -1
    rounds, per_round = 25, 8
    for turn in range(rounds * per_round):
        acknowledged = last_of_a_killed_writer(file, acknowledged + 1, turn % 5 + 1)
        lookup = Lookup(file)
        halves = [
            lookup.find(card_hash(n), "entrance-in") is not None
            for n in range(2 * acknowledged, 2 * acknowledged + 4)
        ]
        lookup.close()
        assert halves[:2] == [True, True], "an acknowledged update is lost"
        assert halves[2] == halves[3], "half an update is seen"
        acknowledged += halves[2]


def test_lookup_never_asks_for_the_writers_lock(registry: Registry):
    with hold_lock(registry.lock):
        lookup = Lookup(registry.file)
        lookup.find(card_hash(0), "entrance-in")
        lookup.close()
    with pytest.raises(RegistryUnreadable):
        lookup.find(card_hash(0), "entrance-in")
