"""An operator sets a door's modes on the page."""

from controller.model.rule_book import DoorMode
from tests.web.client import Client
from tests.web.ruled_site import newest, publish
from tests.web.site import ServedSite


def test_door_gets_modes_by_schedule(served: ServedSite, admin: Client, ruled: int) -> None:
    form = {
        "mode": "card",
        "schedule": ["always", "", ""],
        "scheduled_mode": ["unlocked", "card", "card"],
        "first_person.0": ["sv"],
    }
    assert admin.post("/rules/doors/entrance", form).status == 303
    page = admin.get("/rules/draft").words
    assert "In the schedule “always”, after one of these has entered (Supervisor)" in page
    publish(admin)
    (scheduled,) = newest(served).door("entrance").scheduled
    assert (scheduled.mode, scheduled.first_person) == (DoorMode.UNLOCKED, ("sv",))
    assert 'value="sv" checked' in admin.get("/rules/doors/entrance").text
    assert admin.post("/rules/doors/entrance", {"mode": "card"}).status == 303
    publish(admin)
    assert newest(served).doors == {}


def test_door_and_area_that_are_not_there_are_reported(admin: Client, ruled: int) -> None:
    assert admin.get("/rules/doors/back").status == 404
    assert admin.post("/rules/areas/back", {"label_en": "A"}).status == 404
    assert admin.get("/rules/versions/99").status == 404
