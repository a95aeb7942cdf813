"""What rules see of a running door at a tap: its mode, and the state of the door beside it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.model.operators import MACHINE
from controller.model.rule_book import DoorMode, DoorRules, RuleBook
from controller.model.rules.interlock import InterlockSetting
from controller.model.rules.order import RuleName
from controller.model.rules.setting import RuleMode
from controller.model.signals import DoorClosed, DoorOpened
from controller.services.access import levels, schedules
from controller.services.people import people
from controller.services.rules import books as rule_books
from controller.services.site import Site
from tests.controller.site import BADGE, STRANGER, Door, admit, make_site, running_door
from tests.controller.step_door import StepClock
from tests.controller.unrecorded import unrecorded
from tests.waiting import until

TWO_DOORS = """
[doors.archive]
lock_pin = 20
door_contact_pin = 21
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
def site(tmp_path: Path) -> Iterator[Site]:
    """Both people may pass both doors."""
    with make_site(tmp_path / "data", TWO_DOORS, release_time=10, clock=StepClock()) as site:
        admit(site)
        admit(site, STRANGER, "佐藤 太郎")
        always = next(s for s in schedules.all_schedules(site.acting(MACHINE)) if s.always)
        both = levels.add(
            site.acting(MACHINE), "Both", [("entrance-in", always.id), ("archive-in", always.id)]
        )
        for person in people.search(site.acting(MACHINE)).people:
            people.edit(site.acting(MACHINE), person.id, person.name, levels=[both.id])
        yield site


def recorded(door: Door, count: int) -> list[str]:
    """The reasons of all taps so far, or granted."""
    return [
        line["reason"] or "granted" for line in door.wait_for("access_granted", "access_denied", count=count)
    ]


def publish(site: Site, door: Door, *doors: DoorRules) -> None:
    version = rule_books.publish(
        site.acting(MACHINE), RuleBook(doors={one.door: one for one in doors}), "rules"
    )
    until(lambda: door.service.live_facts.facts.book.version == version)


def waits_for(door: str, other: str) -> DoorRules:
    return DoorRules(door, rules={RuleName.INTERLOCK: InterlockSetting(RuleMode.ENFORCE, (other,))})


def test_door_waits_until_the_one_beside_it_is_closed_and_secured(site: Site) -> None:
    with running_door(site) as door:
        publish(site, door, waits_for("entrance", "archive"))
        door.service.drive.post(DoorOpened("archive"))
        door.wait_for("door_opened")
        door.present("entrance-in")
        assert recorded(door, 1) == ["interlock"]
        door.service.drive.post(DoorClosed("archive"))
        door.wait_for("door_closed")
        door.present("entrance-in")
        assert recorded(door, 2)[-1] == "granted"


def test_of_two_doors_asked_in_the_same_instant_one_is_released(site: Site) -> None:
    with running_door(site) as door:
        publish(site, door, waits_for("entrance", "archive"), waits_for("archive", "entrance"))
        door.present("entrance-in", BADGE)
        door.present("archive-in", STRANGER)
        assert recorded(door, 2) == ["granted", "interlock"] or recorded(door, 2) == ["interlock", "granted"]
        door.wait_for("lock_released")
        assert [line["door"] for line in door.log("lock_released")] == ["entrance"]


def test_locked_door_is_for_those_who_may_override_it_and_a_blocked_one_for_nobody(site: Site) -> None:
    with unrecorded(site.registry) as db:
        db.execute("UPDATE cardholders SET overrides = 1 WHERE name = '佐藤 太郎'")
    with running_door(site) as door:
        for mode in (DoorMode.LOCKED, DoorMode.BLOCKED):
            publish(site, door, DoorRules("entrance", mode))
            until(lambda mode=mode: door.service.modes.doors()["entrance"].mode is mode)
            for number in (BADGE, STRANGER):
                seen = len(door.log("access_granted", "access_denied"))
                door.present("entrance-in", number)
                recorded(door, seen + 1)
        assert recorded(door, 4) == ["door_blocked", "granted", "door_blocked", "door_blocked"]
        until(lambda: door.releases == 1)
        for signal in (DoorOpened("entrance"), DoorClosed("entrance")):
            door.service.drive.post(signal)
        until(lambda: door.level == 0)
        door.present("entrance-out")
        until(lambda: door.releases == 2, what="the way out of a blocked door")
