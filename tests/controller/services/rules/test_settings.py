"""A setting with an unknown name, or without effect, is reported; a rule in mode "off" may have no effect."""

from pathlib import Path
from typing import Any

import pytest

from controller.config import Config
from controller.model.rule_book_form import from_plain, to_plain
from controller.model.rules.order import RuleName
from controller.model.rules.setting import RuleMode
from controller.services.rules.settings import setting_problems
from controller.services.rules.site_book import SiteBook
from tests.controller.model.rule_books import FULL
from tests.controller.services.wide_site import wide_config


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    return wide_config(Path(tmp_path_factory.mktemp("wide")))


def findings_of(config: Config, rule: RuleName, mode: str, **values: Any) -> list[str]:
    plain = to_plain(FULL)
    plain["areas"]["floor"]["rules"] = {rule.value: {"mode": mode, **values}}
    book = from_plain(plain)
    rules = book.areas["floor"].rules
    return [f"{one.where}: {one}" for one in setting_problems("rules", rules, SiteBook(book, config))]


@pytest.mark.parametrize(
    ("rule", "values", "message"),
    [
        (
            RuleName.QUALIFICATIONS,
            {"required": ["first-aid"]},
            "required: There is no qualification first-aid",
        ),
        (RuleName.PREREQUISITE, {"access_point": "gym"}, "access_point: There is no access point gym"),
        (RuleName.FIRST_PERSON_IN, {"categories": ["chief"]}, "categories: There is no category chief"),
        (RuleName.INTERLOCK, {"doors": ["gym"]}, "doors: There is no door gym"),
        (
            RuleName.ESCORT,
            {"categories": ["visitor"], "escorts": ["chief"]},
            "escorts: There is no category chief",
        ),
    ],
)
def test_what_is_not_there_is_reported_even_when_the_rule_is_off(
    rule: RuleName, values: dict[str, Any], message: str, config: Config
) -> None:
    for mode in RuleMode:
        assert findings_of(config, rule, mode.value, **values)[0].startswith(f"rules.{rule.value}.{message}")


@pytest.mark.parametrize(
    ("rule", "values", "message"),
    [
        (RuleName.ASSURANCE, {"least": 0}, "least: The minimum assurance must be 1, 2 or 3"),
        (RuleName.ASSURANCE, {"least": 4}, "least: The minimum assurance must be 1, 2 or 3"),
        (RuleName.QUALIFICATIONS, {"required": []}, "required: The rule names no qualification"),
        (RuleName.ANTI_PASSBACK, {"area": False}, "Neither area nor minutes is set"),
        (RuleName.ANTI_PASSBACK, {"minutes": 1441}, "minutes: At most 1440 minutes"),
        (RuleName.SUPERVISOR_PRESENT, {"categories": []}, "categories: The rule names no category"),
        (
            RuleName.ESCORT,
            {"categories": ["visitor"], "escorts": ["sv", "visitor"]},
            "escorts: visitor would need an escort and be one",
        ),
        (
            RuleName.ESCORT,
            {"categories": ["visitor"], "escorts": ["sv"], "seconds": 601},
            "seconds: The time must be 0 to 600 seconds; 0 asks only that an escort is inside.",
        ),
        (RuleName.STAFF_MIX, {}, "No limit is set"),
        (RuleName.STAFF_MIX, {"regular_percent": 101}, "regular_percent: A share must be 0 to 100"),
        (RuleName.OCCUPANCY, {}, "No limit is set"),
        (
            RuleName.OCCUPANCY,
            {"most": 3, "least": 4},
            "least: At least 4 and at most 3 contradict each other",
        ),
        (RuleName.INTERLOCK, {"doors": []}, "doors: The rule names no door"),
        (RuleName.DUAL_ACCESS, {"seconds": 0}, "seconds: The time must be 1 to 600 seconds"),
        (RuleName.DUAL_ACCESS, {"seconds": 601}, "seconds: The time must be 1 to 600 seconds"),
    ],
)
def test_setting_that_says_nothing_is_reported_unless_it_is_off(
    rule: RuleName, values: dict[str, Any], message: str, config: Config
) -> None:
    for mode in ("observe", "enforce"):
        (sentence,) = findings_of(config, rule, mode, **values)
        assert sentence.removeprefix(f"rules.{rule.value}").lstrip(".: ").startswith(message)
    assert findings_of(config, rule, "off", **values) == []
