"""The list of badges compared with the log, and its acceptance by an administrator."""

from functools import partial

import pytest

from controller.model.operators import MACHINE, OperatorRole
from controller.registry.lookup import Lookup
from controller.runtime.copy_actions import ActionCopier
from controller.services.found_rights import record_found
from controller.services.people import people
from tests.controller.services.door_side import DoorSide
from tests.controller.site import admit
from tests.controller.unrecorded import unrecorded
from tests.sample_site import NOW, PASSWORD
from tests.web.client import Client
from tests.web.site import ServedSite

OTHER_ID = "UPDATE meta SET registry_id = '00000000000000000000000000000000'"


@pytest.fixture
def door(served: ServedSite) -> DoorSide:
    """It has recorded all rights."""
    record_found(served.site, NOW)
    door = served.open_door_side()
    copy_actions(served, door)
    return door


def copy_actions(served: ServedSite, door: DoorSide) -> None:
    key = served.site.key
    copier = ActionCopier(partial(Lookup, served.site.registry.file), lambda: key, lambda: NOW)
    while copier(door.journal):
        pass


def fingerprint(client: Client) -> str:
    return client.get("/registry").text.split('name="fingerprint" value="')[1].split('"')[0]


def test_list_that_the_log_knows_offers_nothing_to_accept(served: ServedSite, door: DoorSide, admin: Client):
    page = admin.get("/registry")
    assert "The list of badges matches the log." in page.words and "/registry/accept" not in page.text
    answer = admin.post("/registry/accept", {"fingerprint": "x", "reason": "no reason"})
    assert answer.status == 409 and "nothing to accept" in answer.words


def test_replaced_list_is_shown_with_its_names_and_accepted_with_reason_and_password(
    served: ServedSite, door: DoorSide, admin: Client
):
    people.add(served.site.acting(MACHINE), "山田 花子")
    copy_actions(served, door)
    with unrecorded(served.site.registry) as db:
        db.execute(OTHER_ID)
        db.execute("UPDATE cardholders SET overrides = 1")
    copy_actions(served, door)
    page = admin.get("/registry")
    assert "it is another list, which nobody has accepted" in page.words
    assert "山田 花子 differs" in page.words and "the doors refuse anyone whose" in page.words
    sent = {"fingerprint": fingerprint(admin), "reason": "compared on paper"}
    assert "Enter a reason" in admin.post("/registry/accept", sent | {"reason": " "}).words
    assert "changed in the meantime" in admin.post("/registry/accept", sent | {"fingerprint": "old"}).words
    admin.own_password = ""
    assert admin.post("/registry/accept", sent).status == 403
    answer = admin.post("/registry/accept", sent | {"own_password": PASSWORD})
    assert answer.to == "/registry?done=registry_accepted"
    copy_actions(served, door)
    assert "The list of badges matches the log." in admin.get("/registry").words
    assert "compared on paper" in admin.get("/changes").words


def test_only_administrators_compare_and_accept(served: ServedSite, door: DoorSide):
    supervisor = served.signed_in(OperatorRole.SUPERVISOR)
    assert supervisor.get("/registry").status == 403
    assert supervisor.post("/registry/accept", {"fingerprint": "x", "reason": "y"}).status == 403


def test_badge_that_cannot_be_read_is_listed_with_its_name(served: ServedSite, admin: Client):
    admit(served.site, name="山田 花子")
    record_found(served.site, NOW)
    copy_actions(served, served.open_door_side())
    with unrecorded(served.site.registry) as db:
        db.execute("UPDATE credentials SET valid_from = 'garbage'")
    page = admin.get("/registry")
    assert page.status == 200 and "山田 花子 …" in page.words
