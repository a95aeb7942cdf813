"""Before and after, in words."""

from dataclasses import replace

from controller.config import Config
from controller.model.events import Json
from controller.model.orders import OperatorAction
from tests.sample_site import NOW
from web.words.change_rows import change_row, differences
from web.words.words import Words


def lines(
    config: Config, before: Json, after: Json, kind: str | None = None, language: str = "en"
) -> list[str]:
    return [d.line for d in differences(before, after, kind, Words.of_site(config, language))]


def test_difference_is_reported_and_what_stayed_is_reported_once(config: Config) -> None:
    found = lines(config, {"name": "A", "kana": "x"}, {"name": "B", "kana": "x"})
    assert found == ["Name: A → B", "Reading: x"]


def test_empty_things_that_are_new_are_left_out_and_those_that_went_are_not(config: Config) -> None:
    assert lines(config, None, {"name": "A", "kana": "", "levels": []}) == ["Name: A"]
    assert lines(config, {"levels": ["Staff"]}, {"levels": []}) == ["Access levels: Staff → –"]


def test_operators_name_is_the_one_typed_at_sign_in(config: Config) -> None:
    assert lines(config, None, {"name": "hanako"}, "operator") == ["Sign-in name: hanako"]


def test_row_tells_who_did_what_and_where_it_is(config: Config) -> None:
    action = OperatorAction(
        id=3,
        utc=NOW.utc,
        operator_id="a",
        operator_name="Admin",
        role="admin",
        action="person_suspended",
        object_type="person",
        object_id="p1",
        before={"status": "active"},
        after={"status": "suspended"},
        reason="left",
    )
    row = change_row(action, Words.of_site(config, "en"))
    assert (row.who, row.role, row.what) == ("Admin", "Administrator", "Person suspended")
    assert (row.link, row.reason) == ("/people/p1", "left")
    rules = replace(action, action="rules_published", object_type="rules", object_id="7")
    assert change_row(rules, Words.of_site(config, "en")).link == "/rules/versions/7"
