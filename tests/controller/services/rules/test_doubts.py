"""Rules with a probably unintended effect give a warning, with the number of people."""

from dataclasses import replace
from pathlib import Path

import pytest

from controller.config import Config
from controller.model.headcount import Headcount
from controller.model.rule_book import DoorMode, DoorRules, RuleBook
from controller.model.rules.anti_passback import AntiPassbackSetting
from controller.model.rules.escort import EscortSetting
from controller.model.rules.first_person_in import FirstPersonInSetting
from controller.model.rules.occupancy import OccupancySetting
from controller.model.rules.order import RuleName
from controller.model.rules.qualifications import QualificationsSetting
from controller.model.rules.setting import RuleMode, RuleSetting
from controller.model.rules.staff_mix import StaffMixSetting
from controller.model.rules.supervisor_present import SupervisorPresentSetting
from controller.services.rules.doubts import doubts
from controller.services.rules.site_book import SiteBook
from tests.controller.model.rule_books import ENFORCE, FULL
from tests.controller.services.wide_site import wide_config

NOBODY = Headcount(0, {}, {}, 0)
STAFFED = Headcount(30, {"sv": 1, "regular": 3, "agency": 26}, {"nda": 2}, 5)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    return wide_config(Path(tmp_path_factory.mktemp("wide")))


def book(*settings: tuple[RuleName, RuleSetting], **changes: object) -> RuleBook:
    floor = replace(FULL.areas["floor"], rules=dict(settings), **changes)  # type: ignore[arg-type]
    return replace(FULL, areas={"floor": floor}, doors={})


def doubts_of(book: RuleBook, config: Config, people: Headcount) -> list[str]:
    found = list(doubts(SiteBook(book, config), people))
    assert all(one.is_warning for one in found)
    return [f"{one.where}: {one}" for one in found]


@pytest.mark.parametrize(
    ("name", "setting", "message"),
    [
        (
            RuleName.SUPERVISOR_PRESENT,
            SupervisorPresentSetting(ENFORCE, ("agency",)),
            "There are no supervisors",
        ),
        (RuleName.FIRST_PERSON_IN, FirstPersonInSetting(ENFORCE, ("sv",)), "that come in first (sv)"),
        (RuleName.ESCORT, EscortSetting(ENFORCE, ("visitor",), ("sv",)), "that escort (sv)"),
        (
            RuleName.QUALIFICATIONS,
            QualificationsSetting(ENFORCE, ("nda",)),
            "Nobody has the qualification nda",
        ),
        (RuleName.STAFF_MIX, StaffMixSetting(ENFORCE, people_per_supervisor=5), "can never be met"),
        (RuleName.STAFF_MIX, StaffMixSetting(ENFORCE, regular_percent=5), "There are no regular staff"),
        (
            RuleName.STAFF_MIX,
            StaffMixSetting(ENFORCE, regular_least=1),
            "The staff mix requires 1 regular staff",
        ),
    ],
)
def test_rule_that_nobody_could_meet_is_doubted_until_somebody_can(
    name: RuleName, setting: RuleSetting, message: str, config: Config
) -> None:
    (sentence,) = doubts_of(book((name, setting)), config, NOBODY)
    assert sentence.startswith(f"areas.floor.rules.{name.value}") and message in sentence
    enough = Headcount(5, {"sv": 1, "regular": 2}, {"nda": 1}, 0)
    assert doubts_of(book((name, setting)), config, enough) == []
    assert doubts_of(book((name, replace(setting, mode=RuleMode.OFF))), config, NOBODY) == []


def test_outer_first_where_no_area_lies_within_another_is_doubted(config: Config) -> None:
    setting = AntiPassbackSetting(ENFORCE, outer_first=True)
    (sentence,) = doubts_of(book((RuleName.ANTI_PASSBACK, setting)), config, STAFFED)
    assert sentence.startswith("areas.floor.rules.anti_passback.outer_first: No area entered here lies")
    flat = book((RuleName.ANTI_PASSBACK, setting), within="building")
    building = replace(flat.areas["floor"], name="building", entries=("archive-in",), rules={}, within="")
    assert doubts_of(replace(flat, areas={**flat.areas, "building": building}), config, STAFFED) == []


def test_too_few_supervisors_for_the_people_there_are_is_doubted(config: Config) -> None:
    mix = (RuleName.STAFF_MIX, StaffMixSetting(ENFORCE, people_per_supervisor=5))
    (sentence,) = doubts_of(book(mix), config, STAFFED)
    assert "All supervisors together (1) allow 5 people inside at most." in sentence
    assert doubts_of(book(mix, (RuleName.OCCUPANCY, OccupancySetting(ENFORCE, 5))), config, STAFFED) == []


def test_more_regular_staff_than_may_be_inside_is_doubted(config: Config) -> None:
    mix = (RuleName.STAFF_MIX, StaffMixSetting(ENFORCE, regular_least=4))
    (sentence,) = doubts_of(book(mix, (RuleName.OCCUPANCY, OccupancySetting(ENFORCE, 3))), config, STAFFED)
    assert "The staff mix requires 4 regular staff, but at most 3 people may be inside." in sentence


def test_area_that_nobody_is_seen_leaving_is_doubted(config: Config) -> None:
    (sentence,) = doubts_of(book(exits=()), config, STAFFED)
    assert sentence.startswith("areas.floor.exits: The area floor has no exit")


def test_category_that_people_are_of_and_the_rules_no_longer_know_is_doubted(config: Config) -> None:
    people = replace(STAFFED, categories={**STAFFED.categories, "trainee": 2, "gone": 0})
    (sentence,) = doubts_of(book(), config, people)
    assert sentence.startswith("categories: The category trainee does not exist, but 2 people belong to it")


def test_area_left_only_where_rules_may_refuse_is_doubted(config: Config) -> None:
    (sentence,) = doubts_of(book(exits=("archive-in",)), config, STAFFED)
    assert sentence.startswith("areas.floor.exits: Every exit of the area floor is the entry side of a door")
    assert doubts_of(book(exits=("archive-in", "entrance-out")), config, STAFFED) == []


def test_area_entered_only_on_the_way_out_is_doubted(config: Config) -> None:
    rule = (RuleName.OCCUPANCY, OccupancySetting(ENFORCE, 3))
    (sentence,) = doubts_of(book(rule, entries=("archive-out",)), config, STAFFED)
    assert "where rules only warn" in sentence
    assert doubts_of(book(rule, entries=("nowhere",)), config, STAFFED) == []


def test_door_that_asks_for_a_pin_nobody_has_is_doubted(config: Config) -> None:
    asks = replace(FULL, areas={}, doors={"entrance": DoorRules("entrance", DoorMode.CARD_PIN)})
    (sentence,) = doubts_of(asks, config, NOBODY)
    assert sentence.startswith("doors.entrance.mode: Nobody has a PIN yet")
    assert doubts_of(asks, config, STAFFED) == []


def test_door_that_asks_for_a_pin_without_a_keypad_is_doubted(config: Config) -> None:
    asks = replace(FULL, areas={}, doors={"entrance": DoorRules("entrance", DoorMode.CARD_PIN)})

    def with_readers(path: str) -> Config:
        readers = {name: replace(reader, path=path) for name, reader in config.readers.items()}
        return replace(config, readers=readers)

    (sentence,) = doubts_of(asks, with_readers("usb:054c:06c3"), STAFFED)
    assert "No reader at the door entrance has a keypad" in sentence
    assert doubts_of(asks, with_readers("osdp:USB0:0"), STAFFED) == []
