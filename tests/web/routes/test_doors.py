"""Doors and readers as they stand now; unlock once."""

import pytest

from controller.model.events import EventType
from controller.model.operators import OperatorRole
from tests.controller.services.door_side import DoorSide
from tests.web.client import Client
from tests.web.site import Site

SEEN = "/doors/orders/"


@pytest.fixture
def door(site: Site) -> DoorSide:
    return site.open_door_side()


def test_door_service_that_does_not_run_is_told_on_both_pages(admin: Client) -> None:
    for path in ("/doors", "/log"):
        assert "The door service is not running." in admin.get(path).words


def test_page_shows_lock_contact_and_readers(admin: Client, door: DoorSide) -> None:
    door.record(EventType.SERVICE_STARTED)
    assert "not known" in admin.get("/doors/now").words
    door.record(EventType.LOCK_RELEASED, door="entrance")
    door.record(EventType.DOOR_OPENED, door="entrance")
    door.record(EventType.READER_ONLINE, reader="entrance-in")
    door.record(EventType.READER_OFFLINE, reader="entrance-out", details={"problem": "unplugged"})
    words = admin.get("/doors").words
    for state in ("released", "open", "online", "offline", "unplugged"):
        assert state in words
    assert "The reader at entrance-out is offline. unplugged" in admin.get("/log").words


def test_forced_door_and_fire_are_alarms_on_the_log_page(admin: Client, door: DoorSide) -> None:
    door.record(EventType.DOOR_OPENED, door="entrance")
    door.record(EventType.DOOR_FORCED_OPEN, door="entrance")
    door.record(EventType.FIRE_STARTED)
    words = admin.get("/log").words
    assert "was forced open and still is" in words
    assert "Fire alarm: all doors are released." in words
    door.record(EventType.DOOR_CLOSED, door="entrance")
    door.record(EventType.FIRE_ENDED)
    assert "alarm" not in admin.get("/doors/strip").text


def test_unlock_once_is_ordered_with_its_reason_and_its_outcome_shown(admin: Client, door: DoorSide) -> None:
    to = admin.post("/doors/entrance/unlock", {"reason": "delivery"}).to
    order = int(to.removeprefix("/doors?order="))
    assert "is being asked" in admin.get(to).words
    assert [(o.id, o.reason, o.door) for o in door.lookup.orders_after(0)] == [
        (order, "delivery", "entrance")
    ]
    door.answer(order, EventType.ORDER_DONE)
    assert "released once" in admin.get(f"{SEEN}{order}").words


def test_refused_and_unanswered_orders_say_so(site: Site, admin: Client, door: DoorSide) -> None:
    first = admin.post("/doors/entrance/unlock", {"reason": "x"}).to.partition("=")[2]
    door.answer(int(first), EventType.ORDER_REFUSED, reason="too_old")
    assert "The order came too late" in admin.get(f"{SEEN}{first}").words
    second = admin.post("/doors/entrance/unlock", {"reason": "x"}).to.partition("=")[2]
    site.pass_time(seconds=60)
    assert "did not answer" in admin.get(f"{SEEN}{second}").words


def test_order_without_reason_is_refused_beside_its_field(admin: Client, door: DoorSide) -> None:
    answer = admin.post("/doors/entrance/unlock", {"reason": "  "})
    assert answer.status == 422
    assert 'id="reason-error-entrance"' in answer.text
    assert door.lookup.orders_after(0) == []


def test_order_is_refused_while_nobody_can_carry_it_out(site: Site, admin: Client) -> None:
    answer = admin.post("/doors/entrance/unlock", {"reason": "x"})
    assert answer.status == 409
    assert "not running" in answer.words


def test_order_for_no_such_door_is_refused(admin: Client, door: DoorSide) -> None:
    answer = admin.post("/doors/cellar/unlock", {"reason": "x"})
    assert answer.status == 404
    assert "There is no door cellar" in answer.words
    assert door.lookup.orders_after(0) == []


def test_another_operators_order_is_not_shown(site: Site, admin: Client, door: DoorSide) -> None:
    order = admin.post("/doors/entrance/unlock", {"reason": "x"}).to.partition("=")[2]
    other = site.signed_in(OperatorRole.SUPERVISOR)
    assert "is being asked" not in other.get(f"/doors?order={order}").words


def test_viewer_sees_doors_and_no_button(site: Site, door: DoorSide) -> None:
    page = site.signed_in(OperatorRole.VIEWER).get("/doors")
    assert page.status == 200
    assert "unlock" not in page.text.lower()
