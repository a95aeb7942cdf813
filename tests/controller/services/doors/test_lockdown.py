from dataclasses import replace

import pytest

from controller.errors import BadInput, Conflict, NotFound, NotPermitted
from controller.model.operators import Operator
from controller.model.orders import OperatorAction
from controller.model.rule_book import Area, RuleBook
from controller.registry import actions
from controller.registry import rule_books as rows
from controller.services.acting import Acting
from controller.services.doors import lockdown
from controller.services.doors.lockdown import SITE
from controller.services.rules import books as rule_books
from controller.services.site import Site
from tests.controller.services.door_side import DoorSide
from tests.controller.unrecorded import unrecorded
from tests.sample_house import ADMIN, AUDITOR, NOW, SUPERVISOR, VIEWER, later

RULES = RuleBook(areas={"floor": Area("floor", "Call floor", "フロア", ("entrance-in",), ("entrance-out",))})


@pytest.fixture(autouse=True)
def rules(house: Site) -> None:
    rule_books.publish(Acting(house, ADMIN, NOW), RULES, "first")


def recorded(house: Site) -> list[OperatorAction]:
    with house.registry.read() as db:
        return [one for one in actions.actions_after(db, 0, 100) if one.action.startswith("lockdown")]


def test_lockdown_of_an_area_and_of_the_site_are_on_until_each_is_ended(house: Site) -> None:
    lockdown.begin(Acting(house, SUPERVISOR, NOW), "floor", " someone\n shouts ")
    lockdown.begin(Acting(house, ADMIN, later(minutes=1)), SITE, "police")
    floor, site = lockdown.in_force(house)
    assert (floor.area, floor.label_ja, floor.operator_name, floor.reason) == (
        "floor",
        "フロア",
        SUPERVISOR.display_name,
        "someone shouts",
    )
    assert (site.area, site.label_en, site.utc) == (SITE, "", later(minutes=1).utc)
    lockdown.end(Acting(house, ADMIN, later(minutes=2)), "floor", "it was a film")
    assert [one.area for one in lockdown.in_force(house)] == [SITE]
    assert [(one.action, one.object_id, one.reason) for one in recorded(house)] == [
        ("lockdown_begun", "floor", "someone shouts"),
        ("lockdown_begun", SITE, "police"),
        ("lockdown_ended", "floor", "it was a film"),
    ]


def test_door_sees_what_is_on(house: Site) -> None:
    with DoorSide(house) as door:
        lockdown.begin(Acting(house, ADMIN, NOW), "floor", "x")
        assert door.lookup.lockdowns_since() == {"floor": NOW.utc}
        lockdown.end(Acting(house, ADMIN, NOW), "floor", "x")
        assert door.lookup.lockdowns_since() == {}


def test_what_cannot_be_begun_or_ended_is_one_sentence_and_changes_nothing(house: Site) -> None:
    lockdown.begin(Acting(house, ADMIN, NOW), "floor", "first")
    lockdown.begin(Acting(house, ADMIN, NOW), SITE, "first")
    before = lockdown.in_force(house), recorded(house)
    with pytest.raises(Conflict, match="floor is already under lockdown"):
        lockdown.begin(Acting(house, ADMIN, NOW), "floor", "again")
    with pytest.raises(Conflict, match="whole site is already under lockdown"):
        lockdown.begin(Acting(house, ADMIN, NOW), SITE, "again")
    with pytest.raises(NotFound, match="no area cellar in the rules; choose one of: floor"):
        lockdown.begin(Acting(house, ADMIN, NOW), "cellar", "x")
    with pytest.raises(BadInput) as refusal:
        lockdown.begin(Acting(house, ADMIN, NOW), "", "x")
    assert refusal.value.field == "area"
    with pytest.raises(Conflict, match="cellar is not under lockdown"):
        lockdown.end(Acting(house, ADMIN, NOW), "cellar", "x")
    for act in (lockdown.begin, lockdown.end):
        with pytest.raises(BadInput) as refusal:
            act(Acting(house, ADMIN, NOW), "floor", " \n ")
        assert refusal.value.field == "reason"
    assert (lockdown.in_force(house), recorded(house)) == before
    lockdown.end(Acting(house, ADMIN, NOW), SITE, "over")
    with pytest.raises(Conflict, match="whole site is not under lockdown"):
        lockdown.end(Acting(house, ADMIN, NOW), SITE, "over")


def test_what_lies_within_is_named_and_its_door_is_locked_too(house: Site) -> None:
    floor = replace(RULES.areas["floor"], within="building")
    building = Area("building", "Building", "建物", (), ())
    with unrecorded(house.registry) as db:
        rows.publish(db, RuleBook(areas={"building": building, "floor": floor}), ADMIN, NOW.utc, "around")
    named = [(place.area.name, [one.name for one in place.inner]) for place in lockdown.places(house)]
    assert named == [("building", ["floor"]), ("floor", [])]
    lockdown.begin(Acting(house, ADMIN, NOW), "building", "x")
    (on,) = lockdown.in_force(house)
    assert [one.name for one in on.inner] == ["floor"]
    assert lockdown.locked_doors(house) == {"entrance"}


@pytest.mark.parametrize("operator", [AUDITOR, VIEWER])
def test_who_may_not_lock_down_is_refused(house: Site, operator: Operator) -> None:
    with pytest.raises(NotPermitted):
        lockdown.begin(Acting(house, operator, NOW), "floor", "x")
    lockdown.begin(Acting(house, SUPERVISOR, NOW), "floor", "x")
    with pytest.raises(NotPermitted):
        lockdown.end(Acting(house, operator, NOW), "floor", "x")


def test_area_that_the_rules_do_not_know_any_more_can_still_be_ended(house: Site) -> None:
    """Publishing refuses to leave one behind; a restored registry may hold one."""
    lockdown.begin(Acting(house, ADMIN, NOW), "floor", "x")
    with unrecorded(house.registry) as db:
        rows.publish(db, RuleBook(), ADMIN, NOW.utc, "no areas any more")
    (one,) = lockdown.in_force(house)
    assert (one.area, one.label_en) == ("floor", "")
    assert lockdown.places(house) == []
    lockdown.end(Acting(house, ADMIN, NOW), "floor", "x")
    assert lockdown.in_force(house) == []
