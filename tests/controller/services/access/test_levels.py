import pytest

from controller.errors import BadInput, Conflict, NotFound, NotPermitted
from controller.registry.lookup import Lookup
from controller.services.access import levels, schedules
from controller.services.acting import Acting
from controller.services.log import changes
from controller.services.people import badges, people
from controller.services.people.enrolment import typed_card
from controller.services.site import Site
from tests.sample_site import ADMIN, AUDITOR, NOW, SUPERVISOR, idm


def test_level_gives_the_door_its_rules_at_that_access_point_only(site: Site):
    night = schedules.add(Acting(site, ADMIN, NOW), "Night", [schedules.window(4, "22:00", "06:00")])
    level = levels.add(
        Acting(site, ADMIN, NOW), "Floor", [("entrance-in", night.id), ("entrance-out", "always")]
    )
    person = people.add(Acting(site, ADMIN, NOW), "山田", levels=[level.id])
    badges.add(Acting(site, ADMIN, NOW), person.id, idm(1))
    lookup = Lookup(site.registry.file)
    record = lookup.find(typed_card(site, idm(1)).card_hash, "entrance-in")
    assert record is not None
    assert [rule.schedule.windows for rule in record.rules] == [night.windows]
    levels.edit(Acting(site, ADMIN, NOW), level.id, "Floor", [("entrance-out", "always")])
    record = lookup.find(typed_card(site, idm(1)).card_hash, "entrance-in")
    assert record is not None and record.rules == ()
    lookup.close()


def test_edit_is_recorded_with_names_before_and_after(site: Site):
    level = levels.add(Acting(site, ADMIN, NOW), "Floor", [("entrance-in", "always")])
    levels.edit(Acting(site, ADMIN, NOW), level.id, "Ground floor", [("entrance-in", "always")])
    change = changes.page(Acting(site, ADMIN, NOW))[0]
    assert (change.action, change.before, change.after) == (
        "level_changed",
        {"name": "Floor"},
        {"name": "Ground floor"},
    )
    levels.edit(Acting(site, ADMIN, NOW), level.id, "Ground floor", [("entrance-in", "always")])
    assert len(changes.page(Acting(site, ADMIN, NOW))) == 2


def test_name_used_is_refused_and_own_name_is_not(site: Site):
    levels.add(Acting(site, ADMIN, NOW), "A", [])
    second = levels.add(Acting(site, ADMIN, NOW), "B", [])
    with pytest.raises(Conflict):
        levels.add(Acting(site, ADMIN, NOW), "A", [])
    with pytest.raises(Conflict):
        levels.edit(Acting(site, ADMIN, NOW), second.id, "A", [])
    assert levels.edit(Acting(site, ADMIN, NOW), second.id, "B", [("entrance-in", "always")]).rules


def test_rule_on_nothing_is_refused(site: Site):
    with pytest.raises(BadInput):
        levels.add(Acting(site, ADMIN, NOW), "A", [("cellar", "always")])
    with pytest.raises(BadInput):
        levels.add(Acting(site, ADMIN, NOW), "A", [("entrance-in", "never")])
    assert levels.all_levels(Acting(site, ADMIN, NOW)) == ()


def test_level_somebody_holds_cannot_be_removed(site: Site):
    level = levels.add(Acting(site, ADMIN, NOW), "A", [])
    person = people.add(Acting(site, ADMIN, NOW), "山田", levels=[level.id])
    assert levels.get(Acting(site, ADMIN, NOW), level.id).people == 1
    with pytest.raises(Conflict, match="1 people have"):
        levels.remove(Acting(site, ADMIN, NOW), level.id)
    people.edit(Acting(site, ADMIN, NOW), person.id, "山田", levels=[])
    levels.remove(Acting(site, ADMIN, NOW), level.id)
    assert changes.page(Acting(site, ADMIN, NOW))[0].before == {"name": "A", "rules": []}
    with pytest.raises(NotFound):
        levels.get(Acting(site, ADMIN, NOW), level.id)


def test_only_an_administrator_changes_levels(site: Site):
    for asker in (SUPERVISOR, AUDITOR):
        assert levels.all_levels(Acting(site, asker, NOW)) == ()
        with pytest.raises(NotPermitted):
            levels.add(Acting(site, asker, NOW), "A", [])
