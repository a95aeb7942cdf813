"""A rule book goes through TOML and JSON and comes back; anything else is refused with one sentence."""

import copy
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.model.rule_book import RuleBook
from controller.model.rule_book_form import NotARuleBook, from_plain, to_plain
from tests.controller.model.rule_books import FULL

PLAIN = to_plain(FULL)


def test_full_book_comes_back_as_it_was() -> None:
    assert from_plain(json.loads(json.dumps(PLAIN)), 7) == FULL


def test_order_of_names_in_a_list_makes_no_difference() -> None:
    plain, twin = copy.deepcopy(PLAIN), copy.deepcopy(PLAIN)
    for book, names in ((plain, ["sv", "regular"]), (twin, ["regular", "sv", "sv"])):
        book["areas"]["floor"]["rules"]["escort"]["escorts"] = names
    assert from_plain(plain) == from_plain(twin)


def test_room_within_an_area_comes_back_and_one_in_none_is_written_as_ever() -> None:
    room = replace(FULL.areas["floor"], name="room", entries=("room-in",), within="floor")
    book = replace(FULL, areas={**FULL.areas, "room": room})
    assert from_plain(to_plain(book), 7) == book
    assert "within" not in to_plain(book)["areas"]["floor"]


def test_empty_table_is_the_empty_book() -> None:
    assert from_plain({}) == RuleBook()


def changed(path: str, value: Any) -> dict[str, Any]:
    plain = copy.deepcopy(PLAIN)
    *way, last = path.split("/")
    table: Any = plain
    for key in way:
        table = table[int(key)] if isinstance(table, list) else table[key]
    table[last] = value
    return plain


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("zones", {}, "the rules.zones: is not known"),
        ("areas/Floor 1", {}, "areas.Floor 1: the name must be"),
        (
            "areas/floor/entries",
            "entrance-in",
            "areas.floor.entries: 'entrance-in' is not allowed; write a list",
        ),
        ("areas/floor/rules/moon", {}, "areas.floor.rules.moon: is not known"),
        ("areas/floor/rules/occupancy", {"mode": "maybe"}, "areas.floor.rules.occupancy.mode: 'maybe'"),
        ("areas/floor/rules/occupancy", {}, "areas.floor.rules.occupancy.mode: is missing"),
        ("areas/floor/rules/occupancy", {"mode": "off", "most": -1}, "areas.floor.rules.occupancy.most: -1"),
        ("areas/floor/rules/occupancy", {"mode": "off", "most": True}, "occupancy.most: True is not allowed"),
        (
            "areas/floor/rules/anti_passback",
            {"mode": "off", "area": 1},
            "anti_passback.area: 1 is not allowed",
        ),
        ("doors/entrance/mode", "open", "doors.entrance.mode: 'open' is not allowed; write one of: locked"),
        ("doors/entrance/scheduled", "x", "doors.entrance.scheduled: must be a list"),
        ("doors/entrance/scheduled/0/until", "x", "doors.entrance.scheduled.1.until: is not known"),
        ("categories/sv/label_ja", "", "categories.sv.label_ja: '' is not allowed"),
        ("categories/sv/label_ja", "a\nb", "categories.sv.label_ja"),
        ("qualifications/nda", 3, "qualifications.nda: must be a table"),
        ("holidays/country", "Japan", "holidays.country: 'Japan' is not allowed"),
        ("holidays/days/1.5.2027", "holiday", "holidays.days.1.5.2027: is not a date"),
        ("holidays/days/2027-02-01", "Short day", "holidays.days.2027-02-01: the day type"),
    ],
)
def test_what_is_not_a_rule_book_is_reported_with_its_place(path: str, value: Any, message: str) -> None:
    with pytest.raises(NotARuleBook) as error:
        from_plain(changed(path, value))
    assert message in str(error.value)


def test_version_is_the_registrys_and_not_in_the_form() -> None:
    assert "version" not in PLAIN
    assert from_plain(PLAIN, 9) == replace(FULL, version=9)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*PLAIN, "floor", "rules", "occupancy", "mode", "x"]), inner)
    ),
    max_leaves=12,
)


@given(anything)
def test_anything_at_all_is_a_book_or_one_sentence(plain: Any) -> None:
    try:
        book = from_plain(plain)
    except NotARuleBook as error:
        assert "\n" not in str(error)
    else:
        assert from_plain(to_plain(book)) == book
