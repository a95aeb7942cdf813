"""What an action holds of the request behind it."""

from dataclasses import replace

from controller.model.orders import ActionType
from controller.services.acting import Acting
from controller.services.log import changes
from controller.services.site import Site
from tests.sample_site import ADMIN, NOW

CONFIRMATION = {"confirmed": "password", "request_hash": "ab" * 32}


def test_each_action_of_a_confirmed_request_names_the_confirmation_beside_its_own_values(site: Site) -> None:
    acting = replace(Acting(site, ADMIN, NOW), confirmation=CONFIRMATION)
    with site.registry.write() as db:
        acting.record(db, ActionType.PERSON_CHANGED, "person", "p", {"name": "A"}, {"name": "B"})
        acting.record(db, ActionType.PASSWORD_CHANGED, "operator", ADMIN.id)
        Acting(site, ADMIN, NOW).record(db, ActionType.PASSWORD_CHANGED, "operator", ADMIN.id)
    plain, bare, changed = changes.page(acting, limit=3)
    assert (changed.before, changed.after) == ({"name": "A"}, {"name": "B"} | CONFIRMATION)
    assert bare.after == CONFIRMATION and plain.after is None


def test_acting_prints_no_secret(site: Site) -> None:
    acting = Acting(site, ADMIN, NOW, token="a token", password="a password")
    assert "a token" not in repr(acting) and "a password" not in repr(acting)
