"""The page that explains: a person at a time, and the link at each tap of the log."""

import pytest

from controller.model.events import EventType
from controller.model.operators import MACHINE, OperatorRole
from controller.registry.actions import actions_after
from controller.services.acting import Acting
from controller.services.people import badges, people
from tests.sample_site import idm
from tests.web.client import Client
from tests.web.site import ServedSite


@pytest.fixture
def person(served: ServedSite) -> str:
    added = people.add(Acting(served.site, MACHINE, served.moment), "山田 花子", "ヤマダ ハナコ")
    badges.add(Acting(served.site, MACHINE, served.moment), added.id, idm(1))
    return added.id


def test_person_is_found_by_name_and_the_deciding_rule_marked_in_words(
    served: ServedSite, admin: Client, person: str
) -> None:
    words = admin.get("/explain?name=%E8%8A%B1%E5%AD%90&access_point=entrance-in").words
    assert "Cannot enter: No access level for this door" in words
    assert words.count("This decides.") == 1
    assert "Enrolment" in words
    japanese = served.signed_in(OperatorRole.SUPERVISOR)
    assert japanese.get(f"/explain?person={person}&access_point=entrance-in").status == 200


def test_what_was_checked_is_recorded_once_and_a_bare_form_is_not(
    served: ServedSite, admin: Client, person: str
) -> None:
    assert 'href="/explain"' in admin.get("/log").text
    admin.get(f"/explain?person={person}")
    address = f"/explain?person={person}&access_point=entrance-in"
    for _ in range(2):
        admin.get(address)
    door = served.open_door_side()
    fields = {"door": "entrance", "access_point": "entrance-in", "direction": "in", "result": "denied"}
    seq = door.record(EventType.ACCESS_DENIED, reason="no_access_here", person=person, **fields)
    assert admin.get(f"/log/{seq}/why").status == 200
    with served.site.registry.read() as db:
        views = [one.after for one in actions_after(db, 0, 100) if one.action == "log_viewed"]
    assert [view for view in views if view and view.get("view") == "explain"] == [
        {"view": "explain", "person": person, "access_point": "entrance-in"},
        {"view": "explain", "person": person, "numbers": seq},
    ]
    assert "Explain" in admin.get("/log?show=operators").words


def test_person_page_leads_to_the_form_with_the_person_in_it(admin: Client, person: str) -> None:
    assert f'href="/explain?person={person}"' in admin.get(f"/people/{person}").text
    page = admin.get(f"/explain?person={person}")
    assert (page.status, "山田 花子" in page.text, "This decides." in page.words) == (200, True, False)


def test_what_cannot_be_asked_is_reported_beside_the_form(
    served: ServedSite, admin: Client, person: str
) -> None:
    base = f"/explain?person={person}&access_point="
    assert "This is not a time" in admin.get(base + "entrance-in&at=noon").words
    assert "There is no access point x" in admin.get(base + "x").words
    assert (
        "No person and no badge match “Jiro”"
        in admin.get("/explain?name=Jiro&access_point=entrance-in").words
    )
    people.add(Acting(served.site, MACHINE, served.moment), "山田 次郎")
    assert (
        "Several people match" in admin.get("/explain?name=%E5%B1%B1%E7%94%B0&access_point=entrance-in").words
    )
    assert admin.get("/explain?person=nobody&access_point=entrance-in").status in (404, 409)


def test_each_tap_of_the_log_leads_to_its_reason(served: ServedSite, admin: Client) -> None:
    door = served.open_door_side()
    seq = door.record(
        EventType.ACCESS_DENIED,
        door="entrance",
        access_point="entrance-in",
        direction="in",
        result="denied",
        reason="credential_unknown",
    )
    other = door.record(EventType.DOOR_OPENED, door="entrance")
    log = admin.get("/log").text
    assert f'href="/log/{seq}/why"' in log
    assert f'href="/log/{other}/why"' not in log
    words = admin.get(f"/log/{seq}/why").words
    assert "Refused: Unknown badge" in words
    assert "A new check has the same result as the record." in words
    assert admin.get(f"/log/{other}/why").status == 404
    viewer = served.signed_in(OperatorRole.VIEWER)
    assert "/why" not in viewer.get("/log").text
    assert viewer.get(f"/log/{seq}/why").status == 403
