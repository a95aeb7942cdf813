"""What is kept as plain values can be read back, also by a program that knows more or fewer fields."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.model.plain_values import TextLimit, TextTooLong, from_plain, to_plain


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Inner:
    colour: Colour
    day: date | None = None


@dataclass(frozen=True)
class Outer:
    name: str
    number: int = 3
    sure: bool = False
    at: datetime | None = None
    pairs: tuple[tuple[str, date], ...] = ()
    inner: tuple[Inner, ...] = ()
    names: frozenset[str] = frozenset()
    by_name: Mapping[str, Inner] = field(default_factory=lambda: MappingProxyType({}))


DAYS = st.dates()
INNERS = st.builds(Inner, st.sampled_from(Colour), st.none() | DAYS)
MOMENTS = st.datetimes(timezones=st.just(UTC))
OUTERS = st.builds(
    Outer,
    st.text(max_size=20),
    st.integers(),
    st.booleans(),
    st.none() | MOMENTS,
    st.lists(st.tuples(st.text(max_size=5), DAYS), max_size=3).map(tuple),
    st.lists(INNERS, max_size=3).map(tuple),
    st.frozensets(st.text(max_size=5), max_size=3),
    st.dictionaries(st.text(max_size=5), INNERS, max_size=3),
)


@given(OUTERS)
def test_value_through_json_and_back_is_the_same(value: Outer) -> None:
    assert from_plain(Outer, json.loads(json.dumps(to_plain(value)))) == value


def test_what_is_at_its_default_is_left_out() -> None:
    assert to_plain(Outer("a", inner=(Inner(Colour.RED),))) == {"name": "a", "inner": [{"colour": "red"}]}


def test_field_of_a_later_program_is_passed_over() -> None:
    assert from_plain(Outer, {"name": "a", "weight": 5}) == Outer("a")


@pytest.mark.parametrize(
    "plain",
    [
        None,
        [],
        "a",
        {},
        {"name": 5},
        {"name": "a", "at": "noon"},
        {"name": "a", "inner": [{"colour": "green"}]},
        {"name": "a", "pairs": [["x"]]},
        {"name": "a", "inner": {}},
        {"name": "a", "by_name": []},
    ],
)
def test_what_is_not_a_such_value_raises(plain: object) -> None:
    with pytest.raises((ValueError, TypeError, KeyError)):
        from_plain(Outer, plain)


def test_duration_is_not_a_plain_value() -> None:
    with pytest.raises(TypeError):
        to_plain(timedelta(1))


@dataclass(frozen=True)
class Sent:
    name: Annotated[str, TextLimit(5)]
    count: int = 0
    end: date | datetime | None = None
    note: str = ""


@pytest.mark.parametrize(
    ("plain", "error"),
    [
        ({"name": "a", "more": 1}, ValueError),
        ({"name": "a", "count": True}, TypeError),
        ({"name": 5}, TypeError),
        ({}, KeyError),
        ({"name": "abcdef"}, TextTooLong),
        ({"name": "a", "note": "n" * 501}, TextTooLong),
        ({"name": "a", "end": "tomorrow"}, ValueError),
        ({"name": "a", "end": 5}, TypeError),
    ],
)
def test_strict_reading_refuses_what_another_version_may_ignore(
    plain: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        from_plain(Sent, plain, strict=True)


def test_strict_reading_keeps_a_day_and_a_moment_apart() -> None:
    moment = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    for end in (None, date(2026, 11, 24), moment):
        assert from_plain(Sent, to_plain(Sent("a", end=end)), strict=True).end == end


def test_length_is_counted_as_the_text_is_stored() -> None:
    decomposed = "e\u0301" * 5
    assert from_plain(Sent, {"name": decomposed}, strict=True).name == decomposed
    assert from_plain(Sent, {"name": "  a    b  "}, strict=True).name == "  a    b  "
    with pytest.raises(TextTooLong) as refused:
        from_plain(Sent, {"name": "x" * 1_000_000}, strict=True)
    assert (refused.value.length, refused.value.most) == (1_000_000, 5)
