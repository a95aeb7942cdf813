"""What differs between the registry and the log, and when an operator may accept it."""

import sqlite3

import pytest

from controller.errors import Conflict
from controller.model.operators import MACHINE
from controller.model.recorded_rights import SubjectKind
from controller.services.backup import acceptance
from controller.services.backup.registry_comparison import RegistryComparison, compare, comparison
from controller.services.found_rights import record_found
from controller.services.people import people
from controller.services.site import Site
from tests.controller.site import admit, running_door
from tests.controller.unrecorded import unrecorded

RENAMED_SCHEDULE = "UPDATE schedules SET name = 'Other hours' WHERE id = (SELECT min(id) FROM schedules)"


def test_registry_as_the_log_knows_it_has_nothing_to_accept(site: Site):
    admit(site)
    record_found(site, site.now())
    with running_door(site) as door:
        door.wait_for("operator_action", count=4)
        acting = site.acting(MACHINE)
        found = compare(acting)
        assert not found.differing and found.cause is None and not found.can_be_accepted
        with pytest.raises(Conflict, match="nothing to accept"):
            acceptance.accept(acting, found.fingerprint, "no reason")


def test_row_edited_behind_the_registrar_is_named_and_accepted_only_as_it_was_seen(site: Site):
    admit(site, name="山田 花子")
    record_found(site, site.now())
    acting = site.acting(MACHINE)
    with running_door(site) as door:
        door.wait_for("operator_action", count=4)
        with unrecorded(site.registry) as db:
            db.execute("UPDATE cardholders SET overrides = 1")
            db.execute("UPDATE credentials SET valid_until = '2099-01-01T00:00:00.000Z'")
        found = compare(acting)
        assert found.counts == {SubjectKind.PERSON: 1, SubjectKind.BADGE: 1} and found.can_be_accepted
        names = {one.subject.kind: one.name for one in found.named}
        assert names[SubjectKind.PERSON] == "山田 花子" and names[SubjectKind.BADGE].startswith("山田 花子 …")
        with unrecorded(site.registry) as db:
            db.execute(RENAMED_SCHEDULE)
        with pytest.raises(Conflict, match="changed in the meantime"):
            acceptance.accept(acting, found.fingerprint, "as it was")
        acceptance.accept(acting, compare(acting).fingerprint, "as it is")
        door.wait_for("operator_action", count=6)
    assert not compare(acting).differing


def test_change_between_the_comparison_and_the_acceptance_is_not_accepted_unseen(
    site: Site, monkeypatch: pytest.MonkeyPatch
):
    admit(site)
    record_found(site, site.now())
    acting = site.acting(MACHINE)
    with running_door(site) as door:
        door.wait_for("operator_action", count=4)
    with unrecorded(site.registry) as db:
        db.execute(RENAMED_SCHEDULE)
        db.execute("UPDATE cardholders SET overrides = 1")
    seen = compare(acting).fingerprint

    def compared_before_a_change(site: Site, key: bytes | None) -> RegistryComparison:
        found = comparison(site, key)
        with sqlite3.connect(site.registry.file) as db:
            db.execute("UPDATE credentials SET valid_until = '2099-01-01T00:00:00.000Z'")
        db.close()
        return found

    monkeypatch.setattr(acceptance, "comparison", compared_before_a_change)
    own = site.registry.id()
    with pytest.raises(Conflict, match="changed in the meantime"):
        acceptance.begin(acting, seen, "as it is")
    assert site.registry.id() == own


def test_person_and_badge_that_the_registry_lacks_have_the_name_that_the_log_recorded(site: Site):
    record_found(site, site.now())
    admit(site, name="山田 花子")
    with running_door(site) as door:
        door.wait_for("operator_action", count=4)
    with unrecorded(site.registry) as db:
        db.execute("DELETE FROM cardholders")
    found = compare(site.acting(MACHINE))
    assert {one.subject.kind: (one.name, one.is_here) for one in found.named} == {
        SubjectKind.PERSON: ("山田 花子", False),
        SubjectKind.BADGE: ("山田 花子 …A1B2", False),
    }


def test_change_that_the_door_has_yet_to_record_is_not_to_be_accepted(site: Site):
    admit(site)
    record_found(site, site.now())
    acting = site.acting(MACHINE)
    with running_door(site) as door:
        door.wait_for("operator_action", count=4)
    people.add(acting, "後から 来た")
    found = compare(acting)
    assert (found.differing, found.waiting) == (1, 1) and not found.can_be_accepted
