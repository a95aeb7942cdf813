"""Lockdown: begun and ended on its page, shown on every other."""

from dataclasses import replace

import pytest

from controller.model.operators import MACHINE, OperatorRole
from controller.model.rule_book import Area, RuleBook
from controller.registry import rule_books as rows
from controller.services.acting import Acting
from controller.services.doors import lockdown
from controller.services.doors.lockdown import SITE
from controller.services.rules import books as rule_books
from tests.controller.unrecorded import unrecorded
from tests.sample_site import PASSWORD
from tests.web.client import Client
from tests.web.site import ServedSite

RULES = RuleBook(areas={"floor": Area("floor", "Call floor", "フロア", ("entrance-in",), ("entrance-out",))})


@pytest.fixture(autouse=True)
def rules(served: ServedSite) -> None:
    rule_books.publish(Acting(served.site, MACHINE, served.moment), RULES, "first")


def begin(client: Client, area: str = "floor", reason: str = "somebody shouts") -> None:
    answer = client.post("/lockdown/begin", {"area": area, "reason": reason})
    assert answer.to == "/lockdown?done=lockdown_begun"


def test_lockdown_is_begun_reported_on_every_page_and_ended(served: ServedSite, admin: Client) -> None:
    assert "There is no lockdown." in admin.get("/lockdown").words
    served.open_door_side()
    begin(served.signed_in(OperatorRole.SUPERVISOR))
    page = admin.get("/lockdown").words
    assert "Call floor" in page and "somebody shouts" in page and "Supervisor" in page
    for path in ("/log", "/doors", "/people", "/account", "/nothing-here", "/doors/strip"):
        answer = admin.get(path)
        assert answer.text.count("Lockdown: Call floor") == 1, path
        assert 'href="/lockdown">To the lockdown page' in answer.text
    assert "Lockdown: Call" not in served.client().get("/sign-in").words
    begin(admin, SITE)
    assert "Lockdown: the whole site, Call floor" in admin.get("/people").words
    for area in ("floor", SITE):
        answer = admin.post("/lockdown/end", {"area": area, "reason": "over"})
        assert answer.to == "/lockdown?done=lockdown_ended"
    assert "Lockdown: " not in admin.get("/people").words
    assert lockdown.in_force(served.site) == []


def test_ending_needs_the_password_and_beginning_never_asks(admin: Client) -> None:
    admin.own_password = ""
    begin(admin)
    assert 'id="own_password-floor"' in admin.get("/lockdown").text
    answer = admin.post("/lockdown/end", {"area": "floor", "reason": "over"})
    assert answer.status == 403 and "Confirm with your password" in answer.words
    sent = {"area": "floor", "reason": "over", "own_password": PASSWORD}
    assert admin.post("/lockdown/end", sent).to == "/lockdown?done=lockdown_ended"


def test_strip_changes_when_a_lockdown_begins(served: ServedSite, admin: Client) -> None:
    served.open_door_side()
    address = admin.get("/doors").ids(r'hx-get="(/doors/strip[^"]*)"')[0]
    assert admin.get(address).status == 204
    begin(admin)
    assert admin.get(address).status == 200


def test_refusal_is_beside_its_field_and_nothing_is_begun(served: ServedSite, admin: Client) -> None:
    answer = admin.post("/lockdown/begin", {"area": SITE, "reason": " "})
    assert answer.status == 422 and 'id="reason-error"' in answer.text
    answer = admin.post("/lockdown/begin", {"area": "cellar", "reason": "x"})
    assert answer.status == 409 and "no area cellar" in answer.words
    assert lockdown.in_force(served.site) == []
    begin(admin)
    answer = admin.post("/lockdown/begin", {"area": "floor", "reason": "again"})
    assert answer.status == 409 and "already" in answer.words
    answer = admin.post("/lockdown/end", {"area": "floor", "reason": ""})
    assert answer.status == 422 and 'id="end-floor-error"' in answer.text
    assert admin.post("/lockdown/end", {"area": SITE, "reason": "x"}).status == 409
    assert len(lockdown.in_force(served.site)) == 1


def test_areas_within_are_named_before_and_while_a_lockdown_is_on(served: ServedSite, admin: Client) -> None:
    floor = replace(RULES.areas["floor"], entries=())
    room = Area("room", "Archive", "書庫", ("entrance-in",), (), within="floor")
    with unrecorded(served.site.registry) as db:
        rows.publish(db, RuleBook(areas={"floor": floor, "room": room}), MACHINE, served.moment.utc, "")
    assert "Call floor including the inner areas: Archive" in admin.get("/lockdown").words
    begin(admin)
    assert "Includes Archive" in admin.get("/lockdown").words


def test_viewer_sees_what_is_on_and_no_button(served: ServedSite) -> None:
    begin(served.signed_in(OperatorRole.SUPERVISOR))
    viewer = served.signed_in(OperatorRole.VIEWER)
    page = viewer.get("/lockdown")
    assert "Call floor" in page.words and "<button" not in page.text.partition("<main")[2]
    assert viewer.post("/lockdown/end", {"area": "floor", "reason": "x"}).status == 403


def test_changes_page_names_the_site(served: ServedSite, admin: Client) -> None:
    begin(admin, SITE)
    assert "Area: the whole site" in admin.get("/changes").words
