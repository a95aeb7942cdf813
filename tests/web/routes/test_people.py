"""People: add, find, change, suspend; every refusal beside its field and nothing changed."""

import pytest

from controller.journal.erase import record
from controller.model.events import Event, EventType
from controller.model.operators import MACHINE, OperatorRole
from controller.model.rule_book import RuleBook
from controller.services.access import levels, schedules
from controller.services.acting import Acting
from controller.services.people import badges, erasing, people
from controller.services.rules import books as rule_books
from tests.controller.model.rule_books import FULL
from tests.controller.unrecorded import unrecorded
from tests.sample_site import idm
from tests.web.client import Client
from tests.web.site import ServedSite

PERSON = r'href="/people/([0-9a-f]{8,})"'


@pytest.fixture
def level(served: ServedSite) -> str:
    always = schedules.all_schedules(Acting(served.site, MACHINE, served.moment))[0]
    return levels.add(Acting(served.site, MACHINE, served.moment), "Staff", [("entrance-in", always.id)]).id


def add(client: Client, name: str, **fields: str) -> str:
    answer = client.post("/people/new", {"name": name, **fields})
    assert answer.status == 303, answer.words
    return answer.to.removeprefix("/people/").removesuffix("?done=added")


def test_person_is_added_with_reading_and_levels_and_found(admin: Client, level: str) -> None:
    person = add(admin, "髙橋 花子", kana="タカハシ ハナコ", levels=level)
    page = admin.get(f"/people/{person}?done=added").words
    assert "髙橋 花子" in page
    assert "Staff" in page
    assert "Added." in page
    for text in ("花子", "タカハシ"):
        assert admin.get(f"/people?q={_quoted(text)}").ids(PERSON) == [person]
    assert admin.get("/people?q=nobody").ids(PERSON) == []


@pytest.fixture
def ruled(served: ServedSite) -> None:
    book = RuleBook(categories=FULL.categories, qualifications=FULL.qualifications)
    rule_books.publish(Acting(served.site, MACHINE, served.moment), book, "")


def test_category_and_qualifications_are_chosen_and_shown(admin: Client, ruled: None) -> None:
    form = admin.get("/people/new").words
    assert "Agency staff" in form and "Confidentiality agreement" in form
    standing = {"category": "agency", "qualification": "nda", "holds_until": "2027-03-31"}
    person = add(admin, "A", besides="overrides", **standing)
    page = admin.get(f"/people/{person}").words
    assert "Agency staff" in page and "Confidentiality agreement (until 2027-03-31)" in page
    assert "Enters in a lockdown and at a locked door" in page
    assert 'value="2027-03-31"' in admin.get(f"/people/{person}/edit").text


def test_day_that_is_none_is_refused_beside_the_qualifications(admin: Client, ruled: None) -> None:
    fields = {"name": "A", "qualification": "nda", "holds_until": "soon"}
    answer = admin.post("/people/new", fields)
    assert answer.status == 422
    assert "“soon” is not a date" in answer.words and 'id="qualifications-error"' in answer.text
    assert 'value="soon"' in answer.text, "what was typed is shown again"


def _quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text)


@pytest.mark.parametrize("name", ["", "   ", "x" * 1000, "a\nb", "a\x00b", "\u2028"])
def test_name_that_cannot_be_kept_is_refused_beside_its_field(
    served: ServedSite, admin: Client, name: str
) -> None:
    answer = admin.post("/people/new", {"name": name, "kana": "ヨミ"})
    assert answer.status == 422
    assert 'id="name-error"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert 'value="ヨミ"' in answer.text, "what was typed is shown again"
    assert people.search(Acting(served.site, MACHINE, served.moment)).people == ()


@pytest.mark.parametrize(
    "name", ["=cmd|' /C calc'!A0", "😀", "𠮷野家", "<script>alert(1)</script>", "O'Brien"]
)
def test_odd_name_is_kept_as_it_is(admin: Client, served: ServedSite, name: str) -> None:
    person = add(admin, name)
    assert people.get(Acting(served.site, MACHINE, served.moment), person).name == name
    assert "<script>alert" not in admin.get(f"/people/{person}").text


def test_lone_surrogate_is_refused_beside_its_field(admin: Client) -> None:
    answer = admin.request("POST", "/people/new", b"name=%ED%A0%80x", _form(admin))
    assert answer.status == 422
    assert "U+FFFD is not allowed" in answer.words


def _form(client: Client) -> dict[str, str]:
    return {"Content-Type": "application/x-www-form-urlencoded", **client.own_page()}


def test_changed_person_keeps_what_was_not_changed(admin: Client, level: str) -> None:
    person = add(admin, "Old Name", kana="よみ", levels=level)
    form = admin.get(f"/people/{person}/edit").text
    assert 'value="Old Name"' in form
    assert f'value="{level}" checked' in form
    admin.post(f"/people/{person}/edit", {"name": "New Name", "kana": "よみ", "levels": [level]})
    assert "New Name" in admin.get(f"/people/{person}").words
    assert admin.post(f"/people/{person}/edit", {"name": ""}).status == 422


def test_suspended_person_is_shown_so_and_resumed(admin: Client) -> None:
    person = add(admin, "Taro")
    assert admin.post(f"/people/{person}/suspend", {"reason": "left"}).status == 303
    assert "Suspended" in admin.get(f"/people/{person}").words
    assert admin.post(f"/people/{person}/resume").status == 303
    assert "Active" in admin.get(f"/people/{person}").words


def test_supervisor_may_suspend_and_not_change(served: ServedSite, admin: Client) -> None:
    person = add(admin, "Taro")
    supervisor = served.signed_in(OperatorRole.SUPERVISOR)
    page = supervisor.get(f"/people/{person}").text
    assert "/edit" not in page
    assert "/suspend" in page
    assert supervisor.post(f"/people/{person}/suspend").status == 303
    assert supervisor.post(f"/people/{person}/resume").status == 403


def test_list_goes_on_page_by_page_and_shows_each_once(served: ServedSite, admin: Client) -> None:
    for number in range(120):
        people.add(Acting(served.site, MACHINE, served.moment), f"Person {number:03d}")
    seen, path = [], "/people"
    while path:
        page = admin.get(path)
        seen += page.ids(PERSON)
        more = page.ids(r'href="(/people\?q=&amp;after=[^"]+)"')
        path = more[0].replace("&amp;", "&") if more else ""
    assert len(seen) == len(set(seen)) == 120


def test_unknown_person_is_a_plain_404(admin: Client) -> None:
    answer = admin.get("/people/0000000000000000")
    assert answer.status == 404
    assert "There is no such person" in answer.words


def test_extra_fields_are_ignored(served: ServedSite, admin: Client) -> None:
    person = add(admin, "Taro", id="feedbeef", status="suspended", import_id="1", role="admin")
    person_now = people.get(Acting(served.site, MACHINE, served.moment), person)
    assert (person_now.id != "feedbeef", person_now.status.value) == (True, "active")


def test_erased_person_is_reported_as_erased_and_how_far_the_door_has_come(
    served: ServedSite, admin: Client
) -> None:
    door = served.open_door_side()
    person = add(admin, "Taro")
    admin.post(f"/people/{person}/erase", {"reason": "asked for", "sure": "yes"})
    served.pass_time(days=7)
    assert erasing.carry_out_due(served.site, served.moment) == 1
    admin = served.signed_in()
    page = admin.get(f"/people/{person}")
    assert "Taro" not in page.text
    assert "(erased)" in page.words
    assert "asked for" in page.words
    assert "the door is still working" in page.words
    done = Event(EventType.PERSON_ERASED, served.moment, person=person, codes={"erasure": 1, "records": 1234})
    record(door.journal, door.lookup.registry_id, 1, done)
    assert "from 1,234 records" in admin.get(f"/people/{person}").words
    assert admin.get(f"/people/{person}/edit").status == 404


def test_requested_erasure_is_pending_on_both_pages_until_it_is_cancelled(
    served: ServedSite, admin: Client
) -> None:
    person = add(admin, "Taro")
    page = admin.get(f"/people/{person}/erase").words
    for text in ("7 days after your request", "What is removed", "What stays", "Earlier exports and backups"):
        assert text in page
    answer = admin.post(f"/people/{person}/erase", {"reason": "asked for", "sure": "yes"})
    assert answer.to == f"/people/{person}?done=erasure_asked"
    page = admin.get(answer.to)
    assert "This person will be erased at 2026-12-01 15:00" in page.words
    assert "Requested by Admin" in page.words and "asked for" in page.words
    assert f'href="/people/{person}/erase"' not in page.text
    for text in ("Pending erasures", "2026-12-01 15:00", "Admin", "asked for", "Cancel the erasure"):
        assert text in admin.get("/people").words
    assert "Cancel the erasure" not in served.signed_in(OperatorRole.AUDITOR).get("/people").words
    answer = admin.post(f"/people/{person}/erase/cancel", {"reason": "a mistake", "own_password": ""})
    assert answer.to == f"/people/{person}?done=erasure_cancelled"
    assert "Pending erasures" not in admin.get("/people").words
    assert "will be erased" not in admin.get(answer.to).words
    changes = admin.get("/changes").words
    assert "Erasure of a person requested" in changes and "To be erased at: 2026-12-01 15:00" in changes
    assert "Erasure of a person cancelled" in changes


def test_who_is_enrolled_is_not_erased_and_the_form_keeps_the_reason(admin: Client) -> None:
    person = add(admin, "Taro")
    assert admin.post(f"/people/{person}/badges/new", {"number": idm(1)}).status == 303
    answer = admin.post(f"/people/{person}/erase", {"reason": "asked for", "sure": "yes"})
    assert answer.status == 409 and "suspend the person first" in answer.words
    assert 'value="asked for"' in answer.text
    assert admin.post(f"/people/{person}/suspend").status == 303
    assert admin.post(f"/people/{person}/erase", {"reason": "asked for", "sure": "yes"}).status == 303


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"sure": "yes", "reason": ""}, "reason-error"),
        ({"reason": "asked for"}, "sure-error"),
        ({"sure": "yes", "reason": "Taro asked for it"}, "reason-error"),
    ],
)
def test_erasing_needs_a_reason_without_the_name_and_a_yes(
    admin: Client, fields: dict[str, str], error: str
) -> None:
    person = add(admin, "Taro")
    answer = admin.post(f"/people/{person}/erase", fields)
    assert answer.status == 422
    assert f'id="{error}"' in answer.text
    assert "Taro" in admin.get(f"/people/{person}").words


def test_only_an_administrator_is_offered_to_erase(served: ServedSite, admin: Client) -> None:
    person = add(admin, "Taro")
    assert f"/people/{person}/erase" in admin.get(f"/people/{person}").text
    for role in (OperatorRole.SUPERVISOR, OperatorRole.AUDITOR):
        client = served.signed_in(role)
        assert "/erase" not in client.get(f"/people/{person}").text
        assert client.post(f"/people/{person}/erase", {"sure": "yes", "reason": "x"}).status == 403


def test_level_for_a_time_is_granted_on_the_page_and_shown(served: ServedSite, admin: Client) -> None:
    level = levels.add(Acting(served.site, MACHINE, served.moment), "Project", [("entrance-in", "always")])
    person = people.add(Acting(served.site, MACHINE, served.moment), "Temp")
    path = f"/people/{person.id}/levels"
    sent = {"level": level.id, "since": "2027-03-01T09:00", "until": "2027-03-31T18:30"}
    assert admin.post(path, sent).to == f"/people/{person.id}?done=saved"
    assert "2027-03-01 09:00 – 2027-03-31 18:30" in admin.get(f"/people/{person.id}").words
    for until, message in (
        ("soon", "This is not a day"),
        ("2027-03-31T25:00", "not a date with a time"),
        ("2027-03-01T08:00", "must come after the start"),
        ("2020-01-01T08:00", "must come after the start"),
    ):
        answer = admin.post(path, {**sent, "until": until})
        assert answer.status == 422
        assert 'id="until-error"' in answer.text and message in answer.words
        assert "Temp" in answer.words and 'value="2027-03-01T09:00"' in answer.text  # nobody types twice
    assert 'id="since-error"' in admin.post(path, {**sent, "since": "May"}).text
    assert "no longer exists" in admin.post(path, {**sent, "level": "gone"}).words
    assert admin.post("/people/0000000000000000/levels", sent).status == 404
    with unrecorded(served.site.registry) as db:
        db.execute("UPDATE cardholder_levels SET valid_from = NULL, valid_until = '2026-01-01T00:00:00.000Z'")
    assert "Expired 2026-01-01 09:00" in admin.get(f"/people/{person.id}").words
    assert "still active: 1" in admin.get("/people").words
    assert "still active: 1" in admin.get("/log/proof/month").words  # in the monthly report
    late = admin.get("/people?overdue=yes").words
    assert "Temp" in late and "Show everybody" in late


def test_person_whose_badge_cannot_be_read_gets_a_sentence_that_names_the_row(
    admin: Client, served: ServedSite
) -> None:
    person = add(admin, "花子")
    badge = badges.add(Acting(served.site, MACHINE, served.moment), person, idm(1)).id
    with unrecorded(served.site.registry) as db:
        db.execute("UPDATE credentials SET valid_from = 'garbage'")
    page = admin.get(f"/people/{person}")
    assert page.status == 503 and f"table credentials, row {badge}:" in page.words
