"""A person's badges: added by number, their validity, lost and found."""

import pytest

from controller.model.operators import OperatorRole
from controller.registry.moments import utc_text
from tests.controller.unrecorded import unrecorded
from tests.sample_site import idm
from tests.web.client import Client
from tests.web.routes.test_people import PERSON, add
from tests.web.site import ServedSite


def test_badge_is_added_with_its_validity_and_shown_by_its_last_four(
    served: ServedSite, admin: Client
) -> None:
    person = add(admin, "Taro")
    number = idm(0xABCD)
    path = f"/people/{person}/badges/new"
    fields = {"number": number.lower(), "first_day": "2026-12-01", "last_day": "2027-03-31"}
    assert admin.post(path, fields).to == f"/people/{person}?done=enrolled"
    page = admin.get(f"/people/{person}")
    assert "…ABCD" in page.words
    assert "2026-12-01 – 2027-03-31" in page.words
    assert "Not valid yet" in page.words
    assert number not in page.text.upper()
    again = admin.post(path, {"number": number})
    assert again.status == 409
    assert "belongs to one person" in again.words
    assert admin.get("/people?q=abcd").ids(PERSON) == [person]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"number": "xyz"}, "number"),
        ({"number": "0123"}, "number"),
        ({"number": "08123456"}, "number"),
        ({"number": idm(1), "first_day": "2026-02-30"}, "first_day"),
        ({"number": idm(1), "first_day": "2026-12-02", "last_day": "2026-12-01"}, "last_day"),
        ({"number": idm(1), "last_day": "9999-01-01"}, "last_day"),
    ],
)
def test_badge_that_is_not_right_is_refused_beside_its_field(
    admin: Client, fields: dict[str, str], field: str
) -> None:
    person = add(admin, "Taro")
    answer = admin.post(f"/people/{person}/badges/new", fields)
    assert answer.status == 422
    assert f'id="{field}-error"' in answer.text
    assert "No badges yet." in admin.get(f"/people/{person}").words


def test_lost_badge_is_lost_and_can_be_found_again(served: ServedSite, admin: Client) -> None:
    person = add(admin, "Taro")
    admin.post(f"/people/{person}/badges/new", {"number": idm(0xBEEF)})
    badge = admin.get(f"/people/{person}").ids(r'href="/badges/([0-9a-f]+)"')[0]
    assert served.signed_in(OperatorRole.SUPERVISOR).post(f"/badges/{badge}/lost").status == 303
    assert "Lost" in admin.get(f"/badges/{badge}").words
    assert admin.post(f"/badges/{badge}/resume", {"reason": "found"}).status == 303
    assert admin.post(f"/badges/{badge}/suspend").status == 303
    assert "Suspended" in admin.get(f"/badges/{badge}").words
    bad = admin.post(f"/badges/{badge}", {"first_day": "soon"})
    assert bad.status == 422
    assert 'id="first_day-error"' in bad.text
    assert admin.post(f"/badges/{badge}", {"last_day": "2026-12-31"}).to == f"/people/{person}?done=saved"
    assert "until 2026-12-31" in admin.get(f"/people/{person}").words


def test_badge_is_valid_to_the_minute_and_shown_so(served: ServedSite, admin: Client) -> None:
    person = add(admin, "Temp")
    admin.post(f"/people/{person}/badges/new", {"number": idm(0xCAFE)})
    badge = admin.get(f"/people/{person}").ids(r'href="/badges/([0-9a-f]+)"')[0]
    sent = {"first_day": "2026-01-01", "first_time": "09:00", "last_day": "2027-03-31", "last_time": "18:30"}
    assert admin.post(f"/badges/{badge}", sent).status == 303
    page = admin.get(f"/badges/{badge}")
    assert "2026-01-01 09:00 – 2027-03-31 18:30" in page.words
    assert all(f'value="{value}"' in page.text for value in sent.values())  # saving again changes nothing
    for wrong, field in (({"last_time": "18:61"}, "last_time"), ({"first_day": ""}, "first_time")):
        answer = admin.post(f"/badges/{badge}", {**sent, **wrong})
        assert answer.status == 422 and f'id="{field}-error"' in answer.text
    with unrecorded(served.site.registry) as db:
        db.execute("UPDATE credentials SET valid_until = ?", (utc_text(served.moment.utc),))
    assert "Expired" in admin.get(f"/badges/{badge}").words
