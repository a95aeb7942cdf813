"""The current state of doors and readers; unlock once."""

import html
import json

import pytest

from controller.journal.state import ServiceState, write
from controller.model.events import EventType
from controller.model.operators import MACHINE, OperatorRole
from controller.services.acting import Acting
from controller.services.doors import lockdown
from controller.services.doors.lockdown import SITE
from firmware_bridge.problems import ProblemCode
from tests.controller.services.door_side import DoorSide
from tests.sample_site import PASSWORD
from tests.web.client import Client
from tests.web.site import ServedSite
from tests.web.words.test_reader_problem_words import fields_of
from web.words.reader_problem_words import problem_text
from web.words.words import Words

SEEN = "/doors/orders/"


@pytest.fixture
def door(served: ServedSite) -> DoorSide:
    return served.open_door_side()


def test_door_service_that_does_not_run_is_reported_on_both_pages(admin: Client) -> None:
    for path in ("/doors", "/log"):
        assert "The door service is not running." in admin.get(path).words


def test_log_that_awaits_a_killed_door_leaves_the_page_and_refuses_an_unlock(
    served: ServedSite, admin: Client
) -> None:
    (served.site.config.data / "journal" / "journal.db-wal").write_bytes(bytes(5000))
    page = admin.get("/doors")
    assert page.status == 200 and "The door service is not running." in page.words
    assert admin.post("/doors/entrance/unlock", {"reason": "a parcel"}).status == 409


def test_page_shows_lock_contact_and_readers(admin: Client, door: DoorSide) -> None:
    door.record(EventType.SERVICE_STARTED)
    words = admin.get("/doors/now").words
    assert "secured" in words and "closed" in words, "what the door finds otherwise at its start it records"
    door.record(EventType.LOCK_RELEASED, door="entrance")
    door.record(EventType.DOOR_OPENED, door="entrance")
    door.record(EventType.READER_ONLINE, reader="entrance-in")
    door.record(EventType.READER_OFFLINE, reader="entrance-out", details={"problem": "unplugged"})
    words = admin.get("/doors").words
    for state in ("released", "open", "online", "offline", "unplugged"):
        assert state in words
    assert "The reader at entrance-out is offline. unplugged" in admin.get("/log").words


@pytest.mark.parametrize("language", ["ja", "en"])
def test_anything_that_is_wrong_with_a_reader_is_there_with_what_to_do(
    admin: Client, door: DoorSide, language: str
) -> None:
    admin.post("/language", {"language": language})
    for code in ProblemCode:
        details = {"problem": code.value, **fields_of(code)}
        door.record(EventType.READER_OFFLINE, reader="entrance-out", details=details)
        text = problem_text(Words(language), code, details, "entrance-out")
        for path in ("/doors", "/log"):
            assert text in html.unescape(admin.get(path).words), path


def test_interface_gives_a_readers_problem_as_code_and_fields(admin: Client, door: DoorSide) -> None:
    door.record(EventType.SERVICE_STARTED)
    details = {"problem": "port_busy", "path": "tty:USB0:pn532"}
    door.record(EventType.READER_OFFLINE, reader="entrance-out", details=details)
    problem = {"problem": "port_busy", "problem_fields": {"path": "tty:USB0:pn532"}}
    (entrance,) = json.loads(admin.get("/api/v1/doors").text)["doors"]
    (reader,) = (one for one in entrance["readers"] if one["reader"] == "entrance-out")
    assert problem.items() <= reader.items()
    events = json.loads(admin.get("/api/v1/events").text)["events"]
    (offline,) = (one for one in events if one["type"] == "reader_offline")
    assert problem.items() <= offline.items()


def test_card_half_issued_at_a_reader_is_reported_with_what_to_do_until_it_is_acknowledged(
    admin: Client, door: DoorSide
) -> None:
    number = door.record(
        EventType.BADGE_HALF_ISSUED, door="entrance", reader="entrance-in", details={"name": "山田 花子"}
    )
    words = admin.get("/doors/now").words
    for text in (
        "Card not fully issued",
        "15:00",
        "genkan issue card",
        "cut the card",
    ):
        assert text in words
    assert "山田" not in words
    admin.post("/language", {"language": "ja", "back": "/doors"})
    assert "発行が完了していないカード" in admin.get("/doors/now").words
    admin.post(f"/alarms/{number}/acknowledge", {"note": "finished it"})
    assert "genkan issue card" not in admin.get("/doors/now").words


def report_state(served: ServedSite, **state: object) -> None:
    write(served.site.config.data / "journal" / "state.json", ServiceState(**state))  # type: ignore[arg-type]


def test_what_the_door_says_of_itself_is_on_every_page(
    served: ServedSite, admin: Client, door: DoorSide
) -> None:
    report_state(served, journal="failing", journal_cause="eio")
    for path in ("/log", "/doors", "/people", "/account", "/log/proof", "/nothing-here"):
        page = admin.get(path)
        assert page.text.count("The log cannot be written.") == 1, path
        assert 'role="alert"' in page.text
    report_state(served)
    assert "cannot be written." not in admin.get("/people").words
    assert "cannot be written." not in served.client().get("/sign-in").words


def test_strangers_hear_nothing_of_the_door(served: ServedSite) -> None:
    assert "door service" not in served.client().get("/sign-in").words


def test_copy_in_use_is_a_status_and_no_alert(served: ServedSite, admin: Client, door: DoorSide) -> None:
    report_state(served, registry="last_good", registry_copy_utc=served.moment.utc)
    page = admin.get("/people")
    assert "uses a copy from 2026-11-24 15:00 (less than an hour old)" in page.words
    assert ('role="status"' in page.text, 'role="alert"' in page.text) == (True, False)


def test_doors_page_tells_policy_and_the_controllers_state(
    served: ServedSite, admin: Client, door: DoorSide
) -> None:
    assert "not known" in admin.get("/doors/now").words
    report_state(served, journal="remembering", remembered=37, reserve="released", config="last_good")
    words = admin.get("/doors/now").words
    for text in ("refuses entry", "held in memory", "37 records", "the disk is full", "the last valid one"):
        assert text in words
    report_state(served)
    assert "being written" in admin.get("/doors/now").words


def test_strip_that_says_nothing_new_is_left_alone(served: ServedSite, admin: Client, door: DoorSide) -> None:
    """Or a screen reader would read it out every two seconds."""
    address = admin.get("/doors").ids(r'hx-get="(/doors/strip[^"]*)"')[0]
    assert admin.get(address).status == 204
    report_state(served, journal="failing")
    answer = admin.get(address)
    assert answer.status == 200
    assert "The log cannot be written." in answer.words
    assert admin.get(answer.ids(r'hx-get="(/doors/strip[^"]*)"')[0]).status == 204


def test_forced_door_and_fire_are_alarms_on_the_log_page(admin: Client, door: DoorSide) -> None:
    door.record(EventType.DOOR_OPENED, door="entrance")
    door.record(EventType.DOOR_FORCED_OPEN, door="entrance")
    door.record(EventType.FIRE_STARTED)
    words = admin.get("/log").words
    assert "was forced open and is still open" in words
    assert "Fire alarm: all doors are released. To the muster list" in words
    door.record(EventType.DOOR_CLOSED, door="entrance")
    door.record(EventType.FIRE_ENDED)
    strip = admin.get("/doors/strip")
    assert 'role="alert"' not in strip.text
    assert "2 unacknowledged alarms" in strip.words


def test_door_held_open_is_reported_on_both_pages_and_in_the_strip(admin: Client, door: DoorSide) -> None:
    door.record(EventType.DOOR_OPENED, door="entrance")
    address = admin.get("/doors").ids(r'hx-get="(/doors/strip[^"]*)"')[0]
    door.record(EventType.DOOR_HELD_OPEN, door="entrance")
    for path in (address, "/log"):
        assert "entrance is held open. Close it." in admin.get(path).words
    assert "held open" in admin.get("/doors/now").words
    door.record(EventType.DOOR_CLOSED, door="entrance")
    assert "held open" not in admin.get("/doors").words


def test_unlock_once_is_ordered_with_its_reason_and_its_outcome_shown(admin: Client, door: DoorSide) -> None:
    to = admin.post("/doors/entrance/unlock", {"reason": "delivery"}).to
    order = int(to.removeprefix("/doors?order="))
    assert "Sending the order" in admin.get(to).words
    assert [(o.id, o.reason, o.door) for o in door.lookup.orders_after(0)] == [
        (order, "delivery", "entrance")
    ]
    door.answer(order, EventType.ORDER_DONE)
    assert "released once" in admin.get(f"{SEEN}{order}").words


def test_refused_and_unanswered_orders_say_so(served: ServedSite, admin: Client, door: DoorSide) -> None:
    first = admin.post("/doors/entrance/unlock", {"reason": "x"}).to.partition("=")[2]
    door.answer(int(first), EventType.ORDER_REFUSED, reason="too_old")
    assert "The order came too late" in admin.get(f"{SEEN}{first}").words
    second = admin.post("/doors/entrance/unlock", {"reason": "x"}).to.partition("=")[2]
    served.pass_time(seconds=60)
    assert "did not answer" in admin.get(f"{SEEN}{second}").words


def test_order_without_reason_is_refused_beside_its_field(admin: Client, door: DoorSide) -> None:
    answer = admin.post("/doors/entrance/unlock", {"reason": "  "})
    assert answer.status == 422
    assert 'id="reason-entrance-error"' in answer.text
    assert door.lookup.orders_after(0) == []


def test_unlock_asks_for_the_password_each_time_and_keeps_the_reason(admin: Client, door: DoorSide) -> None:
    assert 'id="own_password-entrance"' in admin.get("/doors").text
    for wrong in ("", "not this one"):
        answer = admin.post("/doors/entrance/unlock", {"reason": "delivery", "own_password": wrong})
        assert answer.status == 403
        assert "Confirm with your password" in answer.words
        assert ('id="own_password-error"' in answer.text) == bool(wrong)
        assert 'action="/doors/entrance/unlock"' in answer.text
        assert '<input type="hidden" name="reason" value="delivery">' in answer.text
        assert "not this one" not in answer.text
    assert door.lookup.orders_after(0) == []
    for count in (1, 2):
        answer = admin.post("/doors/entrance/unlock", {"reason": "delivery", "own_password": PASSWORD})
        assert answer.status == 303
        assert len(door.lookup.orders_after(0)) == count


def test_unlock_in_a_lockdown_must_be_ticked(served: ServedSite, admin: Client, door: DoorSide) -> None:
    assert "despite_lockdown" not in admin.get("/doors").text
    lockdown.begin(Acting(served.site, MACHINE, served.moment), SITE, "drill")
    assert "Unlock despite the lockdown" in admin.get("/doors").words
    answer = admin.post("/doors/entrance/unlock", {"reason": "police"})
    assert answer.status == 422 and 'id="despite_lockdown-entrance-error"' in answer.text
    answer = admin.post("/doors/entrance/unlock", {"reason": "police", "despite_lockdown": "yes"})
    assert answer.status == 303


def test_order_is_refused_while_nobody_can_carry_it_out(served: ServedSite, admin: Client) -> None:
    answer = admin.post("/doors/entrance/unlock", {"reason": "x"})
    assert answer.status == 409
    assert "not running" in answer.words


def test_order_for_no_such_door_is_refused(admin: Client, door: DoorSide) -> None:
    answer = admin.post("/doors/cellar/unlock", {"reason": "x"})
    assert answer.status == 404
    assert "There is no door cellar" in answer.words
    assert door.lookup.orders_after(0) == []


def test_another_operators_order_is_not_shown(served: ServedSite, admin: Client, door: DoorSide) -> None:
    order = admin.post("/doors/entrance/unlock", {"reason": "x"}).to.partition("=")[2]
    other = served.signed_in(OperatorRole.SUPERVISOR)
    assert "Sending the order" not in other.get(f"/doors?order={order}").words


def test_fire_shows_the_way_to_the_muster_list_to_who_may_see_it(served: ServedSite, door: DoorSide) -> None:
    door.record(EventType.FIRE_STARTED)
    assert 'href="/presence/muster"' in served.signed_in(OperatorRole.SUPERVISOR).get("/doors").text
    assert "muster" not in served.signed_in(OperatorRole.VIEWER).get("/doors").text


def test_viewer_sees_doors_and_no_button(served: ServedSite, door: DoorSide) -> None:
    page = served.signed_in(OperatorRole.VIEWER).get("/doors")
    assert page.status == 200
    assert "unlock" not in page.text.lower()
