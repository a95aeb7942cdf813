"""The page of holidays: each change publishes the rules as a new version."""

import pytest

from controller.model.operators import MACHINE, OperatorRole
from controller.registry.lookup import Lookup
from controller.services.rules import books as rule_books
from tests.controller.unrecorded import unrecorded
from tests.web.client import Client
from tests.web.site import ServedSite


def at_the_door(served: ServedSite) -> dict[str, str]:
    lookup = Lookup(served.site.registry.file)
    try:
        return {day.isoformat(): type_ for day, type_ in lookup.day_types().items()}
    finally:
        lookup.close()


def test_public_holidays_are_listed_before_any_rules_and_it_says_that_they_do_not_hold(
    served: ServedSite, admin: Client
) -> None:
    words = admin.get("/holidays").words
    assert "No rules are published yet" in words
    assert "2026-11-23 (Mon) Holiday Labor Thanksgiving Day" in words
    assert at_the_door(served) == {}


def test_day_added_and_removed_holds_at_the_door_and_is_a_version(served: ServedSite, admin: Client) -> None:
    sent = {"day": "2027-01-04", "day_type": "short-day", "note": "Inventory"}
    assert admin.post("/holidays/days", sent).to == "/holidays?done=rules_published"
    assert at_the_door(served)["2027-01-04"] == "short-day"
    assert "2027-01-04 (Mon) short-day (your own)" in admin.get("/holidays").words
    admin.post("/holidays/days", {"day": "2027-05-03", "day_type": "workday"})
    assert "2027-05-03" not in at_the_door(served)
    admin.post("/holidays/days/remove", {"day": "2027-05-03"})
    assert at_the_door(served)["2027-05-03"] == "holiday"
    notes = [one.note for one in rule_books.versions(served.site.acting(MACHINE))]
    assert notes == ["2027-05-03: –", "2027-05-03: workday", "Inventory"]


def test_country_is_changed_or_removed(served: ServedSite, admin: Client) -> None:
    admin.post("/holidays/country", {"country": "de"})
    assert "2026-10-03" in at_the_door(served)
    admin.post("/holidays/country", {"country": ""})
    assert at_the_door(served) == {}
    assert "There are no holidays." in admin.get("/holidays").words


def test_dates_at_the_door_that_differ_are_reported(served: ServedSite, admin: Client) -> None:
    admin.post("/holidays/country", {"country": "JP"})
    assert "other dates" not in admin.get("/holidays").words
    with unrecorded(served.site.registry) as db:
        db.execute("DELETE FROM holiday_dates WHERE date = '2027-11-03'")
    assert "other dates" in admin.get("/holidays").words
    admin.post("/holidays/country", {"country": "JP"})
    assert "other dates" not in admin.get("/holidays").words


@pytest.mark.parametrize(
    ("path", "sent", "sentence"),
    [
        ("days", {"day": "2027-02-30", "day_type": "holiday"}, "This is not a date"),
        ("days", {"day": "", "day_type": "holiday"}, "This is not a date"),
        ("days", {"day": "2027-02-03", "day_type": "お盆"}, "1 to 32 of a-z"),
        ("days", {"day": "2027-02-03", "day_type": "workday"}, "2027-02-03 is not a public holiday"),
        ("country", {"country": "QQ"}, "The holidays of QQ are not known"),
    ],
)
def test_bad_input_is_one_sentence_and_publishes_nothing(
    served: ServedSite, admin: Client, path: str, sent: dict[str, str], sentence: str
) -> None:
    answer = admin.post(f"/holidays/{path}", sent)
    assert answer.status == 422 and sentence in answer.words
    assert rule_books.versions(served.site.acting(MACHINE)) == []


def test_day_that_is_not_there_cannot_be_removed(admin: Client) -> None:
    assert admin.post("/holidays/days/remove", {"day": "2027-01-05"}).status == 404


def test_auditor_sees_the_days_and_changes_none(served: ServedSite, admin: Client) -> None:
    auditor = served.signed_in(OperatorRole.AUDITOR)
    page = auditor.get("/holidays")
    assert "文化の日" in page.words or "Culture Day" in page.words
    assert "<button>" not in page.text.split("</header>")[-1] or "/holidays/days" not in page.text
    assert auditor.post("/holidays/days", {"day": "2027-01-05", "day_type": "holiday"}).status == 403
