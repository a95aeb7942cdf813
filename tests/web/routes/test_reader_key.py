"""Giving a reader its key: who may, what is asked for, and what the page says of it."""

from dataclasses import replace

import pytest

from controller.model.events import EventType
from controller.model.operators import OperatorRole
from controller.model.orders import OrderType
from tests.controller.services.door_side import DoorSide
from tests.sample_site import PASSWORD
from tests.web.client import Client
from tests.web.site import ServedSite

PAGE = "/doors/readers/entrance-in/key"


@pytest.fixture
def door(served: ServedSite) -> DoorSide:
    """The inward reader hangs on an RS-485 line."""
    readers = dict(served.site.config.readers)
    readers["entrance-in"] = replace(readers["entrance-in"], path="osdp:USB0:0")
    served.reading.config = served.site.config = replace(served.site.config, readers=readers)
    return served.open_door_side()


def test_window_is_ordered_and_the_page_follows_it(served: ServedSite, admin: Client, door: DoorSide) -> None:
    door.record(EventType.SERVICE_STARTED)
    assert "The reader is in install mode now" in admin.get(PAGE).words
    answer = admin.post(PAGE, {"ready": "yes"})
    (order,) = door.lookup.orders_after(0)
    assert (answer.status, order.type, order.reader) == (303, OrderType.OPEN_INSTALL, "entrance-in")
    now = f"{PAGE}/now?order={order.id}"
    assert "Sending the order to the door." in admin.get(now).words
    door.answer(order.id, EventType.ORDER_DONE)
    door.record(EventType.READER_INSTALL_OPENED, reader="entrance-in")
    assert "closes automatically at 2026-11-24 15:10" in admin.get(now).words
    assert "install window open" in admin.get("/doors").words
    served.pass_time(minutes=10)
    assert "closes automatically" not in admin.get("/doors/now").words
    door.record(EventType.READER_KEY_TAKEN, reader="entrance-in")
    assert "Reader accepted its new key" in admin.get(now).words


def test_password_is_needed_with_each_order(admin: Client, door: DoorSide) -> None:
    assert 'id="own_password"' in admin.get(PAGE).text
    for wrong in ("", "not this one"):
        refused = admin.post(PAGE, {"ready": "yes", "own_password": wrong})
        assert refused.status == 403 and "Confirm with your password" in refused.words
    assert door.lookup.orders_after(0) == []
    assert admin.post(PAGE, {"ready": "yes", "own_password": PASSWORD}).status == 303
    assert len(door.lookup.orders_after(0)) == 1


def test_window_is_not_opened_without_saying_that_the_reader_is_ready(admin: Client, door: DoorSide) -> None:
    refused = admin.post(PAGE, {})
    assert refused.status == 422 and "Set the reader to install mode first" in refused.words
    assert door.lookup.orders_after(0) == []


@pytest.mark.parametrize("role", [OperatorRole.SUPERVISOR, OperatorRole.AUDITOR, OperatorRole.VIEWER])
def test_nobody_but_an_administrator_sees_or_does_it(
    served: ServedSite, door: DoorSide, role: OperatorRole
) -> None:
    other = served.signed_in(role)
    assert other.get(PAGE).status == 403 and other.post(PAGE, {"ready": "yes"}).status == 403
    assert PAGE not in other.get("/doors").text
    assert door.lookup.orders_after(0) == []


def test_reader_without_a_key_of_its_own_has_no_such_page(admin: Client, door: DoorSide) -> None:
    for name in ("entrance-out", "nobody"):
        assert admin.get(f"/doors/readers/{name}/key").status == 404
        assert admin.post(f"/doors/readers/{name}/key", {"ready": "yes"}).status == 404


def test_doors_page_says_where_a_lock_hangs_and_what_is_wrong_in_its_language(
    served: ServedSite, admin: Client, door: DoorSide
) -> None:
    doors = {
        "entrance": replace(served.site.config.doors["entrance"], lock_pin=None, lock_reader="entrance-in")
    }
    served.reading.config = served.site.config = replace(served.site.config, doors=doors)
    door.record(EventType.SERVICE_STARTED)
    problem = "Reader entrance-in does not answer; check its power, wiring, address and speed."
    door.record(EventType.READER_OFFLINE, reader="entrance-in", details={"problem": "osdp_no_answer"})
    words = admin.get("/doors").words
    assert "Anyone who opens that reader can reach the wires of the lock" in words and problem in words
    assert admin.post("/language", {"language": "ja", "back": "/doors"}).status == 303
    japanese = admin.get("/doors").words
    assert "リーダー entrance-in が応答しません。" in japanese and problem not in japanese
