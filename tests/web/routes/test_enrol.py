"""Enrol by tapping: ask, wait, confirm; every page of it works without script."""

import pytest

from controller.model.events import EventType
from controller.model.operators import MACHINE, OperatorRole
from controller.services.acting import Acting
from controller.services.people import people
from tests.controller.services.door_side import DoorSide
from tests.sample_site import idm
from tests.web.client import Client
from tests.web.form_errors import fields_in_error
from tests.web.site import ServedSite


@pytest.fixture
def door(served: ServedSite) -> DoorSide:
    return served.open_door_side()


@pytest.fixture
def person(served: ServedSite) -> str:
    return people.add(Acting(served.site, MACHINE, served.moment), "Hanako").id


def start(client: Client, person: str) -> tuple[str, int]:
    to = client.post(f"/people/{person}/enrol", {"reader": "entrance-in"}).to
    path = to.partition("?")[0]
    return path, int(path.rpartition("/")[2])


def test_tapped_badge_is_shown_by_its_last_four_and_enrolled(
    admin: Client, door: DoorSide, person: str
) -> None:
    path, order = start(admin, person)
    waiting = admin.get(path)
    assert "Hold the badge to the reader" in waiting.words
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in waiting.text
    assert admin.get(f"{path}/now").status == 204
    door.learned(order, idm(0xCAFE))
    assert admin.get(f"{path}/now").header("hx-refresh") == "true"
    assert "ending in CAFE was read" in admin.get(path).words
    refused = admin.post(path, {"first_day": "soon", "last_day": "late"})
    assert [one["id"] for one in fields_in_error(refused)] == ["first_day", "last_day"]
    assert refused.status == 422
    assert 'id="first_day-error"' in refused.text
    assert admin.post(path, {"last_day": "2027-03-31"}).to == f"/people/{person}?done=enrolled"
    assert "…CAFE" in admin.get(f"/people/{person}").words
    assert "enrolled already" in admin.get(path).words


def test_nobody_taps_and_a_phone_are_reported_in_words(admin: Client, door: DoorSide, person: str) -> None:
    path, order = start(admin, person)
    door.answer(order, EventType.ORDER_REFUSED, reason="nobody_tapped")
    assert "No badge was tapped in time" in admin.get(path).words
    path, order = start(admin, person)
    door.answer(order, EventType.ORDER_REFUSED, reason="card_number_random")
    assert "changes at every tap" in admin.get(path).words


def test_silent_door_is_reported(served: ServedSite, admin: Client, door: DoorSide, person: str) -> None:
    path, _ = start(admin, person)
    served.pass_time(minutes=2)
    assert "did not answer" in admin.get(path).words


def test_only_who_asked_sees_and_takes_the_card(
    served: ServedSite, admin: Client, door: DoorSide, person: str
) -> None:
    new = {"name": "second", "display_name": "S", "role": "admin", "language": "en"}
    admin.post("/operators/new", new | {"password": "an open door at noon"})
    other = served.client()
    other.post("/sign-in", {"name": "second", "password": "an open door at noon"})
    path, order = start(admin, person)
    door.learned(order, idm(0xCAFE))
    assert other.get(path).status == 404
    assert other.post(path).status in (404, 409)
    assert served.signed_in(OperatorRole.SUPERVISOR).get(path).status == 403


def test_without_door_service_nothing_is_ordered(admin: Client, person: str) -> None:
    answer = admin.post(f"/people/{person}/enrol", {"reader": "entrance-in"})
    assert answer.status == 409
    assert "not running" in answer.words


def test_reader_that_is_not_there_is_refused(admin: Client, door: DoorSide, person: str) -> None:
    answer = admin.post(f"/people/{person}/enrol", {"reader": "cellar"})
    assert answer.status in (404, 409, 422)
    assert door.lookup.orders_after(0) == []
