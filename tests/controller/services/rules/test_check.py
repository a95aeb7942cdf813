"""Each problem of a book that does not fit the site has one sentence with place and reason."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from controller.config import Config
from controller.model.rule_book import Area, DoorMode, DoorRules, RuleBook, ScheduledMode
from controller.model.rules.interlock import InterlockSetting
from controller.model.rules.occupancy import OccupancySetting
from controller.model.rules.order import RuleName
from controller.model.rules.prerequisite import PrerequisiteSetting, PrerequisiteSince
from controller.model.rules.setting import RuleMode
from controller.services.rules.check import problems
from controller.services.rules.site_book import SiteBook
from tests.controller.model.rule_books import ENFORCE, FULL
from tests.controller.services.wide_site import wide_config

SCHEDULES = frozenset({"always", "Reception", "Night"})
ARCHIVE = Area("archive", "Archive", "書庫", ("archive-in",), ("archive-out",))


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    return wide_config(Path(tmp_path_factory.mktemp("wide")))


def findings_of(book: RuleBook, config: Config, schedules: frozenset[str] = SCHEDULES) -> list[str]:
    found = list(problems(SiteBook(book, config), schedules))
    assert not any(one.is_warning for one in found)
    return [f"{one.where}: {one}" for one in found]


def with_area(**changes: Any) -> RuleBook:
    return replace(FULL, areas={"floor": replace(FULL.areas["floor"], **changes), "archive": ARCHIVE})


def test_full_book_fits_the_site_it_was_created_for(config: Config) -> None:
    assert findings_of(replace(FULL, areas={**FULL.areas, "archive": ARCHIVE}), config) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"entries": ()}, "areas.floor.entries: The area floor has no entry"),
        ({"entries": ("back-in",)}, "areas.floor.entries: There is no access point back-in in genkan.toml"),
        (
            {"entries": ("entrance-in", "archive-in")},
            "areas.archive.entries: archive-in is already an entry of the area floor",
        ),
        (
            {"exits": ("archive-out",)},
            "areas.archive.exits: archive-out is already an exit of the area floor",
        ),
        ({"exits": ("entrance-in",)}, "areas.floor.exits: entrance-in is both an entry and an exit"),
    ],
)
def test_area_that_cannot_be_is_reported(changes: dict[str, Any], message: str, config: Config) -> None:
    (sentence, *_) = findings_of(with_area(**changes), config)
    assert sentence.startswith(message)


def test_door_and_schedule_that_are_not_there_are_reported(config: Config) -> None:
    book = replace(FULL, doors={**FULL.doors, "back": DoorRules("back")})
    found = findings_of(book, config, frozenset({"always", "Night"}))
    assert found[0].startswith("doors.entrance.scheduled.1.schedule: There is no schedule named Reception")
    assert found[1].startswith("doors.back: There is no door back in genkan.toml")


def test_first_person_at_a_door_that_is_not_unlocked_is_reported(config: Config) -> None:
    scheduled = (ScheduledMode("Night", DoorMode.CARD, ("sv", "chief")),)
    book = replace(FULL, doors={"entrance": DoorRules("entrance", scheduled=scheduled)})
    missing, useless = findings_of(book, config)
    assert missing.startswith("doors.entrance.scheduled.1.first_person: There is no category chief")
    assert useless.startswith("doors.entrance.scheduled.1.first_person: Only an unlocked door can wait")


def prerequisite(area: str, first: str, mode: RuleMode = ENFORCE) -> Area:
    named = ARCHIVE if area == "archive" else FULL.areas["floor"]
    return replace(named, rules={RuleName.PREREQUISITE: PrerequisiteSetting(mode, first)})


def test_prerequisites_in_a_circle_are_reported_once(config: Config) -> None:
    areas = {"floor": prerequisite("floor", "archive-in"), "archive": prerequisite("archive", "entrance-in")}
    (sentence,) = findings_of(replace(FULL, areas=areas, doors={}), config)
    assert sentence == (
        "areas.floor.rules.prerequisite.access_point: These entries require each other first, so nobody "
        "can enter: entrance-in → archive-in → entrance-in; remove one of the requirements."
    )
    off = {**areas, "archive": prerequisite("archive", "entrance-in", RuleMode.OFF)}
    assert findings_of(replace(FULL, areas=off, doors={}), config) == []


def test_prerequisite_since_the_last_exit_on_a_door_without_an_area_is_reported(config: Config) -> None:
    setting = PrerequisiteSetting(ENFORCE, "entrance-in", PrerequisiteSince.LAST_EXIT)
    rules = {RuleName.PREREQUISITE: setting}
    book = replace(FULL, areas={}, doors={"archive": DoorRules("archive", rules=rules)})
    (sentence,) = [one for one in findings_of(book, config) if ".since" in one]
    assert sentence.startswith("doors.archive.rules.prerequisite.since: The door archive leads into no area")
    daily = {RuleName.PREREQUISITE: replace(setting, since=PrerequisiteSince.DAY)}
    book = replace(book, doors={"archive": DoorRules("archive", rules=daily)})
    assert not [one for one in findings_of(book, config) if ".since" in one]


def test_entry_that_asks_for_itself_is_reported(config: Config) -> None:
    book = replace(FULL, areas={"floor": prerequisite("floor", "entrance-in")}, doors={})
    assert "entrance-in → entrance-in" in findings_of(book, config)[0]


def test_prerequisite_that_leads_into_a_circle_of_others_is_not_the_one_to_blame(config: Config) -> None:
    floor = prerequisite("floor", "archive-in")
    areas = {"floor": floor, "archive": prerequisite("archive", "archive-in")}
    (sentence,) = findings_of(replace(FULL, areas=areas, doors={}), config)
    assert sentence.startswith("areas.archive.rules.prerequisite")


@pytest.mark.parametrize("side", ["area", "door"])
def test_door_interlocked_with_itself_is_reported(side: str, config: Config) -> None:
    rules = {RuleName.INTERLOCK: InterlockSetting(ENFORCE, ("entrance",))}
    floor = replace(FULL.areas["floor"], rules=rules if side == "area" else {})
    doors = {"entrance": DoorRules("entrance", rules=rules)} if side == "door" else {}
    (sentence,) = findings_of(replace(FULL, areas={"floor": floor}, doors=doors), config)
    assert f"{side}s." in sentence and "interlocked with itself" in sentence


def test_interlock_that_is_off_names_anything_it_likes(config: Config) -> None:
    rules = {RuleName.INTERLOCK: InterlockSetting(RuleMode.OFF, ("entrance",))}
    assert findings_of(replace(FULL, doors={"entrance": DoorRules("entrance", rules=rules)}), config) == []


def test_entry_that_is_not_there_is_the_only_thing_reported_of_its_door(config: Config) -> None:
    rules = {RuleName.OCCUPANCY: OccupancySetting(ENFORCE, 3)}
    doors = {"entrance": DoorRules("entrance", rules=rules)}
    floor = replace(FULL.areas["floor"], entries=("back-door",))
    (sentence,) = findings_of(replace(FULL, areas={"floor": floor}, doors=doors), config)
    assert sentence.startswith("areas.floor.entries: There is no access point back-door")


def test_two_doors_interlocked_with_each_other_are_fine(config: Config) -> None:
    doors = {
        one: DoorRules(one, rules={RuleName.INTERLOCK: InterlockSetting(ENFORCE, (other,))})
        for one, other in (("entrance", "archive"), ("archive", "entrance"))
    }
    assert findings_of(replace(FULL, areas={}, doors=doors), config) == []


def test_rule_about_an_area_on_a_door_that_leads_into_none_is_reported(config: Config) -> None:
    doors = {"archive": DoorRules("archive", rules={RuleName.OCCUPANCY: OccupancySetting(ENFORCE, 3)})}
    (sentence,) = findings_of(replace(FULL, doors=doors), config)
    assert sentence.startswith("doors.archive.rules.occupancy: The door archive leads into no area")
    assert findings_of(replace(FULL, doors=doors, areas={"archive": ARCHIVE}), config) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"within": "cellar"}, "areas.floor.within: There is no outer area cellar"),
        ({"within": "floor"}, "areas.floor.within: The area floor would lie within itself"),
        (
            {"within": "archive", "exits": ("entrance-out", "archive-in")},
            "areas.archive.within: archive-in leads from one of these two areas into the other",
        ),
    ],
)
def test_area_within_another_is_one_that_is_there_and_leads_into_both(
    config: Config, changes: dict[str, Any], message: str
) -> None:
    nested = changes.pop("within")
    book = with_area(**changes)
    inner, outer = ("floor", nested) if nested != "archive" else ("archive", "floor")
    areas = {**book.areas, inner: replace(book.areas[inner], within=outer)}
    found = findings_of(replace(book, areas=areas), config)
    assert any(one.startswith(message) for one in found), found


def test_area_within_one_whose_outer_area_is_missing_blames_only_that_one(config: Config) -> None:
    floor = replace(FULL.areas["floor"], within="cellar")
    areas = {"floor": floor, "archive": replace(ARCHIVE, within="floor")}
    (sentence,) = findings_of(replace(FULL, areas=areas), config)
    assert sentence.startswith("areas.floor.within: There is no outer area cellar")


def test_room_within_an_area_fits(config: Config) -> None:
    book = with_area()
    assert (
        findings_of(replace(book, areas={**book.areas, "archive": replace(ARCHIVE, within="floor")}), config)
        == []
    )
