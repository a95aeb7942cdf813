import pytest

from controller.errors import Conflict, NotFound
from controller.registry import people
from controller.services.access import levels
from controller.services.acting import Acting
from controller.services.log import changes
from controller.services.people import holders
from controller.services.site import Site
from tests.sample_site import ADMIN, NOW


def test_holder_is_added_once_and_recorded(site: Site):
    with site.registry.write() as db:
        first = holders.find_or_add(Acting(site, ADMIN, NOW), db, "山田")
        assert holders.find_or_add(Acting(site, ADMIN, NOW), db, "山田") == first
    assert [change.action for change in changes.page(Acting(site, ADMIN, NOW))] == ["person_added"]
    with pytest.raises(NotFound):
        holders.require_person(None)


def test_namesakes_are_not_guessed_between(site: Site):
    with pytest.raises(Conflict, match="2 people have the name 山田"), site.registry.write() as db:
        holders.add_person(Acting(site, ADMIN, NOW), db, "山田", "", ())
        holders.add_person(Acting(site, ADMIN, NOW), db, "山田", "", ())
        holders.find_or_add(Acting(site, ADMIN, NOW), db, "山田")


def test_level_granted_is_kept_besides_those_held_and_recorded_once(site: Site):
    for name in ("A", "B"):
        levels.add(Acting(site, ADMIN, NOW), name, [])
    with site.registry.write() as db:
        person = holders.add_person(Acting(site, ADMIN, NOW), db, "山田", "", ())
        for name in ("A", "B", "A"):
            holders.give_level(Acting(site, ADMIN, NOW), db, person, name)
        assert [name for _, name in people.levels_of(db, person.id)] == ["A", "B"]
        with pytest.raises(NotFound, match="C"):
            holders.give_level(Acting(site, ADMIN, NOW), db, person, "C")
    changed = [
        change for change in changes.page(Acting(site, ADMIN, NOW)) if change.action == "person_changed"
    ]
    assert [change.after and change.after["levels"] for change in changed] == [["A", "B"], ["A"]]
