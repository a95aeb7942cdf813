import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from controller.errors import BadInput, Busy, CorruptDatabase, InstallerError, NewerDatabase
from controller.registry import people
from controller.registry.database import Registry
from controller.registry.levels import all_levels, save_level
from controller.registry.lock import hold_lock, try_lock
from controller.registry.lookup import Lookup
from controller.registry.schedules import save_schedule
from controller.registry.wal_file import translate_sqlite_errors
from tests.controller.lock_holder import Held, held_lock
from tests.controller.registry.samples import fill, found_at, person_row


def names(registry: Registry) -> list[str]:
    with registry.read() as db:
        return [row.name for row in people.people_page(db, "", None, 1000)]


def version(registry: Registry) -> int:
    with registry.read() as db:
        return db.execute("SELECT registry_version FROM meta").fetchone()[0]


def test_file_is_wal_full_and_strict(registry: Registry):
    with registry.read() as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert db.execute("PRAGMA synchronous").fetchone() == (2,)
        assert db.execute("PRAGMA foreign_keys").fetchone() == (1,)
        loose = db.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE '%STRICT%'"
            " AND name NOT LIKE 'sqlite%' AND name NOT LIKE '_sqlite%'"
        ).fetchall()
    assert loose == []


def test_write_is_all_or_nothing_and_bumps_the_version(registry: Registry):
    before = version(registry)
    with pytest.raises(ZeroDivisionError), registry.write() as db:
        people.add_person(db, person_row(1))
        raise ZeroDivisionError
    assert names(registry) == [] and version(registry) == before
    with registry.write() as db:
        people.add_person(db, person_row(1))
    assert names(registry) == ["人1"] and version(registry) == before + 1


def test_housekeeping_leaves_the_version(registry: Registry):
    before = version(registry)
    with registry.housekeeping() as db:
        people.add_person(db, person_row(1))
    assert version(registry) == before


def test_scratch_holds_levels_with_two_schedules_at_a_door_and_changes_nothing(registry: Registry):
    with registry.write() as db:
        save_schedule(db, "nights", "nights", [])
        save_level(db, "staff", "Staff", [("entrance-in", "always"), ("entrance-in", "nights")])
        people.add_person(db, person_row(1))
    with closing(registry.scratch()) as scratch:
        assert len(all_levels(scratch)[0].rules) == 2
        save_level(scratch, "staff", "Staff", [])
        assert all_levels(scratch)[0].rules == () and people.person(scratch, "p1") is not None
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            people.add_person(scratch, person_row(2))
    with registry.read() as db:
        assert len(all_levels(db)[0].rules) == 2


def test_read_is_one_snapshot(registry: Registry):
    with registry.read() as db:
        assert people.person(db, "p1") is None
        with registry.write() as other:
            people.add_person(other, person_row(1))
        assert people.person(db, "p1") is None
    assert names(registry) == ["人1"]


def test_threads_writing_immediately_all_get_their_turn(registry: Registry):
    def write(start: int) -> None:
        for number in range(start, start + 20):
            with registry.write() as db:
                people.add_person(db, person_row(number))

    threads = [threading.Thread(target=write, args=(start,)) for start in (0, 100, 200, 300)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names(registry)) == 80 and version(registry) == 81


def test_writer_waits_for_the_lock_of_another_process(registry: Registry):
    done = threading.Event()

    def write() -> None:
        with registry.write() as db:
            people.add_person(db, person_row(1))
        done.set()

    with hold_lock(registry.lock):
        thread = threading.Thread(target=write)
        thread.start()
        assert not done.wait(0.2)
    assert done.wait(60)
    thread.join()


def test_lock_that_is_held_is_not_waited_for_when_only_asked(registry: Registry):
    with try_lock(registry.lock) as first, try_lock(registry.lock) as second:
        assert (first, second) == (True, False)
    with try_lock(registry.lock) as free:
        assert free


def test_constraint_is_left_to_the_caller_and_rolled_back(registry: Registry):
    fill(registry, range(1))
    with pytest.raises(sqlite3.IntegrityError), registry.write() as db:
        people.add_person(db, person_row(7))
        people.add_person(db, person_row(0))
    assert names(registry) == ["人0"]
    fill(registry, range(1, 2))


def test_what_cannot_be_stored_is_one_sentence(registry: Registry):
    for value in ("\ud800", 2**63):
        with pytest.raises(BadInput), registry.read() as db:
            db.execute("SELECT ?", (value,))


def test_failed_statement_does_not_keep_the_lock(registry: Registry):
    with pytest.raises(InstallerError, match="cannot be used"), registry.write() as db:
        db.execute("INSERT INTO nothing VALUES (1)")
    fill(registry, range(1))
    assert found_at(registry.file, 0) is not None


def test_newer_database_is_refused_to_writers(registry: Registry):
    with registry.housekeeping() as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(NewerDatabase, match=r"schema 99"):
        Registry.open(registry.file)


def test_table_whose_damaged_name_is_not_a_text_is_reported(registry: Registry):
    """SQLite names it in its error, and Python cannot read that."""
    with registry.housekeeping() as db:
        db.execute("PRAGMA writable_schema = ON")
        spoilt = "UPDATE sqlite_schema SET name = CAST(x'65c565' AS TEXT), sql = 'x' WHERE name = 'orders'"
        assert db.execute(spoilt).rowcount == 1
    for reopened in (Registry.open, Lookup):
        with pytest.raises(CorruptDatabase, match="its tables cannot be read"):
            reopened(registry.file)


def test_damaged_database_is_reported(tmp_path: Path):
    file = tmp_path / "registry.db"
    file.write_bytes(b"\x00garbage" * 1000)
    with pytest.raises(CorruptDatabase, match="restore it from a backup"):
        Registry.open(file)


def test_folder_that_is_not_there_is_reported(tmp_path: Path):
    with pytest.raises(InstallerError, match="check the disk"):
        Registry.open(tmp_path / "gone" / "registry.db")


def test_closed_registry_leaves_no_wal_behind(tmp_path: Path):
    registry = Registry.open(tmp_path / "registry.db")
    fill(registry, range(10))
    registry.close()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["private", "registry.db"]


@pytest.mark.process
@pytest.mark.parametrize("kind", [Held.READ, Held.OFD_READ])
def test_program_that_locks_the_database_is_named_and_reads_go_on(registry: Registry, kind: Held):
    fill(registry, range(1))
    with registry.read() as db:
        db.execute("PRAGMA busy_timeout = 50")  # 5 s in use
    with held_lock(registry.file.with_name("registry.db-shm"), kind, 0, 0) as process:
        with (
            pytest.raises(Busy, match=rf"python3? \({process}\) holds .*registry.db; wait"),
            registry.write(),
        ):
            pass
        assert found_at(registry.file, 0) is not None
        with (
            hold_lock(registry.lock),
            pytest.raises(Busy, match=rf"\({process}\) holds .*registry.db;"),
            translate_sqlite_errors(registry.file),
            hold_lock(registry.lock, within=0),
        ):
            pass
    fill(registry, range(1, 2))
