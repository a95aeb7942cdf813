"""An outage of the journal in which the door process was killed."""

import contextlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from controller.journal.state import NAME, ServiceState, read
from controller.services.site import Site
from tests.controller.databases import blocked
from tests.controller.site import Door, admit, make_site, running_door
from tests.controller.step_door import StepClock


def kill(door: Door, data: Path) -> Path:
    """What a killed process leaves: the folder as it is now, away from what its threads still do."""
    door.turns.settle()
    copy = data.parent / f"{data.name}-after-the-kill"
    shutil.copytree(data / "journal", copy)
    return copy


def restore_copy(data: Path, copy: Path) -> None:
    shutil.rmtree(data / "journal")
    copy.rename(data / "journal")


def test_outage_that_outlives_kills_and_restarts_is_in_the_log_once(site: Site) -> None:
    data = site.config.data
    with contextlib.ExitStack() as stack:
        with running_door(site) as door:
            stack.enter_context(blocked(data))
            door.present("entrance-in")
            door.pass_time(3)
            copy = kill(door, data)
        restore_copy(data, copy)
    with blocked(data), running_door(site) as door:
        door.pass_time(4)  # the blocked disk costs real time at each attempt
        copy = kill(door, data)
    restore_copy(data, copy)
    with running_door(site) as door:
        door.pass_time(3)
        records = door.log("journal_failed", "journal_recovered")
    assert [line["type"] for line in records][-2:] == ["journal_failed", "journal_recovered"]
    failed, recovered = records[-2:]
    assert (failed["cause"], failed["restarted"]) == ("locked", 1)
    assert recovered["failed_ms"] >= 6_500, "since its beginning, in the first of the processes"
    with running_door(site) as door:
        door.pass_time(3)
        assert door.log("journal_failed", "journal_recovered") == records, "recorded once"
    state = read(data / "journal")
    assert state is not None and state.unrecorded_since is None


def test_entries_that_a_killed_door_had_only_in_memory_are_counted(tmp_path: Path) -> None:
    settings = '[doors.entrance]\nwhen_journal_fails = "remember"\n'
    with make_site(tmp_path / "data", settings, clock=StepClock()) as site:
        admit(site)
        data = site.config.data
        with running_door(site) as door, blocked(data):
            for _ in range(2):
                door.present("entrance-in")
                door.pass_time(3)
            assert door.releases == 2
            copy = kill(door, data)
        restore_copy(data, copy)
        with running_door(site) as door:
            door.pass_time(3)
            recovered = door.log("journal_recovered")[-1]
        assert (recovered["remembered"], recovered["dropped"]) == (2, 2)


def damage_nothing(file: Path) -> None:
    pass


def cut(file: Path) -> None:
    os.truncate(file, 100)


def empty(file: Path) -> None:
    os.truncate(file, 0)


def scramble(file: Path) -> None:
    file.write_bytes(b"x" * 4096)


def pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def link(file: Path) -> None:
    file.unlink()
    file.symlink_to("/dev/zero")


@pytest.mark.parametrize("damage", [damage_nothing, cut, empty, scramble, pipe, link])
def test_damaged_state_file_is_an_alarm_once_and_a_file_again(
    site: Site, damage: Callable[[Path], None]
) -> None:
    file = site.config.data / "journal" / NAME
    with running_door(site) as door:
        door.pass_time(1)
    damage(file)
    for _ in range(2):
        with running_door(site) as door:
            door.pass_time(1)
            found = door.log("state_damaged")
            assert len(found) == (damage is not damage_nothing) and all(one["alarm"] for one in found)
            assert (read(file.parent) or ServiceState(journal="unknown")).journal == "ok"
    assert not file.is_symlink() and file.is_file()


def test_outage_on_a_read_only_disk_outlives_a_kill_in_the_runtime_folder(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may write to any file, so folders in place of the files stand for the read-only disk."""
    data, memory = site.config.data, tmp_path / "run"
    memory.mkdir()
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(memory))
    with running_door(site) as door:
        door.pass_time(1)
        assert not any(memory.iterdir()), "while the disk works the folder stays empty"
        (data / "journal" / NAME).unlink()
        (data / "journal" / NAME).mkdir()
        with blocked(data):
            door.present("entrance-in")
            door.pass_time(3)
            assert (read(memory) or ServiceState()).journal == "failing"
            copy = kill(door, data)
            kept = (memory / NAME).read_bytes()
    restore_copy(data, copy)
    (data / "journal" / NAME).rmdir()
    (memory / NAME).write_bytes(kept)
    with running_door(site) as door:
        door.pass_time(3)
        failed, recovered = door.log("journal_failed", "journal_recovered")[-2:]
    assert (failed["restarted"], failed["cause"]) == (1, "locked") and recovered["failed_ms"] >= 3_000
    assert not any(memory.iterdir())
