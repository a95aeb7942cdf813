from dataclasses import replace

import pytest

from controller.model.rule_book import DoorMode, RuleBook
from controller.model.rules.occupancy import OccupancySetting
from controller.model.rules.order import SETTINGS, RuleName
from controller.model.rules.setting import RuleMode
from tests.controller.model.rule_books import EVERY_RULE, FULL


def test_rule_of_the_door_precedes_the_one_of_the_area() -> None:
    rules = FULL.rules_at("entrance", "entrance-in")
    assert rules[RuleName.OCCUPANCY] == OccupancySetting(RuleMode.OBSERVE, 20)
    assert rules[RuleName.DUAL_ACCESS] == EVERY_RULE[RuleName.DUAL_ACCESS]


def test_access_point_that_leads_out_has_the_rules_of_the_door_only() -> None:
    assert set(FULL.rules_at("entrance", "entrance-out")) == {RuleName.OCCUPANCY}


def test_area_is_found_by_the_access_points_that_lead_in_and_out() -> None:
    entered, left = FULL.area_entered("entrance-in"), FULL.area_left("entrance-out")
    assert entered is not None and entered == left and entered.name == "floor"
    assert FULL.area_entered("entrance-out") is FULL.area_left("entrance-in") is None


def test_door_that_is_not_in_the_book_takes_badges_and_has_no_rules() -> None:
    door = RuleBook().door("archive")
    assert (door.mode, door.scheduled, dict(door.rules)) == (DoorMode.CARD, (), {})


@pytest.mark.parametrize("name", list(RuleName))
def test_every_rule_has_a_kind_of_setting_with_a_mode(name: RuleName) -> None:
    assert isinstance(EVERY_RULE[name], SETTINGS[name])
    assert replace(EVERY_RULE[name], mode=RuleMode.OFF).mode is RuleMode.OFF
