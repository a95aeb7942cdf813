"""The rehearsal of the draft: counted, listed, and nothing published by it."""

import threading
from dataclasses import replace

import pytest

from controller.journal.facts import facts_after
from controller.model.events import EventType
from controller.model.operators import MACHINE, OperatorRole
from controller.model.rules.order import RuleName
from controller.model.rules.qualifications import QualificationsSetting
from controller.model.rules.setting import RuleMode
from controller.registry.actions import actions_after
from controller.services.access import levels, schedules
from controller.services.acting import Acting
from controller.services.people import badges, people
from controller.services.rules import books as rule_books
from controller.services.rules import draft as rule_draft
from tests.controller.services.floor_book import book
from tests.sample_site import idm
from tests.waiting import until
from tests.web.client import Client
from tests.web.site import ServedSite

STRICT = book({RuleName.QUALIFICATIONS: QualificationsSetting(RuleMode.ENFORCE, ("nda",))})


@pytest.fixture
def tapped(served: ServedSite) -> int:
    always = next(s for s in schedules.all_schedules(Acting(served.site, MACHINE, served.moment)) if s.always)
    level = levels.add(Acting(served.site, MACHINE, served.moment), "Staff", [("entrance-in", always.id)])
    person = people.add(Acting(served.site, MACHINE, served.moment), "山田 花子", levels=[level.id])
    badge = badges.add(Acting(served.site, MACHINE, served.moment), person.id, idm(1))
    return served.open_door_side().record(
        EventType.ACCESS_GRANTED,
        door="entrance",
        access_point="entrance-in",
        direction="in",
        result="granted",
        person=person.id,
        credential=badge.id,
    )


def rehearsed(client: Client) -> str:
    """Return the page's words after the rehearsal, which takes a busy machine more than half a second."""
    return until(
        lambda: "" if "Stop the rehearsal" in (words := client.get("/rules/rehearse").words) else words
    )


def test_draft_is_rehearsed_and_leads_to_what_changes(served: ServedSite, admin: Client, tapped: int) -> None:
    rule_draft.edit(Acting(served.site, MACHINE, served.moment), lambda was: STRICT)
    assert 'href="/rules/rehearse"' in admin.get("/rules/draft").text
    words = rehearsed(admin)
    assert "Checked 1 tap of the last 30 days again" in words
    assert "1 result would change." in words
    assert "Admitted → A required qualification is missing : 1" in words
    assert "山田 花子" in words
    with served.site.registry.read() as db:
        views = [one.after for one in actions_after(db, 0, 100) if one.action == "log_viewed"]
    assert {"view": "rehearsal"} in views  # it shows people's taps
    assert rule_books.newest(served.site.acting(MACHINE)).version == 0
    assert served.signed_in(OperatorRole.AUDITOR).get("/rules/rehearse").status == 200
    assert served.signed_in(OperatorRole.VIEWER).get("/rules/rehearse").status == 403


def test_draft_edited_meanwhile_is_rehearsed_again(served: ServedSite, admin: Client, tapped: int) -> None:
    rule_draft.edit(Acting(served.site, MACHINE, served.moment), lambda was: STRICT)
    assert "1 result would change" in rehearsed(admin)
    rule_draft.edit(Acting(served.site, MACHINE, served.moment), lambda was: book())
    assert "No result would change." in rehearsed(admin)


def test_long_rehearsal_shows_how_far_it_is_and_can_be_left_and_stopped(
    served: ServedSite, admin: Client, tapped: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on = threading.Event()

    def slow(facts: object, *rest: object, **named: object) -> object:
        goes_on.wait(60)
        return facts_after(facts, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr("controller.services.rules.rehearse_taps.facts_after", slow)
    served.app.state.rehearsal.short_wait_s = 0.01
    rule_draft.edit(Acting(served.site, MACHINE, served.moment), lambda was: STRICT)
    try:
        page = admin.get("/rules/rehearse")
        assert "You may leave this page" in page.words and "<progress" in page.text
        assert "0 %" in admin.get("/rules/rehearse/now").words
        assert admin.get("/log").status == 200  # other pages are served meanwhile
        assert "You may leave this page" in admin.get("/rules/rehearse").words
        auditor = served.signed_in(OperatorRole.AUDITOR)
        seen = auditor.get("/rules/rehearse")
        assert "Started by Admin." in seen.words and "Stop the rehearsal" not in seen.text
        assert auditor.post("/rules/rehearse/leave").status == 403
        assert "Stop the rehearsal" in admin.get("/rules/rehearse").text
        goes_on.set()
        assert admin.post("/rules/rehearse/leave").to == "/rules/draft?done=rehearsal_left"
        assert "The rehearsal was stopped." in admin.get("/rules/draft?done=rehearsal_left").words
        served.app.state.rehearsal.short_wait_s = 60
        assert "1 result would change." in admin.get("/rules/rehearse").words
        assert admin.get("/rules/rehearse/now").header("hx-refresh") == "true"
    finally:
        goes_on.set()


def test_without_a_draft_or_with_a_broken_one_it_leads_back(served: ServedSite, admin: Client) -> None:
    assert admin.get("/rules/rehearse").to == "/rules"
    broken = replace(book(), areas={"floor": replace(book().areas["floor"], entries=("back-door",))})
    rule_draft.edit(Acting(served.site, MACHINE, served.moment), lambda was: broken)
    assert admin.get("/rules/rehearse").to == "/rules/draft"
