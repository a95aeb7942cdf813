"""A person's PIN on the pages: typed twice, or generated and shown once, and never shown again."""

import re

import pytest

from controller.model.operators import OperatorRole
from controller.services.acting import Acting
from controller.services.people import people, pins
from tests.sample_site import ADMIN
from tests.web.client import Client
from tests.web.site import ServedSite

PIN, DURESS = "204867", "739155"


@pytest.fixture
def person(served: ServedSite) -> str:
    return people.add(Acting(served.site, ADMIN, served.moment), "山田 花子").id


def test_pin_typed_twice_is_set_and_shown_nowhere(admin: Client, person: str) -> None:
    assert "no PIN" in admin.get(f"/people/{person}").words
    answer = admin.post(f"/people/{person}/pin", {"pin": PIN, "again": PIN})
    assert answer.to == f"/people/{person}?done=pin"
    answer = admin.post(f"/people/{person}/pin/duress", {"duress": DURESS, "again": DURESS})
    assert answer.status == 303
    page = admin.get(f"/people/{person}?done=pin")
    assert "The PIN is set and valid" in page.words and "with a duress PIN" in page.words
    for path in (f"/people/{person}", f"/people/{person}/pin", "/changes"):
        seen_page = admin.get(path)
        assert seen_page.status == 200 and PIN not in seen_page.text and DURESS not in seen_page.text
    assert "PIN set" in admin.get("/changes").words and "Duress PIN: yes" in admin.get("/changes").words


@pytest.mark.parametrize(
    ("path", "field", "typed", "again", "words"),
    [
        ("pin", "pin", PIN, DURESS, "The two differ"),
        ("pin", "pin", "20x4", "20x4", "digits only"),
        ("pin", "pin", "1234", "1234", "easy to guess"),
        ("pin", "pin", "", "", "digits only"),
        ("pin/duress", "duress", DURESS, DURESS, "no PIN yet"),
    ],
)
def test_pin_that_cannot_be_is_refused_in_one_sentence_without_repeating_it(
    admin: Client, person: str, path: str, field: str, typed: str, again: str, words: str
) -> None:
    answer = admin.post(f"/people/{person}/{path}", {field: typed, "again": again})
    assert answer.status in (409, 422) and words in answer.words
    assert not typed or f'value="{typed}"' not in answer.text
    assert "no PIN" in admin.get(f"/people/{person}").words


def test_pin_created_at_random_is_shown_once(served: ServedSite, admin: Client, person: str) -> None:
    answer = admin.post(f"/people/{person}/pin/generate")
    assert answer.status == 200 and answer.header("Cache-Control") == "no-store"
    (digits,) = re.findall(r'class="big">([0-9]{4})<', answer.text)
    assert pins.state(served.site.acting(ADMIN), person).set_utc == served.moment.utc
    assert f">{digits}<" not in admin.get(f"/people/{person}/pin").text


def test_removed_pin_is_gone(served: ServedSite, admin: Client, person: str) -> None:
    admin.post(f"/people/{person}/pin", {"pin": PIN, "again": PIN})
    assert admin.post(f"/people/{person}/pin/remove").to == f"/people/{person}?done=removed"
    assert "no PIN" in admin.get(f"/people/{person}").words


def test_person_nobody_knows_has_no_pin_page(admin: Client) -> None:
    assert admin.get("/people/nobody/pin").status == 404
    assert admin.post("/people/nobody/pin", {"pin": PIN, "again": PIN}).status == 404
    assert admin.post("/people/nobody/pin/generate").status == 404


@pytest.mark.parametrize("role", [OperatorRole.SUPERVISOR, OperatorRole.AUDITOR])
def test_who_may_only_view_people_sees_that_there_is_one(
    served: ServedSite, admin: Client, person: str, role: OperatorRole
) -> None:
    admin.post(f"/people/{person}/pin", {"pin": PIN, "again": PIN})
    other = served.signed_in(role)
    page = other.get(f"/people/{person}")
    assert "has a PIN" in page.words and f"/people/{person}/pin" not in page.text
    assert other.get(f"/people/{person}/pin").status == 403
    assert other.post(f"/people/{person}/pin/generate").status == 403
