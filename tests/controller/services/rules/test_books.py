"""Rules are published as a version, which the door decides by and each record names."""

from dataclasses import replace

import pytest

from controller.errors import NotFound, NotPermitted
from controller.model.operators import MACHINE
from controller.model.rule_book import Area, RuleBook
from controller.model.rules.order import RuleName
from controller.model.rules.setting import RuleMode
from controller.model.rules.supervisor_present import SupervisorPresentSetting
from controller.registry import rule_books as rows
from controller.services.acting import Acting
from controller.services.doors import lockdown
from controller.services.rules import books as rule_books
from controller.services.rules.findings import RulesRefused
from controller.services.site import Site
from tests.controller.model.rule_books import FULL
from tests.controller.site import Door
from tests.controller.unrecorded import unrecorded
from tests.sample_site import AUDITOR, NOW

BARE = replace(
    FULL, areas={"floor": Area("floor", "Floor", "フロア", ("entrance-in",), ("entrance-out",))}, doors={}
)


def test_site_without_rules_has_the_empty_book(site: Site) -> None:
    assert rule_books.newest(site.acting(AUDITOR)) == RuleBook()
    assert rule_books.versions(site.acting(AUDITOR)) == []


def test_published_book_is_in_force_and_every_version_is_kept(site: Site) -> None:
    first = rule_books.publish(site.acting(MACHINE), BARE, "first")
    second = rule_books.publish(site.acting(MACHINE), RuleBook(), "all off")
    assert second > first
    assert [(one.version, one.note) for one in rule_books.versions(site.acting(AUDITOR))] == [
        (second, "all off"),
        (first, "first"),
    ]
    assert rule_books.book(site.acting(AUDITOR), first).areas == BARE.areas
    assert rule_books.newest(site.acting(AUDITOR)) == RuleBook(second)


def test_version_that_never_was_is_reported(site: Site) -> None:
    with pytest.raises(NotFound, match="no version 5"):
        rule_books.book(site.acting(AUDITOR), 5)


def test_auditor_may_not_publish(site: Site) -> None:
    with pytest.raises(NotPermitted):
        rule_books.publish(site.acting(AUDITOR), FULL, "")
    assert rule_books.versions(site.acting(AUDITOR)) == []


def test_book_with_a_problem_is_not_published(site: Site) -> None:
    with pytest.raises(RulesRefused, match="no access point locker") as refused:
        rule_books.publish(site.acting(MACHINE), FULL, "")
    assert {one.where for one in refused.value.findings} >= {
        "areas.floor.rules.prerequisite.access_point",
        "areas.floor.rules.interlock.doors",
        "doors.entrance.scheduled.1.schedule",
    }
    assert rule_books.versions(site.acting(AUDITOR)) == []


def test_what_nobody_could_ever_meet_is_reported_first_and_may_be_overruled(site: Site) -> None:
    floor = replace(
        BARE.areas["floor"],
        rules={RuleName.SUPERVISOR_PRESENT: SupervisorPresentSetting(RuleMode.ENFORCE, ("agency",))},
    )
    book = replace(BARE, areas={"floor": floor}, categories={"agency": FULL.categories["agency"]})
    (finding,) = rule_books.findings(site.acting(AUDITOR), book)
    assert finding.is_warning and "There are no supervisors" in str(finding)
    with pytest.raises(RulesRefused, match="There are no supervisors"):
        rule_books.publish(site.acting(MACHINE), book, "", heed_warnings=True)
    assert rule_books.publish(site.acting(MACHINE), book, "") == 1
    told_only = replace(book, categories=FULL.categories)
    assert rule_books.publish(site.acting(MACHINE), told_only, "", heed_warnings=True) == 2


def test_tap_after_publishing_names_the_version_and_the_area(site: Site, door: Door) -> None:
    door.present("entrance-in")
    before = door.wait_for("access_granted")[-1]
    assert "rules" not in before and "area" not in before
    version = rule_books.publish(site.acting(MACHINE), BARE, "areas")
    door.present("entrance-in")
    after = door.wait_for("access_granted", count=2)[-1]
    assert (after["rules"], after["area"]) == (version, "floor")
    door.present("entrance-out")
    assert door.wait_for("access_granted", count=3)[-1]["left"] == "floor"


def test_room_is_not_drawn_out_of_an_area_under_lockdown(site: Site) -> None:
    floor = replace(BARE.areas["floor"], entries=())
    room = Area("room", "Room", "部屋", ("entrance-in",), ("entrance-out",), within="floor")
    nested, flat = (
        replace(BARE, areas={"floor": floor, "room": one}) for one in (room, replace(room, within=""))
    )
    with unrecorded(site.registry) as db:
        rows.publish(db, nested, MACHINE, site.now().utc, "a room that takes up the floor")
    lockdown.begin(site.acting(MACHINE), "floor", "a drill")
    found = rule_books.findings(site.acting(MACHINE), flat)
    assert [one.where for one in found if "under lockdown" in str(one)] == ["areas.room.within"]


def test_lockdown_of_a_room_is_held_to_under_another_lockdown_around_it(site: Site) -> None:
    floor = replace(BARE.areas["floor"], entries=())
    room = Area("room", "Room", "部屋", ("entrance-in",), ("entrance-out",), within="floor")
    hall = replace(room, name="hall")
    with unrecorded(site.registry) as db:
        rows.publish(db, replace(BARE, areas={"floor": floor, "room": room}), MACHINE, NOW.utc, "a room")
    for area in ("room", "floor"):
        lockdown.begin(Acting(site, MACHINE, NOW), area, "a drill")
    moved, out = replace(BARE, areas={"floor": floor, "hall": hall}), replace(BARE, areas={"hall": hall})
    assert left_lockdowns(site, moved) == ["room"], "the lockdown of the floor may be ended at any time"
    assert left_lockdowns(site, replace(out, areas={"hall": replace(hall, within="")})) == ["room", "floor"]
    lockdown.end(Acting(site, MACHINE, NOW), "room", "over")
    assert left_lockdowns(site, moved) == []


def left_lockdowns(site: Site, book: RuleBook) -> list[str]:
    """The areas under lockdown that the book would let go of."""
    found = rule_books.findings(Acting(site, MACHINE, NOW), book)
    return [str(one).split()[2] for one in found if "is under lockdown, and entrance-in would" in str(one)]


def test_rules_that_would_free_what_is_under_lockdown_are_not_published(site: Site) -> None:
    rule_books.publish(site.acting(MACHINE), BARE, "")
    lockdown.begin(site.acting(MACHINE), "floor", "a drill")
    hall = replace(BARE.areas["floor"], name="hall")
    for areas in ({"hall": hall}, {}):
        with pytest.raises(RulesRefused, match="floor is under lockdown, and entrance-in would no longer be"):
            rule_books.publish(site.acting(MACHINE), replace(BARE, areas=areas), "")
    rule_books.publish(site.acting(MACHINE), replace(BARE, qualifications={}), "it is still locked")
    lockdown.end(site.acting(MACHINE), "floor", "over")
    rule_books.publish(site.acting(MACHINE), replace(BARE, areas={"hall": hall}), "")
