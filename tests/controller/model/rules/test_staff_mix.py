from controller.model.headcount import Headcount
from controller.model.rule_book import Category, RuleBook
from controller.model.rules.occupancy import OccupancySetting
from controller.model.rules.order import RuleName
from controller.model.rules.setting import RuleMode, Weight
from controller.model.rules.staff_mix import StaffMixSetting

ENFORCE = RuleMode.ENFORCE
BOOK = RuleBook(
    categories={
        "sv": Category("sv", "SV", "SV", supervisor=True),
        "regular": Category("regular", "Regular", "社員", regular=True),
    }
)
PEOPLE = Headcount(13, {"sv": 1, "regular": 2, "agency": 10}, {}, 0)


def doubted(setting: StaffMixSetting, beside: OccupancySetting | None = None) -> list[tuple[str, Weight]]:
    rules = {} if beside is None else {RuleName.OCCUPANCY: beside}
    return [(one.part, one.weight) for one in setting.doubts(BOOK, PEOPLE, rules)]


def test_mix_without_a_bound_and_a_share_above_a_hundred_are_problems() -> None:
    assert [one.part for one in StaffMixSetting(ENFORCE).problems()] == [""]
    assert [one.part for one in StaffMixSetting(ENFORCE, regular_percent=101).problems()] == [
        "regular_percent"
    ]
    assert [*StaffMixSetting(ENFORCE, regular_percent=100).problems()] == []


def test_supervisors_who_allow_fewer_people_than_there_are_is_a_doubt() -> None:
    assert doubted(StaffMixSetting(ENFORCE, people_per_supervisor=12)) == [
        ("people_per_supervisor", Weight.DOUBT)
    ]
    assert doubted(StaffMixSetting(ENFORCE, people_per_supervisor=13)) == []


def test_more_regular_staff_than_may_be_inside_is_a_clash_where_both_are_enforced() -> None:
    mix = StaffMixSetting(ENFORCE, regular_least=2)
    assert doubted(mix, OccupancySetting(ENFORCE, most=1)) == [("regular_least", Weight.CLASH)]
    assert doubted(mix, OccupancySetting(RuleMode.OBSERVE, most=1)) == [("regular_least", Weight.DOUBT)]
    assert doubted(mix, OccupancySetting(RuleMode.OFF, most=1)) == []


def test_mix_asks_for_two_things_of_which_each_may_be_met_by_itself() -> None:
    first, second = StaffMixSetting(ENFORCE, 5, 50, 2).parts()
    assert (first, second) == (StaffMixSetting(ENFORCE, 5), StaffMixSetting(ENFORCE, 0, 50, 2))
