import pytest

from controller.model.finding_names import PlaceName
from controller.model.headcount import Headcount
from controller.model.rule_book import Category, RuleBook
from controller.model.rules.escort import EscortSetting
from controller.model.rules.occupancy import OccupancySetting
from controller.model.rules.order import SETTINGS, RuleName
from controller.model.rules.prerequisite import PrerequisiteSetting
from controller.model.rules.setting import NameOf, RuleMode, Weight
from controller.model.rules.supervisor_present import SupervisorPresentSetting

ENFORCE = RuleMode.ENFORCE
NOBODY = Headcount(0, {}, {}, 0)
ONE_OF_EACH = Headcount(3, {"sv": 1, "agency": 1, "visitor": 1}, {}, 0)
BOOK = RuleBook(categories={"sv": Category("sv", "SV", "SV", supervisor=True)})


def test_each_rule_has_a_setting_of_its_name() -> None:
    assert [setting.__name__.lower() for setting in SETTINGS.values()] == [
        name.value.replace("_", "") + "setting" for name in RuleName
    ]


def test_field_that_names_categories_is_found_and_must_be_specified() -> None:
    assert EscortSetting.fields_naming(NameOf.CATEGORY) == ("categories", "escorts")
    assert EscortSetting.fields_naming(NameOf.DOOR) == ()
    assert [*PrerequisiteSetting(ENFORCE, "locker").names(NameOf.ACCESS_POINT)] == [
        ("access_point", ("locker",))
    ]
    with pytest.raises(TypeError):
        EscortSetting(ENFORCE)


def test_rule_that_needs_an_area_says_so_at_a_door_without_one() -> None:
    found = [*OccupancySetting(ENFORCE, most=5).problems_without_area(PlaceName("archive"))]
    assert [(one.part, one.values) for one in found] == [("", {"name": "archive"})]
    assert [*PrerequisiteSetting(ENFORCE, "locker").problems_without_area(PlaceName("archive"))] == []


def test_demand_that_only_people_lack_is_a_doubt_and_one_that_no_category_meets_a_clash() -> None:
    setting = SupervisorPresentSetting(ENFORCE, ("agency",))
    assert [one.weight for one in setting.doubts(BOOK, NOBODY, {})] == [Weight.DOUBT]
    assert [one.weight for one in setting.doubts(RuleBook(), NOBODY, {})] == [Weight.CLASH]
    observed = SupervisorPresentSetting(RuleMode.OBSERVE, ("agency",))
    assert [one.weight for one in observed.doubts(RuleBook(), NOBODY, {})] == [Weight.DOUBT]
    assert [*setting.doubts(BOOK, ONE_OF_EACH, {})] == []


def test_rule_reaches_the_people_it_may_refuse() -> None:
    assert SupervisorPresentSetting(ENFORCE, ("agency", "sv")).reach(BOOK, ONE_OF_EACH) == 1
    assert EscortSetting(ENFORCE, ("visitor",), ("sv",)).reach(BOOK, ONE_OF_EACH) == 1
    assert OccupancySetting(ENFORCE, most=5).reach(BOOK, ONE_OF_EACH) == 3
