"""The person's form: what the rules no longer have is still shown, and what was typed comes back."""

from datetime import date

import pytest

from controller.errors import BadInput
from controller.services.people.standing import Standing
from tests.controller.model.rule_books import FULL
from web.rules import standing_form
from web.words.words import Words

OLD = Standing("chief", (("first-aid", date(2027, 1, 1)),))


def test_what_the_rules_no_longer_have_is_offered_to_who_has_it() -> None:
    assert ("chief", "chief") in standing_form.categories(FULL, OLD, Words("ja"))
    assert ("agency", "派遣") in standing_form.categories(FULL, Standing(), Words("ja"))
    rows = standing_form.held_rows(FULL, OLD, Words("en"))
    assert [(row.name, row.until) for row in rows] == [("nda", ""), ("first-aid", "2027-01-01")]


def test_typed_fields_become_the_standing_again() -> None:
    standing = standing_form.parse_standing("sv", ["nda", "x"], ["2027/3/31", ""], ["more_time"])
    assert standing == Standing("sv", (("nda", date(2027, 3, 31)),), False, True)
    with pytest.raises(BadInput, match="not a date"):
        standing_form.parse_standing("", ["nda"], ["soon"], [])
