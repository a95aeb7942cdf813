"""A door that starts while nobody can open its journal: another program holds it, or its disk is dead."""

import contextlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.journal.state import ServiceState, read
from controller.model.operators import MACHINE
from controller.model.signals import FireEnded, RexEnded, RexPressed
from controller.services.doors import orders
from controller.services.site import Site
from tests.controller.commands.command import done, genkan
from tests.controller.databases import shut
from tests.controller.runtime.order_rows import give_unlock
from tests.controller.site import BADGE, Door, admit, make_site, running_door
from tests.controller.step_door import StepClock
from tests.waiting import until


@contextlib.contextmanager
def started_without_journal(site: Site) -> Iterator[tuple[Door, contextlib.ExitStack]]:
    """A running door; closing the stack lets its journal be opened."""
    site.journal.close()  # a reader of ours is not what this is about
    with contextlib.ExitStack() as held:
        held.enter_context(shut(site.config.data))
        with running_door(site) as door:
            yield door, held


def state(site: Site) -> ServiceState:
    return read(site.config.data / "journal") or ServiceState()


def switch(site: Site, **active: bool) -> None:
    """The world beside the door, before the door service starts."""
    folder = site.config.data / "simulator"
    folder.mkdir(exist_ok=True)
    (folder / "state.json").write_text(json.dumps({"contact": False, "fire": False} | active))


def indications(door: Door) -> list[str]:
    return list(door.service.readers["entrance-in"].indications)  # type: ignore[attr-defined]


def assert_refused(door: Door, what: str) -> None:
    until(lambda: what in indications(door), what=f"{what} is shown")


def assert_log_is_whole(site: Site) -> None:
    assert done(genkan("log", "verify", "--data", site.config.data)).text.startswith("OK: ")


def test_exits_work_entries_are_refused_and_the_log_is_complete_afterwards(site: Site):
    admit(site)
    with started_without_journal(site) as (door, held):
        for signal in (RexPressed("entrance"), RexEnded("entrance")):
            door.service.drive.post(signal)
        until(lambda: door.releases == 1)
        until(lambda: door.level == 0)
        door.present("entrance-out")
        until(lambda: door.releases == 2)
        until(lambda: door.level == 0)
        door.present("entrance-in")
        assert_refused(door, "refused")
        assert door.releases == 2
        until(lambda: state(site).journal == "failing")
        assert state(site).journal_cause == "locked"
        held.close()
        door.wait_for("journal_recovered")
        until(lambda: state(site).journal == "ok")
        door.present("entrance-in")
        door.wait_for("access_outcome")
    types = [line["type"] for line in door.log()]
    begun = types.index("service_started")
    assert types[begun : begun + 2] == ["service_started", "journal_failed"]
    denied = door.log("access_denied")
    assert [line["reason"] for line in denied] == ["journal_unavailable"]
    assert [line["direction"] for line in door.log("access_granted")] == ["out", "in"]
    assert_log_is_whole(site)


def test_door_that_remembers_admits_from_its_start_on(tmp_path: Path):
    with make_site(
        tmp_path / "data", '[doors.entrance]\nwhen_journal_fails = "remember"\n', clock=StepClock()
    ) as site:
        admit(site)
        with started_without_journal(site) as (door, held):
            door.present("entrance-in")
            until(lambda: door.releases == 1)
            until(lambda: door.level == 0)
            held.close()
            recovered = door.wait_for("journal_recovered")[0]
            outcome = door.wait_for("access_outcome")[0]
        granted = door.log("access_granted")[0]
        assert (granted["volatile"], recovered["remembered"]) == (1, 1)
        assert (outcome["of"], outcome["result"]) == (granted["seq"], "not_opened")


@pytest.fixture
def slow_site(tmp_path: Path) -> Iterator[Site]:
    """Where a release lasts as long as it may, so that its outcome is still open for a while."""
    with make_site(tmp_path / "slow", release_time=10, clock=StepClock()) as site:
        yield site


def test_what_the_start_would_have_reported_is_reported_as_of_the_start(slow_site: Site):
    """The process before this one ended with its power: released, a grant open, while it burned."""
    site = slow_site
    admit(site)
    switch(site, fire=True)
    journal, copy = site.config.data / "journal", site.config.data.parent / "after-the-power-cut"
    with running_door(site) as door:
        door.wait_for("lock_released")
        door.present("entrance-in")
        open_grant = door.wait_for("access_granted")[0]["seq"]
        shutil.copytree(journal, copy, ignore=shutil.ignore_patterns("*.part*"))  # they come and go
    shutil.rmtree(journal)
    shutil.copytree(copy, journal)
    switch(site, fire=False, contact=True)
    with started_without_journal(site) as (door, held):
        door.service.drive.post(RexPressed("entrance"))
        until(lambda: door.releases == 1)
        held.close()
        door.wait_for("journal_recovered")
        door.wait_for("access_outcome")
    lines = [line for line in door.log() if line["seq"] > open_grant]
    started = next(line["seq"] for line in lines if line["type"] == "service_started")
    types = [line["type"] for line in lines if line["seq"] > started and line["type"] != "journal_failed"]
    assert types[:3] == ["fire_ended", "lock_secured", "door_opened"]
    assert types.index("rex_pressed") > 2
    outcome = next(line for line in lines if line["type"] == "access_outcome")
    assert (outcome["of"], outcome["result"]) == (open_grant, "outcome_unknown")


def test_fire_that_began_while_no_log_could_be_read_is_in_it_once(site: Site):
    switch(site, fire=True)
    with started_without_journal(site) as (door, held):
        assert door.level == 1
        door.service.drive.post(FireEnded())
        until(lambda: door.level == 0)
        held.close()
        door.wait_for("fire_ended")
        lines = door.log("fire_started", "fire_ended", "lock_released", "lock_secured")
        assert [line["type"] for line in lines] == [
            "fire_started",
            "lock_released",
            "lock_secured",
            "fire_ended",
        ]


def test_order_that_was_done_is_not_done_again_and_the_others_wait_for_the_journal(site: Site):
    with running_door(site) as door:
        orders.unlock_once(site.acting(MACHINE), "entrance", "delivery")
        door.wait_for("order_done")
        until(lambda: door.level == 0)
    with started_without_journal(site) as (door, held):
        with site.registry.write() as db:
            give_unlock(db, site.now())
        door.present("entrance-in", BADGE)
        assert_refused(door, "refused")
        assert door.service.registry_watch.last_order(site.registry.id()) == 0
        assert door.releases == 0
        held.close()
        door.wait_for("order_done", "order_refused", count=2)
        assert [line["order"] for line in door.log("order_done", "order_refused")] == [1, 2]
        assert len(door.log("order_done")) <= 2


@pytest.mark.parametrize("name", ["journal", "registry"])
def test_site_whose_registry_cannot_be_read_either_lets_people_out(site: Site, name: str):
    admit(site)
    (site.config.data / "registry" / "registry.db").unlink()
    door_is_without = started_without_journal if name == "journal" else _only_without_registry
    with door_is_without(site) as (door, _):
        door.present("entrance-out")
        until(lambda: door.releases == 1)
        door.present("entrance-in")
        assert_refused(door, "refused")


@contextlib.contextmanager
def _only_without_registry(site: Site) -> Iterator[tuple[Door, None]]:
    with running_door(site) as door:
        yield door, None
