"""Which forms ask for the own password: some each time, others when it was typed a while ago, some never."""

import re

import pytest

from controller.model.credentials import CardholderStatus, CredentialStatus
from controller.model.operators import MACHINE
from controller.services.acting import Acting
from controller.services.log import changes
from controller.services.people import badges, erasing, people, pins
from controller.services.requests.request import REQUESTS_A_MINUTE
from tests.sample_site import idm
from tests.web.client import Answer, Client
from tests.web.site import ServedSite
from web.frame.roles import ROLES

NO_PASSWORD = {"own_password": ""}


def acting(served: ServedSite) -> Acting:
    return Acting(served.site, MACHINE, served.moment)


@pytest.fixture
def person(served: ServedSite) -> str:
    return people.add(acting(served), "山田 花子").id


@pytest.fixture
def aged(served: ServedSite, admin: Client) -> Client:
    """A session whose password was typed twenty minutes ago."""
    served.pass_time(minutes=20)
    return admin


def asks(answer: Answer) -> bool:
    return answer.status == 403 and "Confirm with your password" in answer.words


NOBODY = "0123456789abcdef"
FIRST_PASSWORD = "a lamp stands beside the door"
# Each form of the pages with what it needs to be sent at all. `{person}` is a person, `{badge}` theirs.
EACH_TIME: dict[str, dict[str, str]] = {
    "/doors/entrance/unlock": {"reason": "parcel"},
    "/doors/readers/entrance-in/key": {"ready": "yes"},
    "/lockdown/end": {"area": "*"},
    "/people/{person}/erase": {"reason": "asked", "sure": "yes"},
    "/badges/{badge}/forget-key": {},
    "/badge-keys/station": {},
    "/registry/accept": {"fingerprint": "0" * 32, "reason": "compared"},
    f"/badge-keys/import/{NOBODY}/publish": {},
    "/rules/draft/publish": {},
    "/rules/versions/1/bring-back": {},
    "/holidays/country": {"country": "JP"},
    "/holidays/days": {"day": "2027-01-04", "day_type": "short-day"},
    "/holidays/days/remove": {"day": "2027-01-04"},
    "/operators/new": {
        "name": "new",
        "display_name": "New",
        "role": "viewer",
        "language": "en",
        "password": FIRST_PASSWORD,
    },
    f"/operators/{NOBODY}": {"display_name": "New", "role": "viewer", "language": "en"},
    f"/operators/{NOBODY}/password": {"password": FIRST_PASSWORD},
    f"/operators/{NOBODY}/disable": {},
    f"/operators/{NOBODY}/enable": {},
    "/account/confirm": {},
}
RECENT: dict[str, dict[str, str]] = {
    "/people/new": {"name": "Sato"},
    "/people/{person}/edit": {"name": "Sato"},
    "/people/{person}/levels": {"level": NOBODY},
    "/people/{person}/resume": {},
    "/people/{person}/pin": {"pin": "204867", "again": "204867"},
    "/people/{person}/pin/duress": {"duress": "204868", "again": "204868"},
    "/people/{person}/pin/generate": {},
    "/people/{person}/pin/remove": {},
    "/people/{person}/badges/new": {"number": idm(7)},
    "/people/{person}/enrol": {"reader": "entrance-in"},
    "/people/{person}/enrol/1": {},
    "/badges/{badge}": {},
    "/badges/{badge}/resume": {},
    f"/import/{NOBODY}/publish": {},
    "/levels/new": {"name": "All"},
    f"/levels/{NOBODY}": {"name": "All"},
    f"/levels/{NOBODY}/remove": {},
    "/schedules/new": {"name": "Day", "weekday": "0", "start": "08:00", "end": "18:00"},
    f"/schedules/{NOBODY}": {"name": "Day", "weekday": "0", "start": "08:00", "end": "18:00"},
    f"/schedules/{NOBODY}/remove": {},
    "/log/export": {},
}
FILES = ("/import", "/badge-keys/import")  # recent as well
NEVER: dict[str, dict[str, str]] = {
    "/badges/{badge}/suspend": {},
    "/badges/{badge}/lost": {},
    "/people/{person}/suspend": {},
    "/lockdown/begin": {"area": "*", "reason": "drill"},
}
# Nothing that gives rights: reading, drafts, the own session; and the password itself in a form of its own.
OTHERS = {
    "/set-up", "/sign-in", "/sign-out", "/language", "/account/password", "/rules/rehearse/leave",
    "/log/proof/checkpoint", "/presence/correct", "/presence/missed/{}", "/alarms/{}/acknowledge",
    "/badge-keys/import/{}/discard", "/import/{}/discard", "/rules/draft/discard", "/rules/areas/new",
    "/rules/areas/{}", "/rules/areas/{}/remove", "/rules/doors/{}", "/rules/categories",
    "/rules/qualifications", "/people/{}/erase/cancel", "/api/v1/requests/{}",
}  # fmt: skip


def test_each_form_of_the_pages_is_in_one_list() -> None:
    listed = {path.format(person="x", badge="x") for path in (*EACH_TIME, *RECENT, *NEVER, *FILES)}
    for method, route in ROLES:
        if method == "POST" and re.sub(r"{[a-z_]+}", "{}", route) not in OTHERS:
            found = {path for path in listed if re.fullmatch(re.sub(r"{[a-z_]+}", "[^/]+", route), path)}
            assert found, route


def test_session_of_twenty_minutes_is_asked_by_each_form_of_both_kinds(
    served: ServedSite, aged: Client, person: str, ruled: int
) -> None:
    badge = badges.add(acting(served), person, idm(1)).id
    before = changes.page(acting(served))
    for path, fields in (EACH_TIME | RECENT).items():
        assert asks(aged.post(path.format(person=person, badge=badge), fields | NO_PASSWORD)), path
    assert changes.page(acting(served)) == before


def test_fresh_session_is_asked_by_the_forms_of_one_kind_alone(
    served: ServedSite, admin: Client, person: str, ruled: int
) -> None:
    badge = badges.add(acting(served), person, idm(1)).id
    for path, fields in EACH_TIME.items():
        assert asks(admin.post(path.format(person=person, badge=badge), fields | NO_PASSWORD)), path
    for path, fields in RECENT.items():
        assert not asks(admin.post(path.format(person=person, badge=badge), fields | NO_PASSWORD)), path


def test_forms_that_restrict_never_ask(served: ServedSite, aged: Client, person: str) -> None:
    badge = badges.add(acting(served), person, idm(1)).id
    gone = people.suspend(acting(served), people.add(acting(served), "Gone").id)
    erasing.request(acting(served), gone.id, "left")
    assert aged.post(f"/people/{gone.id}/erase/cancel", NO_PASSWORD).status == 303
    for path, fields in NEVER.items():
        assert aged.post(path.format(person=person, badge=badge), fields | NO_PASSWORD).status == 303, path
    assert badges.get(acting(served), badge).status is CredentialStatus.LOST
    assert people.get(acting(served), person).status is CardholderStatus.SUSPENDED


@pytest.mark.parametrize("language", ["ja", "en"])
def test_page_that_asks_keeps_what_was_typed_except_secrets_and_says_so_in_both_languages(
    aged: Client, language: str
) -> None:
    aged.post("/language", {"language": language})
    typed = {"name": "new", "display_name": "新しい 人", "role": "viewer", "language": "en"}
    answer = aged.post("/operators/new", typed | {"password": "a first password"} | NO_PASSWORD)
    assert answer.status == 403 and "a first password" not in answer.text
    for name, value in typed.items():
        assert f'<input type="hidden" name="{name}" value="{value}">' in answer.text
    for name in ("password", "own_password"):
        assert re.search(rf'<input id="{name}" name="{name}" type="password"\s', answer.text)
    title = {"ja": "パスワードで確認", "en": "Confirm with your password"}[language]
    assert title in answer.words


def test_more_requests_of_one_session_than_the_limit_are_refused_until_the_minute_is_over(
    served: ServedSite, aged: Client, person: str
) -> None:
    badge = badges.add(acting(served), person, idm(1)).id
    for _ in range(REQUESTS_A_MINUTE):
        assert aged.post(f"/badges/{badge}/lost").status == 303
    answer = aged.post(f"/badges/{badge}/lost")
    assert answer.status == 429 and "wait 61 seconds" in answer.words
    served.pass_time(minutes=1)
    assert aged.post(f"/badges/{badge}/lost").status == 303


def test_reason_above_the_limit_of_the_pages_is_refused_and_recorded_nowhere(
    served: ServedSite, aged: Client, person: str
) -> None:
    before = changes.page(acting(served))
    answer = aged.post(f"/people/{person}/suspend", {"reason": "長" * 501})
    assert answer.status == 422 and "501" in answer.words
    assert changes.page(acting(served)) == before


def test_thirty_badges_in_a_row_ask_once(served: ServedSite, aged: Client, person: str) -> None:
    confirmed = 0
    for number in range(30):
        sent = {"number": idm(number), **NO_PASSWORD}
        answer = aged.post(f"/people/{person}/badges/new", sent)
        if asks(answer):
            confirmed += 1
            answer = aged.post(f"/people/{person}/badges/new", {"number": idm(number)})
        assert answer.status == 303
        served.pass_time(minutes=1)
    assert confirmed == 1


def test_form_with_a_secret_or_a_file_has_the_field_itself_because_it_cannot_be_repeated(
    served: ServedSite, aged: Client, person: str
) -> None:
    for path in (f"/people/{person}/pin", "/import", "/badge-keys/import"):
        assert 'name="own_password"' in aged.get(path).text
    secret = {"pin": "204867", "again": "204867"}
    answer = aged.post(f"/people/{person}/pin", secret | NO_PASSWORD)
    assert asks(answer) and "Nothing was changed yet" in answer.words and "204867" not in answer.text
    assert pins.state(acting(served), person).set_utc is None
    assert aged.post(f"/people/{person}/pin", secret).status == 303


def test_page_that_asks_names_each_secret_by_a_label_that_is_true_of_its_form(
    aged: Client, person: str
) -> None:
    secret = {"duress": "204867", "again": "204867"}
    answer = aged.post(f"/people/{person}/pin/duress", secret | NO_PASSWORD)
    assert asks(answer) and "Duress PIN The same PIN again Your own password" in answer.words
    account = {"name": "new", "display_name": "New", "role": "viewer", "language": "en"}
    answer = aged.post("/operators/new", account | {"password": FIRST_PASSWORD} | NO_PASSWORD)
    assert asks(answer) and "New password" not in answer.words, "nobody has an old one"
    assert "Password of the account Your own password" in answer.words


def test_upload_of_an_aged_session_needs_the_password_with_the_file(aged: Client) -> None:
    password, aged.own_password = aged.own_password, ""
    file = f"name,idm\r\nSato,{idm(1)}\r\n".encode()
    answer = aged.upload("/import", file)
    assert asks(answer) and '<input id="file" type="file" name="file" required>' in answer.text
    aged.own_password = password
    assert "1 badge can be imported" in aged.upload("/import", file).words
