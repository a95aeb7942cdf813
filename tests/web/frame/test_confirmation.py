"""Which forms ask for the own password: some each time, others when it was typed a while ago, some never."""

import pytest

from controller.model.credentials import CardholderStatus, CredentialStatus
from controller.model.operators import MACHINE
from controller.services.acting import Acting
from controller.services.people import badges, people, pins
from tests.sample_site import idm
from tests.web.client import Answer, Client
from tests.web.site import ServedSite

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


def test_aged_session_is_asked_by_every_form_that_gives_rights(aged: Client, person: str) -> None:
    for path in (
        "/people/new",
        f"/people/{person}/edit",
        f"/people/{person}/resume",
        f"/people/{person}/pin/generate",
        f"/people/{person}/pin/remove",
        "/badges/0123456789abcdef/resume",
        "/levels/0123456789abcdef/remove",
        "/schedules/0123456789abcdef/remove",
        "/import/0123456789abcdef/publish",
    ):
        assert asks(aged.post(path, {"name": "Sato", **NO_PASSWORD})), path


def test_forms_that_publish_or_erase_ask_each_time(admin: Client, person: str) -> None:
    for path in (
        f"/people/{person}/erase",
        "/badge-keys/station",
        "/badge-keys/import/0123456789abcdef/publish",
        "/badges/0123456789abcdef/forget-key",
        "/holidays/country",
        "/holidays/days",
        "/holidays/days/remove",
    ):
        sent = {
            "reason": "asked",
            "sure": "yes",
            "country": "JP",
            "day": "2027-01-04",
            "day_type": "short-day",
        }
        assert asks(admin.post(path, sent | NO_PASSWORD)), path


def test_forms_that_restrict_never_ask(served: ServedSite, aged: Client, person: str) -> None:
    badge = badges.add(acting(served), person, idm(1))
    for path in (f"/badges/{badge.id}/suspend", f"/badges/{badge.id}/lost", f"/people/{person}/suspend"):
        assert aged.post(path, NO_PASSWORD).status == 303
    assert badges.get(acting(served), badge.id).status is CredentialStatus.LOST
    assert people.get(acting(served), person).status is CardholderStatus.SUSPENDED


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
    assert asks(answer) and "Nothing was changed. Go back" in answer.words and "204867" not in answer.text
    assert pins.state(acting(served), person).set_utc is None
    assert aged.post(f"/people/{person}/pin", secret).status == 303


def test_upload_of_an_aged_session_needs_the_password_with_the_file(aged: Client) -> None:
    password, aged.own_password = aged.own_password, ""
    file = f"name,idm\r\nSato,{idm(1)}\r\n".encode()
    answer = aged.upload("/import", file)
    assert asks(answer) and "Nothing was changed. Go back" in answer.words
    aged.own_password = password
    assert "1 badge can be imported" in aged.upload("/import", file).words
