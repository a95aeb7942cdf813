"""The three promises at a door whose threads hang one by one, in numbers: what a person may rely on.

The limits are literals here, not imported from the program, so that a changed limit fails here.
"""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from controller.model.operators import MACHINE
from controller.model.signals import DoorOpened, FireEnded, FireStarted
from controller.services.acting import Acting
from controller.services.doors import orders
from controller.services.site import Site
from tests.controller.site import BADGE, STRANGER, Door, admit, make_site, running_door
from tests.controller.step_door import StepClock


def indications(door: Door, reader: str = "entrance-in") -> list[str]:
    return door.service.readers[reader].indications  # type: ignore[attr-defined,no-any-return]


def results(door: Door) -> list[tuple[str, str | None]]:
    return [(line["type"], line["result"]) for line in door.log() if line["type"].startswith("access_")]


def test_nobody_is_admitted_before_the_record_of_it_is_on_the_disk(door: Door) -> None:
    with door.turns.hanging("record"):
        door.present("entrance-in")
        door.pass_time(1.9)
        assert (door.releases, indications(door), results(door)) == (0, [], [])
    with door.turns.hanging("drive"):
        door.turns.settle()
        assert results(door) == [("access_granted", "granted")] and door.releases == 0
    door.turns.settle()
    assert door.releases == 1 and indications(door) == ["granted"]


def test_whose_record_takes_longer_than_two_seconds_is_refused_while_it_hangs_and_never_admitted(
    door: Door,
) -> None:
    with door.turns.hanging("record"):
        door.present("entrance-in")
        door.pass_time(1.95)
        assert indications(door) == []
        door.pass_time(0.15)
        assert indications(door) == ["refused"]
    door.pass_time(5)
    assert door.releases == 0 and indications(door) == ["refused"]
    outcomes = results(door)
    assert ("access_denied", "denied") in outcomes
    assert outcomes.count(("access_granted", "granted")) == outcomes.count(("access_outcome", "not_released"))


def test_record_that_lands_late_releases_nothing_also_where_nothing_noticed_the_delay(door: Door) -> None:
    """The thread that refuses in time hangs as well."""
    with door.turns.hanging("record", "drive"):
        door.present("entrance-in")
        door.pass_time(2.05)
    door.turns.settle()
    assert door.releases == 0 and indications(door) == ["refused"]


def test_release_later_than_two_seconds_after_the_tap_is_refused_though_the_record_was_in_time(
    door: Door,
) -> None:
    """The drive thread hangs for as long as systemd allows."""
    with door.turns.hanging("drive"):
        door.present("entrance-in")
        door.pass_time(11.5)
        assert results(door) == [("access_granted", "granted")] and indications(door) == []
    door.pass_time(1)
    assert door.releases == 0 and indications(door) == ["refused"]
    assert results(door)[1:] == [("access_outcome", "not_released")]


@pytest.mark.parametrize(("hangs_s", "releases"), [(1.95, 1), (2.05, 0)])
def test_release_is_carried_out_up_to_two_seconds_after_the_tap(
    door: Door, hangs_s: float, releases: int
) -> None:
    with door.turns.hanging("drive"):
        door.present("entrance-in")
        door.pass_time(hangs_s)
    door.turns.settle()
    assert door.releases == releases


def test_order_whose_release_comes_too_late_releases_nothing_and_the_log_says_so(door: Door) -> None:
    acting = Acting(door.site, MACHINE, door.site.now())
    with door.turns.hanging("drive"):
        orders.unlock_once(acting, "entrance", "delivery")
        door.pass_time(2.5)
        (done,) = door.log("order_done")
    door.pass_time(1)
    assert door.releases == 0
    (outcome,) = door.log("access_outcome")
    assert (outcome["result"], outcome["of"]) == ("not_released", done["seq"])


def test_way_out_is_released_however_late_the_door_gets_to_it(door: Door) -> None:
    with door.turns.hanging("drive"):
        door.present("entrance-out")
        door.pass_time(11.5)
    door.turns.settle()
    assert door.level == 1


def test_late_release_at_a_door_that_fire_keeps_released_counts_the_person_in(door: Door) -> None:
    with door.turns.hanging("drive"):
        door.service.drive.post(FireStarted())
        door.present("entrance-in")
        door.pass_time(3)
    door.service.drive.post(DoorOpened("entrance"))
    door.turns.settle()
    assert results(door) == [("access_granted", "granted"), ("access_outcome", "opened")]


def test_badge_is_admitted_within_a_third_of_a_second(door: Door) -> None:
    door.present("entrance-in")
    door.pass_time(0.3)
    assert door.releases == 1


@pytest.mark.parametrize("number", [BADGE, STRANGER], ids=["staff", "stranger"])
def test_way_out_is_released_immediately_though_log_and_registry_hang(door: Door, number: object) -> None:
    with door.turns.hanging("record", "decide", "presence", "last_good"):
        door.present("entrance-out", number)  # type: ignore[arg-type]
        door.turns.settle()
        assert door.level == 1 and door.log("access_granted") == []
    door.pass_time(0.1)
    assert door.log("access_granted")[0]["direction"] == "out"


def test_fire_holds_every_lock_released_until_it_ends_though_all_else_hangs(door: Door) -> None:
    door.present("entrance-in")
    door.turns.settle()
    with door.turns.hanging("record", "decide", "presence", "last_good"):
        door.service.drive.post(FireStarted())
        for _ in range(60):
            door.pass_time(1)
            assert door.level == 1, "secured while it burns"
        door.service.drive.post(FireEnded())
        door.turns.settle()
        assert door.level == 0


def test_release_ends_with_its_time(door: Door) -> None:
    """One second is set here."""
    door.present("entrance-in")
    door.pass_time(0.9)
    assert door.level == 1
    door.pass_time(0.2)
    assert door.level == 0


def test_order_of_another_boot_or_older_than_a_minute_opens_nothing(site: Site, door: Door) -> None:
    now = site.now()
    other_boot = replace(now, boot="0123456789abcdef" * 2)
    too_old = replace(now, mono_ms=now.mono_ms - 60_000)
    for at in (other_boot, too_old):
        orders.unlock_once(Acting(site, MACHINE, at), "entrance", "delivery")
    door.pass_time(2)
    assert [line["reason"] for line in door.log("order_refused")] == ["another_boot", "too_old"]
    assert door.releases == 0 and door.log("order_done", "lock_released") == []
    orders.unlock_once(site.acting(MACHINE), "entrance", "delivery")
    door.pass_time(0.2)
    assert door.releases == 1


def test_door_whose_power_failed_while_it_was_released_starts_secured(tmp_path: Path) -> None:
    """And the log, which says last that it is released, says that it is secured."""
    with make_site(tmp_path / "data", release_time=10, clock=StepClock()) as site:
        admit(site)
        journal, at_the_cut = tmp_path / "data" / "journal", tmp_path / "at-the-cut"
        with running_door(site) as door:
            door.present("entrance-in")
            door.pass_time(2)
            assert door.level == 1 and len(door.log("lock_released")) == 1
            shutil.copytree(journal, at_the_cut)
        shutil.rmtree(journal)
        shutil.copytree(at_the_cut, journal)
        with running_door(site) as door:
            assert (door.level, door.releases) == (0, 0)
            door.pass_time(60)
            assert (door.level, door.releases) == (0, 0)
            assert [line["type"] for line in door.log("lock_released", "lock_secured")] == [
                "lock_released",
                "lock_secured",
            ]


def test_threads_that_admit_people_and_out_are_those_that_prove_life_to_systemd(door: Door) -> None:
    assert set(door.turns._proofs) == {"decide", "drive"}
