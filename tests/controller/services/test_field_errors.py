"""A form is refused once, with every value that is wrong."""

import pytest

from controller.errors import BadInput, Conflict, FieldConflict, SeveralRefused, refused_values
from controller.services.field_errors import FieldErrors


def refuse(error: Exception) -> str:
    raise error


def test_values_that_are_all_right_pass_the_block() -> None:
    with FieldErrors() as fields:
        number = fields.check(int, "12")
    assert number == 12


def test_one_refused_value_raises_its_own_error() -> None:
    duplicate = FieldConflict("name", "Taken.")
    with pytest.raises(FieldConflict) as raised, FieldErrors() as fields:
        fields.check(refuse, duplicate)
    assert raised.value is duplicate


def test_several_refused_values_are_raised_together_also_from_blocks_within() -> None:
    name, day, year = (
        BadInput("name", "Empty."),
        BadInput("day", "No {what}.", what="day"),
        BadInput("year", "No."),
    )

    def period() -> None:
        with FieldErrors() as inner:
            inner.check(refuse, day)
            inner.check(refuse, year)

    with pytest.raises(SeveralRefused) as raised, FieldErrors() as fields:
        fields.check(refuse, name)
        fields.check(period)
    assert refused_values(raised.value) == (name, day, year)
    assert (raised.value.field, str(raised.value)) == ("name", "Empty. No day. No.")


def test_another_error_leaves_the_block_immediately() -> None:
    with pytest.raises(Conflict), FieldErrors() as fields:
        fields.check(refuse, BadInput("name", "Empty."))
        fields.check(refuse, Conflict("Changed meanwhile."))
