"""Two rule books beside each other: each thing that differs, what held and what holds then."""

from dataclasses import replace
from datetime import date

from controller.model.rule_book import DoorMode, DoorRules, Holidays, RuleBook
from controller.model.rules.occupancy import OccupancySetting
from controller.model.rules.order import RuleName
from controller.model.rules.setting import RuleMode
from tests.controller.model.rule_books import FULL
from tests.web.sample_words import sample_words
from web.rules.changes import RuleChange, rule_changes


def changed(before: RuleBook, after: RuleBook, language: str = "en") -> list[RuleChange]:
    return rule_changes(before, after, sample_words(RuleBook(), language))


def with_rules(**settings: OccupancySetting) -> RuleBook:
    rules = {RuleName(name): setting for name, setting in settings.items()}
    return replace(FULL, areas={"floor": replace(FULL.areas["floor"], rules=rules)})


def test_books_that_are_the_same_differ_in_nothing() -> None:
    assert changed(FULL, replace(FULL, version=9)) == []


def test_changed_rule_shows_both_sentences_with_their_modes() -> None:
    before = with_rules(occupancy=OccupancySetting(RuleMode.OBSERVE, 40))
    after = with_rules(occupancy=OccupancySetting(RuleMode.ENFORCE, 30))
    (only,) = changed(before, after)
    assert only.where == "Call floor: Occupancy" and only.path == "areas.floor.rules.occupancy"
    assert only.before.startswith("At most 40 people can be inside. (")
    assert only.after == "At most 30 people can be inside. (Enforce)"
    assert only.rule == (RuleName.OCCUPANCY, OccupancySetting(RuleMode.ENFORCE, 30))


def test_rule_switched_off_is_gone_and_one_that_stays_off_is_not_a_change() -> None:
    on, off = (with_rules(occupancy=OccupancySetting(mode, 40)) for mode in (RuleMode.ENFORCE, RuleMode.OFF))
    (only,) = changed(on, off)
    assert only.before and only.after == "" and only.rule is not None
    assert changed(off, with_rules()) == []


def test_whole_book_is_reported_piece_by_piece_in_both_languages() -> None:
    for language in ("en", "ja"):
        found = changed(RuleBook(), FULL, language)
        paths = [one.path.split(".")[0] for one in found]
        assert {"areas", "doors", "categories", "qualifications", "holidays"} == set(paths)
        assert all(one.after for one in found)
        gone = changed(FULL, RuleBook(), language)
        assert {one.path for one in gone} == {one.path for one in found}


def test_mode_of_a_door_and_a_holiday_are_reported() -> None:
    blocked = replace(FULL, doors={"entrance": DoorRules("entrance", DoorMode.BLOCKED)})
    usual = replace(FULL, doors={})
    (mode,) = changed(usual, blocked)
    assert (mode.where, mode.after) == ("entrance", "Nobody can enter; leaving is free.")
    (day,) = changed(usual, replace(usual, holidays=Holidays("JP", {date(2027, 5, 6): "holiday"})))
    assert day.before == "2027-01-04: short-day"
    assert changed(usual, replace(usual, holidays=replace(FULL.holidays, country="")))[0].after == "–"
