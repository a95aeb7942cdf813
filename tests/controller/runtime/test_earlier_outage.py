"""An outage of the journal in which the door process was killed."""

import contextlib
import shutil
from pathlib import Path

from controller.journal.state import read
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
