"""Alarms: the list, acknowledging with a note, the count in the menu."""

import pytest

from controller.model.events import ALARM_TYPES, EventType
from controller.model.operators import OperatorRole
from tests.controller.services.door_side import DoorSide
from tests.web.client import Client
from tests.web.site import ServedSite
from web.words.alarm_cards import WHAT_TO_DO
from web.words.words import Words


@pytest.fixture
def door(served: ServedSite) -> DoorSide:
    return served.open_door_side()


def forced(door: DoorSide) -> int:
    return door.record(EventType.DOOR_FORCED_OPEN, door="entrance")


def test_every_alarm_says_what_to_do() -> None:
    assert set(WHAT_TO_DO) == ALARM_TYPES


def test_page_tells_what_where_and_what_to_do_in_both_languages(admin: Client, door: DoorSide) -> None:
    assert "There are no unacknowledged alarms." in admin.get("/alarms").words
    number = forced(door)
    door.record(EventType.READER_OFFLINE, reader="entrance-out", details={"problem": "unplugged"})
    words = admin.get("/alarms").words
    for text in ("Door forced open", "Check on site", f"No. {number}", "entrance-out", "unplugged", "15:00"):
        assert text in words
    admin.post("/language", {"language": "ja", "back": "/alarms"})
    words = admin.get("/alarms").words
    for text in (Words("ja").translate("Door forced open"), "入口", "現場を確認してください", "対応"):
        assert text in words


def test_menu_counts_open_alarms_on_every_page(admin: Client, door: DoorSide) -> None:
    assert 'class="count"' not in admin.get("/people").text
    forced(door)
    forced(door)
    door.record(EventType.REX_STUCK, door="entrance")
    assert '<span class="count">2</span>' in admin.get("/people").text
    assert 'class="count"' not in admin.get("/sign-in").text


def test_log_page_left_open_learns_of_a_new_alarm_and_of_its_end(admin: Client, door: DoorSide) -> None:
    address = admin.get("/log").ids(r'hx-get="(/doors/strip[^"]*)"')[0]
    assert admin.get(address).status == 204
    number = door.record(EventType.REX_STUCK, door="entrance")
    strip = admin.get(address)
    assert "1 unacknowledged alarm" in strip.words
    address = strip.ids(r'hx-get="(/doors/strip[^"]*)"')[0]
    assert admin.get(address).status == 204
    admin.post(f"/alarms/{number}/acknowledge", {"note": "freed it"})
    assert "acknowledged" not in admin.get(address).words


def test_acknowledging_takes_it_off_the_page_and_keeps_name_and_note(admin: Client, door: DoorSide) -> None:
    number = forced(door)
    answer = admin.post(f"/alarms/{number}/acknowledge", {"note": "the wind <b>"})
    assert (answer.status, answer.to) == (303, "/alarms?done=acknowledged")
    page = admin.get(answer.to)
    for text in (
        "Your note is in the log.",
        "There are no unacknowledged alarms.",
        "the wind &lt;b&gt;",
        "Admin",
    ):
        assert text in page.words
    assert "Alarm acknowledged" in admin.get("/changes").words


def test_note_that_is_missing_is_asked_for_beside_its_field(admin: Client, door: DoorSide) -> None:
    number = forced(door)
    answer = admin.post(f"/alarms/{number}/acknowledge", {"note": " "})
    assert answer.status == 422
    assert f'id="note-{number}-error"' in answer.text
    assert "Door forced open" in answer.words


def test_second_of_two_operators_learns_who_was_first(
    served: ServedSite, admin: Client, door: DoorSide
) -> None:
    number = forced(door)
    served.signed_in(OperatorRole.SUPERVISOR).post(f"/alarms/{number}/acknowledge", {"note": "closed it"})
    answer = admin.post(f"/alarms/{number}/acknowledge", {"note": "me too"})
    assert answer.status == 409
    assert "Supervisor has acknowledged this alarm already: closed it" in answer.words


def test_record_that_is_not_an_alarm_is_not_found(admin: Client, door: DoorSide) -> None:
    number = door.record(EventType.DOOR_OPENED, door="entrance")
    assert admin.post(f"/alarms/{number}/acknowledge", {"note": "x"}).status == 404


def test_viewer_and_auditor_see_alarms_and_no_button(served: ServedSite, door: DoorSide) -> None:
    number = forced(door)
    for role in (OperatorRole.VIEWER, OperatorRole.AUDITOR):
        client = served.signed_in(role)
        page = client.get("/alarms")
        assert "Door forced open" in page.words and "/acknowledge" not in page.text
        assert client.post(f"/alarms/{number}/acknowledge", {"note": "x"}).status == 403
