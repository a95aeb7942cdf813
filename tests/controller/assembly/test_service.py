"""The door service in this process: every thread, real databases, virtual pins; the test holds the cards."""

import contextlib
import shutil
from pathlib import Path

import pytest

from controller.errors import AlreadyRunning, InstallerError
from controller.journal.append import Journal
from controller.services.site import Site
from tests.controller.databases import blocked
from tests.controller.journal.samples import grant
from tests.controller.site import BADGE, STRANGER, Door, admit, make_site, running_door
from tests.waiting import until


def test_grant_is_recorded_released_and_closed_with_its_outcome(door: Door):
    door.present("entrance-in")
    until(lambda: door.releases == 1)
    outcome = door.wait_for("access_outcome")[0]
    granted = door.log("access_granted")[0]
    assert outcome["of"] == granted["seq"]
    assert outcome["result"] == "not_opened"
    assert granted["person"] == "山田 花子"
    assert granted["badge"] == BADGE.last_four
    until(lambda: door.level == 0)


@pytest.mark.parametrize("number", [BADGE, STRANGER])
def test_any_card_on_the_way_out_releases(door: Door, number):
    door.present("entrance-out", number)
    until(lambda: door.releases == 1)
    left = door.wait_for("access_granted")[0]
    assert (left["direction"], left["result"]) == ("out", "granted")


def test_grant_cut_off_from_its_outcome_is_closed_at_the_next_boot(tmp_path: Path):
    with make_site(tmp_path / "data", release_time=10) as site:
        admit(site)
        with running_door(site) as door:
            door.present("entrance-in")
            door.wait_for("lock_released")
            copy = site.config.data.parent / "after-the-power-cut"
            shutil.copytree(site.config.data / "journal", copy)
        shutil.rmtree(site.config.data / "journal")
        shutil.copytree(copy, site.config.data / "journal")
        with running_door(site) as door:
            outcome = door.wait_for("access_outcome")[0]
            assert outcome["result"] == "outcome_unknown"


def test_tap_goes_before_the_closing_of_what_was_left_open(site: Site):
    admit(site)
    left = 3000
    config = site.config
    with Journal.open(config.data / "journal" / "journal.db", config.version) as journal:
        first = journal.newest_seq + 1
        journal.append([grant()] * left)
    with running_door(site) as door:
        door.present("entrance-in")
        door.wait_for("access_outcome", count=left)
        lines = door.log("access_granted", "access_outcome")
    ours = next(line for line in lines[left:] if line["type"] == "access_granted")
    outcomes = [line for line in lines if line["result"] == "outcome_unknown"]
    overtaken = [line for line in outcomes if ours["mono_ms"] < line["mono_ms"] and line["seq"] < ours["seq"]]
    assert ours["access_point"] == "entrance-in" and len(overtaken) <= 64  # two steps of the closing at most
    closed = {line["of"] for line in outcomes}
    assert closed == set(range(first, first + left))


def test_second_door_on_the_folder_is_refused_before_it_touches_a_pin(door: Door, site: Site):
    with pytest.raises(AlreadyRunning, match="another door process"), running_door(site):
        pass
    door.present("entrance-in")
    door.wait_for("access_granted")


def test_folder_that_was_never_set_up_is_refused_with_what_to_do(site: Site):
    for name in ("keys", "journal", "registry"):
        (site.config.data / name).rename(site.config.data / f"{name}-elsewhere")
    with pytest.raises(InstallerError, match="genkan init"), running_door(site):
        pass
    (site.config.data / "registry-elsewhere").rename(site.config.data / "registry")


def test_door_starts_and_lets_people_out_while_the_journal_cannot_be_written(site: Site):
    admit(site)
    with contextlib.ExitStack() as stack:
        block = blocked(site.config.data)
        with running_door(site, before_start=lambda: stack.enter_context(block)) as door:
            door.present("entrance-out")
            until(lambda: door.releases == 1)
            door.present("entrance-in")
            until(lambda: "refused" in door.service.readers["entrance-in"].indications)
            stack.close()
            assert door.wait_for("service_started")
