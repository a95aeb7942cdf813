"""What no data can mend holds publishing up; what more people would mend does not."""

from dataclasses import replace
from pathlib import Path

import pytest

from controller.config import Config
from controller.model.headcount import Headcount
from controller.model.rule_book import Category, DoorMode, DoorRules, RuleBook
from controller.model.rules.dual_access import DualAccessSetting
from controller.model.rules.occupancy import OccupancySetting
from controller.model.rules.order import RuleName
from controller.model.rules.setting import RuleMode, RuleSetting, Weight
from controller.model.rules.staff_mix import StaffMixSetting
from controller.model.rules.supervisor_present import SupervisorPresentSetting
from controller.services.rules.clashes import clashes
from controller.services.rules.doubts import doubts
from controller.services.rules.findings import Finding, without_echoes
from controller.services.rules.site_book import SiteBook
from tests.controller.model.rule_books import AGENCY, ENFORCE, FULL
from tests.controller.services.wide_site import wide_config

OBSERVE = RuleMode.OBSERVE
NOBODY = Headcount(0, {}, {}, 0)
PAIR, ONE = DualAccessSetting(ENFORCE, unless_inside=1), OccupancySetting(ENFORCE, 1)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    return wide_config(Path(tmp_path_factory.mktemp("wide")))


def book(**rules: RuleSetting) -> RuleBook:
    named = {RuleName(name): setting for name, setting in rules.items()}
    return replace(FULL, areas={"floor": replace(FULL.areas["floor"], rules=named)}, doors={})


def test_two_together_where_one_may_be_inside_are_reported_once(config: Config) -> None:
    (found,) = clashes(SiteBook(book(dual_access=PAIR, occupancy=ONE), config))
    assert found.is_warning and found.holds_up and found.where == "areas.floor.rules.dual_access"
    assert "nobody can enter by entrance-in" in str(found)
    for pair, most in (
        (replace(PAIR, mode=OBSERVE), ONE),
        (PAIR, replace(ONE, mode=RuleMode.OFF)),
        (PAIR, OccupancySetting(ENFORCE, 2)),
        (PAIR, OccupancySetting(ENFORCE, 0, 1)),
    ):
        assert not list(clashes(SiteBook(book(dual_access=pair, occupancy=most), config)))


def test_two_together_at_a_door_into_an_area_for_one_are_reported_at_the_door(config: Config) -> None:
    rules = DoorRules("entrance", rules={RuleName.DUAL_ACCESS: PAIR})
    (found,) = clashes(SiteBook(replace(book(occupancy=ONE), doors={"entrance": rules}), config))
    assert found.where == "doors.entrance.rules.dual_access"


def held_up(book: RuleBook, config: Config) -> list[bool]:
    return [one.holds_up for one in doubts(SiteBook(book, config), NOBODY)]


@pytest.mark.parametrize(
    "setting",
    [
        SupervisorPresentSetting(ENFORCE, (AGENCY,)),
        StaffMixSetting(ENFORCE, people_per_supervisor=2),
        StaffMixSetting(ENFORCE, regular_percent=30),
        StaffMixSetting(ENFORCE, regular_least=1),
    ],
)
def test_rule_holds_up_only_where_no_category_could_meet_it(config: Config, setting: RuleSetting) -> None:
    name = "supervisor_present" if isinstance(setting, SupervisorPresentSetting) else "staff_mix"
    edited = book(**{name: setting})
    unmet = replace(edited, categories={AGENCY: Category(AGENCY, "Agency", "派遣")})
    assert held_up(edited, config) == [False]
    assert held_up(unmet, config) == [True]
    observed = book(**{name: replace(setting, mode=OBSERVE)})
    assert held_up(replace(observed, categories=unmet.categories), config) == [False]


def test_few_supervisors_are_only_reported(config: Config) -> None:
    people = Headcount(12, {"sv": 3}, {}, 0)
    (found,) = doubts(SiteBook(book(staff_mix=StaffMixSetting(ENFORCE, 2)), config), people)
    assert "allow 6 people inside" in str(found) and not found.holds_up


def test_more_regular_staff_than_may_be_inside_holds_up_where_both_are_enforced(config: Config) -> None:
    mix = StaffMixSetting(ENFORCE, regular_least=2)
    people = Headcount(2, {"regular": 2}, {}, 0)
    for mode, warned in ((ENFORCE, [True]), (OBSERVE, [False]), (RuleMode.OFF, [])):
        both = book(staff_mix=mix, occupancy=OccupancySetting(mode, 1))
        assert [one.holds_up for one in doubts(SiteBook(both, config), people)] == warned


def test_missing_pins_are_only_reported_and_a_missing_keypad_holds_up(config: Config) -> None:
    asks = replace(FULL, areas={}, doors={"entrance": DoorRules("entrance", DoorMode.CARD_PIN)})
    assert held_up(asks, config) == [False]
    readers = {name: replace(one, path="usb:054c:06c3") for name, one in config.readers.items()}
    assert held_up(asks, replace(config, readers=readers)) == [True, False]


def test_warning_about_a_rule_that_has_a_problem_is_left_out() -> None:
    wrong = Finding("areas.floor.rules.escort.seconds", "The time is wrong.")
    echo, other = (
        Finding(where, "Doubtful.", weight=Weight.DOUBT)
        for where in ("areas.floor.rules.escort", "areas.floor.exits")
    )
    assert without_echoes((echo, other, wrong)) == (wrong, other)
