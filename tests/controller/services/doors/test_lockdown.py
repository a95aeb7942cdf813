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
from tests.sample_site import ADMIN, AUDITOR, NOW, SUPERVISOR, VIEWER, later

RULES = RuleBook(areas={"floor": Area("floor", "Call floor", "フロア", ("entrance-in",), ("entrance-out",))})


@pytest.fixture(autouse=True)
def rules(site: Site) -> None:
    rule_books.publish(Acting(site, ADMIN, NOW), RULES, "first")


def recorded(site: Site) -> list[OperatorAction]:
    with site.registry.read() as db:
        return [one for one in actions.actions_after(db, 0, 100) if one.action.startswith("lockdown")]


def test_lockdown_of_an_area_and_of_the_site_are_on_until_each_is_ended(site: Site) -> None:
    lockdown.begin(Acting(site, SUPERVISOR, NOW), "floor", " someone\n shouts ")
    lockdown.begin(Acting(site, ADMIN, later(minutes=1)), SITE, "police")
    floor, whole = lockdown.in_force(site)
    assert (floor.area, floor.label_ja, floor.operator_name, floor.reason) == (
        "floor",
        "フロア",
        SUPERVISOR.display_name,
        "someone shouts",
    )
    assert (whole.area, whole.label_en, whole.utc) == (SITE, "", later(minutes=1).utc)
    lockdown.end(Acting(site, ADMIN, later(minutes=2)), "floor", "it was a film")
    assert [one.area for one in lockdown.in_force(site)] == [SITE]
    assert [(one.action, one.object_id, one.reason) for one in recorded(site)] == [
        ("lockdown_begun", "floor", "someone shouts"),
        ("lockdown_begun", SITE, "police"),
        ("lockdown_ended", "floor", "it was a film"),
    ]


def test_door_sees_what_is_on(site: Site) -> None:
    with DoorSide(site) as door:
        lockdown.begin(Acting(site, ADMIN, NOW), "floor", "x")
        assert door.lookup.lockdowns_since() == {"floor": NOW.utc}
        lockdown.end(Acting(site, ADMIN, NOW), "floor", "x")
        assert door.lookup.lockdowns_since() == {}


def test_what_cannot_be_begun_or_ended_is_one_sentence_and_changes_nothing(site: Site) -> None:
    lockdown.begin(Acting(site, ADMIN, NOW), "floor", "first")
    lockdown.begin(Acting(site, ADMIN, NOW), SITE, "first")
    before = lockdown.in_force(site), recorded(site)
    with pytest.raises(Conflict, match="floor is already under lockdown"):
        lockdown.begin(Acting(site, ADMIN, NOW), "floor", "again")
    with pytest.raises(Conflict, match="whole site is already under lockdown"):
        lockdown.begin(Acting(site, ADMIN, NOW), SITE, "again")
    with pytest.raises(NotFound, match="no area cellar in the rules; choose one of: floor"):
        lockdown.begin(Acting(site, ADMIN, NOW), "cellar", "x")
    with pytest.raises(BadInput) as refusal:
        lockdown.begin(Acting(site, ADMIN, NOW), "", "x")
    assert refusal.value.field == "area"
    with pytest.raises(Conflict, match="cellar is not under lockdown"):
        lockdown.end(Acting(site, ADMIN, NOW), "cellar", "x")
    for act in (lockdown.begin, lockdown.end):
        with pytest.raises(BadInput) as refusal:
            act(Acting(site, ADMIN, NOW), "floor", " \n ")
        assert refusal.value.field == "reason"
    assert (lockdown.in_force(site), recorded(site)) == before
    lockdown.end(Acting(site, ADMIN, NOW), SITE, "over")
    with pytest.raises(Conflict, match="whole site is not under lockdown"):
        lockdown.end(Acting(site, ADMIN, NOW), SITE, "over")


def test_what_lies_within_is_named_and_its_door_is_locked_too(site: Site) -> None:
    floor = replace(RULES.areas["floor"], within="building")
    building = Area("building", "Building", "建物", (), ())
    with unrecorded(site.registry) as db:
        rows.publish(db, RuleBook(areas={"building": building, "floor": floor}), ADMIN, NOW.utc, "around")
    named = [(place.area.name, [one.name for one in place.inner]) for place in lockdown.places(site)]
    assert named == [("building", ["floor"]), ("floor", [])]
    lockdown.begin(Acting(site, ADMIN, NOW), "building", "x")
    (on,) = lockdown.in_force(site)
    assert [one.name for one in on.inner] == ["floor"]
    assert lockdown.locked_doors(site) == {"entrance"}


@pytest.mark.parametrize("operator", [AUDITOR, VIEWER])
def test_who_may_not_lock_down_is_refused(site: Site, operator: Operator) -> None:
    with pytest.raises(NotPermitted):
        lockdown.begin(Acting(site, operator, NOW), "floor", "x")
    lockdown.begin(Acting(site, SUPERVISOR, NOW), "floor", "x")
    with pytest.raises(NotPermitted):
        lockdown.end(Acting(site, operator, NOW), "floor", "x")


def test_area_that_the_rules_do_not_know_any_more_can_still_be_ended(site: Site) -> None:
    """Publishing refuses to leave one behind; a restored registry may hold one."""
    lockdown.begin(Acting(site, ADMIN, NOW), "floor", "x")
    with unrecorded(site.registry) as db:
        rows.publish(db, RuleBook(), ADMIN, NOW.utc, "no areas any more")
    (one,) = lockdown.in_force(site)
    assert (one.area, one.label_en) == ("floor", "")
    assert lockdown.places(site) == []
    lockdown.end(Acting(site, ADMIN, NOW), "floor", "x")
    assert lockdown.in_force(site) == []
