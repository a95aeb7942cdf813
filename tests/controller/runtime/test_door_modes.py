"""A door that its schedule unlocks: first the record, then the release; its end waits for nothing."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from controller.decision.facts import DoorFacts
from controller.model.access import TimeWindow
from controller.model.operators import MACHINE
from controller.model.rule_book import Area, Category, DoorMode, DoorRules, RuleBook, ScheduledMode
from controller.model.rules.interlock import InterlockSetting
from controller.model.rules.order import RuleName
from controller.model.rules.setting import RuleMode, RuleSetting
from controller.model.signals import DoorClosed, DoorOpened, FireEnded, FireStarted, ReleaseRequested
from controller.services.access import levels, schedules
from controller.services.doors import lockdown
from controller.services.doors.lockdown import SITE
from controller.services.doors.modes import HeldBack
from controller.services.doors.modes import door_modes as modes_of_doors
from controller.services.explain.record import explain_record
from controller.services.people import badges, people
from controller.services.rules import books as rule_books
from controller.services.site import Site
from firmware_bridge.simulator.trace import read
from tests.controller.site import BADGE, STRANGER, Door, admit, make_site, running_door
from tests.controller.step_door import StepClock
from tests.controller.unrecorded import unrecorded
from tests.waiting import until

EVERY_DAY = [TimeWindow(day, 0, 1440) for day in range(7)]
FLOOR = Area("floor", "Floor", "フロア", ("entrance-in",), ("entrance-out",))


def publish(site: Site, *scheduled: ScheduledMode, mode: DoorMode = DoorMode.CARD) -> int:
    doors = {"entrance": DoorRules("entrance", mode, scheduled)}
    book = RuleBook(areas={"floor": FLOOR}, doors=doors, categories={"sv": Category("sv", "SV", "SV")})
    return rule_books.publish(site.acting(MACHINE), book, "modes")


def unlocked_all_day(site: Site) -> int:
    schedules.add(site.acting(MACHINE), "Reception", EVERY_DAY)
    return publish(site, ScheduledMode("Reception", DoorMode.UNLOCKED))


def close(site: Site) -> None:
    """Its schedule ends now."""
    (reception,) = [s for s in schedules.all_schedules(site.acting(MACHINE)) if s.name == "Reception"]
    in_three_days = (site.now().utc.weekday() + 3) % 7
    schedules.edit(site.acting(MACHINE), reception.id, "Reception", [TimeWindow(in_three_days, 600, 660)])


def modes(door: Door, count: int = 1) -> list[dict[str, Any]]:
    return door.wait_for("door_mode_changed", count=count)


def mode_fields(record: dict[str, Any]) -> tuple[Any, ...]:
    return record["door"], record.get("before"), record["mode"], record["cause"]


def released(door: Door) -> bool:
    return door.level == 1


def test_schedule_unlocks_a_door_behind_its_record_and_its_end_secures_it(site: Site, door: Door) -> None:
    version = unlocked_all_day(site)
    until(lambda: released(door), what="the door stands unlocked")
    (unlocked,) = modes(door)
    assert (mode_fields(unlocked), unlocked["rules"]) == (
        ("entrance", "card", "unlocked", "publish"),
        version,
    )
    assert door.wait_for("lock_released")[0]["seq"] > unlocked["seq"]
    close(site)
    until(lambda: not released(door), what="the door is secured")
    assert mode_fields(modes(door, 2)[-1]) == ("entrance", "unlocked", "card", "schedule")


def test_people_go_through_an_unlocked_door_and_it_is_neither_forced_nor_secured(
    site: Site, door: Door
) -> None:
    unlocked_all_day(site)
    until(lambda: released(door))
    for signal in (DoorOpened("entrance"), DoorClosed("entrance"), DoorOpened("entrance")):
        door.service.drive.post(signal)
    door.present("entrance-in")
    assert door.wait_for("access_outcome")[0]["result"] == "opened"
    door.service.drive.post(DoorClosed("entrance"))
    door.wait_for("door_closed", count=2)
    assert released(door)
    assert door.log("door_forced_open", "lock_secured") == []


def test_door_that_waits_for_its_first_person_is_unlocked_when_they_have_come_in(
    site: Site, door: Door
) -> None:
    with unrecorded(site.registry) as db:
        db.execute("UPDATE cardholders SET category = 'sv'")
    schedules.add(site.acting(MACHINE), "Reception", EVERY_DAY)
    publish(site, ScheduledMode("Reception", DoorMode.UNLOCKED, ("sv",)))
    until(lambda: door.service.live_facts.facts.presence is not None, what="presence is known")
    until(lambda: door.service.modes.doors()["entrance"].mode is DoorMode.CARD)
    assert not released(door)
    for signal in (ReleaseRequested("entrance"), DoorOpened("entrance")):  # an entry at an open door is one
        door.service.drive.post(signal)
    door.present("entrance-in")
    (unlocked,) = modes(door)
    assert (mode_fields(unlocked)[1:], unlocked["seq"] > door.log("access_granted")[0]["seq"]) == (
        ("card", "unlocked", "first_person"),
        True,
    )
    until(lambda: released(door), what="the door stands unlocked")
    assert door.wait_for("access_outcome")[0]["result"] == "opened"
    until(lambda: released(door), what="it still stands unlocked")


def test_lockdown_secures_an_unlocked_door_and_its_end_unlocks_it_again(site: Site, door: Door) -> None:
    """Within a second: the door polls the registry every 50 ms."""
    unlocked_all_day(site)
    until(lambda: released(door))
    for where in ("floor", SITE):
        lockdown.begin(site.acting(MACHINE), where, "drill")
        until(lambda: not released(door), what=f"secured by the lockdown of {where}")
        lockdown.end(site.acting(MACHINE), where, "over")
        until(lambda: released(door), what=f"unlocked after the lockdown of {where}")
    assert [mode_fields(record)[2:] for record in modes(door, 5)[1:]] == [
        ("card", "lockdown"),
        ("unlocked", "lockdown"),
        ("card", "lockdown"),
        ("unlocked", "lockdown"),
    ]


def test_lockdown_survives_a_restart_and_leaves_the_exits_free(site: Site) -> None:
    admit(site)
    unlocked_all_day(site)
    lockdown.begin(site.acting(MACHINE), "floor", "drill")
    with running_door(site) as door:
        (record,) = modes(door)
        assert (mode_fields(record), record["held_back"]) == (("entrance", None, "card", "start"), "lockdown")
        assert not released(door)
        door.present("entrance-out")
        until(lambda: door.releases == 1, what="the way out")


def test_restart_starts_secured_and_releases_behind_a_record_of_its_own(site: Site) -> None:
    unlocked_all_day(site)
    with running_door(site) as door:
        until(lambda: released(door))
        assert mode_fields(modes(door)[0]) == ("entrance", None, "unlocked", "start")
    assert not released(door)
    with running_door(site) as door:
        until(lambda: released(door))
        door.wait_for("lock_released", count=2)
        started = door.log("service_started")[-1]["seq"]
        (mode,) = [record for record in modes(door, 2) if record["seq"] > started]
        assert mode_fields(mode) == ("entrance", None, "unlocked", "start")
        assert [r["type"] for r in door.log("lock_released", "lock_secured") if r["seq"] > started] == [
            "lock_released"
        ]


def test_fire_in_an_unlocked_time_keeps_the_release_and_its_end_leaves_it(site: Site, door: Door) -> None:
    unlocked_all_day(site)
    until(lambda: released(door))
    door.service.drive.post(FireStarted())
    close(site)
    modes(door, 2)
    assert released(door), "fire overrides all"
    door.service.drive.post(FireEnded())
    until(lambda: not released(door))


@contextlib.contextmanager
def journal_held(site: Site) -> Iterator[None]:
    """Somebody holds the lock that commits need."""
    with contextlib.closing(sqlite3.connect(site.config.data / "journal" / "journal.db")) as holder:
        holder.isolation_level = None
        holder.execute("BEGIN IMMEDIATE")
        yield
        holder.execute("ROLLBACK")


def test_door_is_not_unlocked_while_the_log_cannot_be_written_and_is_afterwards(
    site: Site, door: Door
) -> None:
    door.wait_for("service_started")
    with journal_held(site):
        unlocked_all_day(site)
        until(lambda: door.service.recorder.failing, what="the outage is known")
        assert not released(door)
    until(lambda: released(door), what="unlocked once it is recorded")
    assert door.wait_for("lock_released")[0]["seq"] > modes(door)[-1]["seq"]


def test_unlocked_time_that_lasts_goes_on_while_the_log_cannot_be_written_and_its_end_secures(
    site: Site, door: Door
) -> None:
    unlocked_all_day(site)
    until(lambda: released(door))
    with journal_held(site):
        door.present("entrance-in")
        until(lambda: door.service.recorder.failing, what="the outage is known")
        assert released(door)
        close(site)
        until(lambda: not released(door), what="secured without a record")
    assert mode_fields(modes(door, 2)[-1]) == ("entrance", "unlocked", "card", "schedule")


def test_lost_badge_at_an_unlocked_door_enters_and_is_known_to_be_inside(site: Site, door: Door) -> None:
    with site.registry.read() as db:
        (badge,) = (row[0] for row in db.execute("SELECT id FROM credentials"))
    badges.report_lost(site.acting(MACHINE), badge, "left in the train")
    unlocked_all_day(site)
    until(lambda: released(door))
    until(lambda: door.service.live_facts.facts.presence is not None, what="presence is known")
    door.present("entrance-in")
    door.service.drive.post(DoorOpened("entrance"))
    (walked_in,) = door.wait_for("access_granted")
    assert (walked_in["warning"], walked_in["stands_released"]) == ("credential_lost", "mode")
    outcome = door.wait_for("access_outcome")[0]
    assert (outcome["of"], outcome["result"]) == (walked_in["seq"], "opened")
    until(lambda: door.service.live_facts.facts.presence.count("floor") == 1)  # type: ignore[union-attr]
    assert door.service.readers["entrance-in"].indications == ["granted"]  # type: ignore[attr-defined]
    found = explain_record(site.acting(MACHINE), walked_in["seq"])
    assert found.same and found.explained.explanation.admitted
    door.present("entrance-in", STRANGER)
    (unknown,) = door.wait_for("access_denied")
    assert (unknown["reason"], unknown["stands_released"]) == ("credential_unknown", "mode")
    assert explain_record(site.acting(MACHINE), unknown["seq"]).same


def test_who_enters_while_the_log_cannot_be_written_is_recorded_as_inside_afterwards(
    site: Site, door: Door
) -> None:
    unlocked_all_day(site)
    until(lambda: released(door))
    with journal_held(site):
        door.present("entrance-in")
        until(lambda: door.service.readers["entrance-in"].indications == ["granted"])  # type: ignore[attr-defined]
    door.wait_for("access_granted")
    assert door.log("access_denied") == []


# Two doors of an interlock

TWO_DOORS = """[doors.archive]
lock_pin = 16
door_contact_pin = 25
release_time = 10
[access_points.archive-in]
door = "archive"
direction = "in"
[readers.archive-in]
access_point = "archive-in"
path = "udp:127.0.0.1:3"
[doors.entrance]
"""


@pytest.fixture
def two_doors(tmp_path: Path) -> Iterator[Site]:
    with make_site(tmp_path / "two", TWO_DOORS, release_time=10, clock=StepClock()) as site:
        yield site


def unlocked_by_interlock(site: Site, *names: str) -> None:
    """These are to be unlocked all day, each only while the others are closed and secured."""
    schedules.add(site.acting(MACHINE), "Reception", EVERY_DAY)
    all_day = (ScheduledMode("Reception", DoorMode.UNLOCKED),)
    doors = {name: DoorRules(name, DoorMode.CARD, all_day, interlocked(name)) for name in names}
    rule_books.publish(site.acting(MACHINE), RuleBook(doors=doors), "interlock")


def interlocked(name: str) -> dict[RuleName, RuleSetting]:
    other = {"archive": "entrance", "entrance": "archive"}[name]
    return {RuleName.INTERLOCK: InterlockSetting(RuleMode.ENFORCE, (other,))}


def test_schedule_unlocks_no_door_of_an_interlock_before_the_other_is_closed_and_secured(
    two_doors: Site,
) -> None:
    with running_door(two_doors) as door:
        for signal in (ReleaseRequested("archive"), DoorOpened("archive")):
            door.service.drive.post(signal)
        door.wait_for("door_opened")
        unlocked_by_interlock(two_doors, "entrance")
        (waits,) = modes(door)
        assert (mode_fields(waits)[2:], waits["held_back"]) == (("card", "interlock"), "interlock")
        assert not released(door)
        modes_now = modes_of_doors(two_doors.acting(MACHINE))
        assert modes_now["entrance"].held_back is HeldBack.INTERLOCK
        door.service.drive.post(DoorClosed("archive"))
        until(lambda: released(door), what="unlocked once the archive is closed and secured")
        assert mode_fields(modes(door, 2)[-1]) == ("entrance", "card", "unlocked", "interlock")
        trace = read(two_doors.config.data / "simulator" / "trace.jsonl")
        assert [(move["name"], move["state"]) for move in trace if move["name"].endswith(".lock")] == [
            ("archive.lock", "released"),
            ("archive.lock", "secured"),
            ("entrance.lock", "released"),
        ]
        door.service.drive.post(DoorOpened("archive"))
        door.wait_for("door_opened", count=2)
        until(lambda: door.service.modes.doors()["archive"].is_open)
        beats = door.service.decide.beat
        until(lambda: door.service.decide.beat > beats + 3)
        assert released(door), "once it is unlocked, the others wait"


def test_two_doors_of_an_interlock_are_never_both_unlocked(two_doors: Site) -> None:
    with running_door(two_doors) as door:
        unlocked_by_interlock(two_doors, "archive", "entrance")
        by_door = {record["door"]: record["mode"] for record in modes(door, 2)}
        assert sorted(by_door.values()) == ["card", "unlocked"]
        (unlocked,) = [name for name, mode in by_door.items() if mode == "unlocked"]
        until(lambda: door.service.modes.doors()[unlocked].stands_released is not None)
        until(lambda: released(door) or door.service.pins.pin(16).state, what="one stands unlocked")
        beats = door.service.decide.beat
        until(lambda: door.service.decide.beat > beats + 3)
        assert len(modes(door, 2)) == 2
        assert released(door) is not bool(door.service.pins.pin(16).state)


def test_who_is_through_the_first_door_enters_the_other_immediately(two_doors: Site) -> None:
    always = next(s for s in schedules.all_schedules(two_doors.acting(MACHINE)) if s.always)
    both_ways = [("entrance-in", always.id), ("archive-in", always.id)]
    level = levels.add(two_doors.acting(MACHINE), "Both", both_ways).id
    person = people.add(two_doors.acting(MACHINE), "山田 花子", levels=[level]).id
    badges.add(two_doors.acting(MACHINE), person, BADGE.hex)
    doors = {name: DoorRules(name, rules=interlocked(name)) for name in ("archive", "entrance")}
    book = RuleBook(doors=doors)
    rule_books.publish(two_doors.acting(MACHINE), book, "interlock")
    with running_door(two_doors) as door:
        door.present("entrance-in")
        until(lambda: released(door))
        door.present("archive-in")
        assert door.wait_for("access_denied")[0]["reason"] == "interlock"
        door.service.drive.post(DoorOpened("entrance"))
        door.service.drive.post(DoorClosed("entrance"))
        until(lambda: not released(door))
        door.present("archive-in")
        until(lambda: door.service.pins.pin(16).state, what="no waiting behind a secured door")


def test_door_without_rules_is_reported_at_no_start(site: Site) -> None:
    with running_door(site) as door:
        door.wait_for("service_started")
        until(lambda: door.service.decide.beat > 2)
    assert door.log("door_mode_changed") == []


def test_mode_withdrawn_is_recorded(site: Site, door: Door) -> None:
    publish(site, mode=DoorMode.LOCKED)
    assert mode_fields(modes(door)[0]) == ("entrance", "card", "locked", "publish")
    rule_books.publish(site.acting(MACHINE), RuleBook(), "none")
    assert mode_fields(modes(door, 2)[-1]) == ("entrance", "locked", "card", "publish")


def test_rules_see_how_each_door_is(tmp_path: Path) -> None:
    with (
        make_site(tmp_path / "slow", release_time=10, clock=StepClock()) as site,
        running_door(site) as door,
    ):
        publish(site, mode=DoorMode.CARD_PIN)
        modes(door)
        door.service.drive.post(DoorOpened("entrance"))
        door.wait_for("door_opened")
        assert door.service.modes.doors() == {"entrance": DoorFacts(DoorMode.CARD_PIN, True, False)}
        door.present("entrance-out")
        door.wait_for("lock_released")
        assert door.service.modes.doors()["entrance"].is_released
