import pytest

from controller.errors import BadInput, Conflict, NotFound, NotPermitted
from controller.registry.lookup import Lookup
from controller.services.access import levels, schedules
from controller.services.acting import Acting
from controller.services.log import changes
from controller.services.people import badges, people
from controller.services.people.enrolment import typed_card
from controller.services.site import Site
from tests.sample_house import ADMIN, AUDITOR, NOW, SUPERVISOR, idm


def test_level_gives_the_door_its_rules_at_that_access_point_only(house: Site):
    night = schedules.add(Acting(house, ADMIN, NOW), "Night", [schedules.window(4, "22:00", "06:00")])
    level = levels.add(
        Acting(house, ADMIN, NOW), "Floor", [("entrance-in", night.id), ("entrance-out", "always")]
    )
    person = people.add(Acting(house, ADMIN, NOW), "山田", levels=[level.id])
    badges.add(Acting(house, ADMIN, NOW), person.id, idm(1))
    lookup = Lookup(house.registry.file)
    record = lookup.find(typed_card(house, idm(1)).card_hash, "entrance-in")
    assert record is not None
    assert [rule.schedule.windows for rule in record.rules] == [night.windows]
    levels.edit(Acting(house, ADMIN, NOW), level.id, "Floor", [("entrance-out", "always")])
    record = lookup.find(typed_card(house, idm(1)).card_hash, "entrance-in")
    assert record is not None and record.rules == ()
    lookup.close()


def test_edit_is_recorded_with_names_before_and_after(house: Site):
    level = levels.add(Acting(house, ADMIN, NOW), "Floor", [("entrance-in", "always")])
    levels.edit(Acting(house, ADMIN, NOW), level.id, "Ground floor", [("entrance-in", "always")])
    change = changes.page(Acting(house, ADMIN, NOW))[0]
    assert (change.action, change.before, change.after) == (
        "level_changed",
        {"name": "Floor"},
        {"name": "Ground floor"},
    )
    levels.edit(Acting(house, ADMIN, NOW), level.id, "Ground floor", [("entrance-in", "always")])
    assert len(changes.page(Acting(house, ADMIN, NOW))) == 2


def test_name_taken_is_refused_and_own_name_is_not(house: Site):
    levels.add(Acting(house, ADMIN, NOW), "A", [])
    second = levels.add(Acting(house, ADMIN, NOW), "B", [])
    with pytest.raises(Conflict):
        levels.add(Acting(house, ADMIN, NOW), "A", [])
    with pytest.raises(Conflict):
        levels.edit(Acting(house, ADMIN, NOW), second.id, "A", [])
    assert levels.edit(Acting(house, ADMIN, NOW), second.id, "B", [("entrance-in", "always")]).rules


def test_rule_on_nothing_is_refused(house: Site):
    with pytest.raises(BadInput):
        levels.add(Acting(house, ADMIN, NOW), "A", [("cellar", "always")])
    with pytest.raises(BadInput):
        levels.add(Acting(house, ADMIN, NOW), "A", [("entrance-in", "never")])
    assert levels.all_levels(Acting(house, ADMIN, NOW)) == ()


def test_level_somebody_holds_cannot_be_removed(house: Site):
    level = levels.add(Acting(house, ADMIN, NOW), "A", [])
    person = people.add(Acting(house, ADMIN, NOW), "山田", levels=[level.id])
    assert levels.get(Acting(house, ADMIN, NOW), level.id).people == 1
    with pytest.raises(Conflict, match="1 people have"):
        levels.remove(Acting(house, ADMIN, NOW), level.id)
    people.edit(Acting(house, ADMIN, NOW), person.id, "山田", levels=[])
    levels.remove(Acting(house, ADMIN, NOW), level.id)
    assert changes.page(Acting(house, ADMIN, NOW))[0].before == {"name": "A", "rules": []}
    with pytest.raises(NotFound):
        levels.get(Acting(house, ADMIN, NOW), level.id)


def test_only_an_administrator_changes_levels(house: Site):
    for asker in (SUPERVISOR, AUDITOR):
        assert levels.all_levels(Acting(house, asker, NOW)) == ()
        with pytest.raises(NotPermitted):
            levels.add(Acting(house, asker, NOW), "A", [])
