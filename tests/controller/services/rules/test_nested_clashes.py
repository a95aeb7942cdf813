"""Rules of an area and of one within it that wait for each other hold publishing up."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from controller.config import Config
from controller.model.rule_book import Area, DoorRules, RuleBook, Rules
from controller.model.rules.anti_passback import AntiPassbackSetting
from controller.model.rules.dual_access import DualAccessSetting
from controller.model.rules.occupancy import OccupancySetting
from controller.model.rules.order import RuleName
from controller.model.rules.prerequisite import PrerequisiteSetting
from controller.model.rules.setting import RuleMode
from controller.services.rules.clashes import clashes
from controller.services.rules.findings import Finding
from controller.services.rules.site_book import SiteBook
from tests.controller.model.rule_books import ENFORCE, FULL
from tests.controller.services.wide_site import wide_config

OBSERVE, OFF = RuleMode.OBSERVE, RuleMode.OFF
OUTER_FIRST = AntiPassbackSetting(ENFORCE, outer_first=True)
ARCHIVE_FIRST = PrerequisiteSetting(ENFORCE, "archive-in")
FOR_ONE, PAIR = OccupancySetting(ENFORCE, most=1), DualAccessSetting(ENFORCE)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    return wide_config(Path(tmp_path_factory.mktemp("wide")))


def book(floor: Rules, inner: Rules, entries: tuple[str, ...] = ("entrance-in",), **doors: Rules) -> RuleBook:
    """An archive within the floor."""
    return replace(
        FULL,
        areas={
            "floor": replace(FULL.areas["floor"], entries=entries, rules=floor),
            "archive": Area("archive", "Archive", "書庫", ("archive-in",), ("archive-out",), inner, "floor"),
        },
        doors={name: DoorRules(name, rules=rules) for name, rules in doors.items()},
    )


def waiting(prerequisite: PrerequisiteSetting, passback: AntiPassbackSetting) -> RuleBook:
    return book({RuleName.PREREQUISITE: prerequisite}, {RuleName.ANTI_PASSBACK: passback})


def held(found: Iterable[Finding]) -> list[str]:
    every = list(found)
    assert all(one.is_warning and one.holds_up for one in every)
    return [one.where for one in every]


def test_floor_that_asks_for_its_archive_and_archive_that_asks_for_the_floor_hold_up(config: Config) -> None:
    (found,) = clashes(SiteBook(waiting(ARCHIVE_FIRST, OUTER_FIRST), config))
    assert found.holds_up and found.where == "areas.archive.rules.anti_passback"
    assert "nobody can enter first: entrance-in, archive-in." in str(found)


@pytest.mark.parametrize(
    ("prerequisite", "passback"),
    [
        (replace(ARCHIVE_FIRST, mode=OBSERVE), OUTER_FIRST),
        (ARCHIVE_FIRST, replace(OUTER_FIRST, mode=OBSERVE)),
        (ARCHIVE_FIRST, replace(OUTER_FIRST, mode=OFF)),
        (ARCHIVE_FIRST, replace(OUTER_FIRST, outer_first=False)),
        (replace(ARCHIVE_FIRST, access_point="locker"), OUTER_FIRST),
    ],
)
def test_floor_and_archive_of_which_one_admits_somebody_are_not_reported(
    prerequisite: PrerequisiteSetting, passback: AntiPassbackSetting, config: Config
) -> None:
    assert not list(clashes(SiteBook(waiting(prerequisite, passback), config)))


def test_circle_through_a_door_outside_both_areas_is_found(config: Config) -> None:
    rules = {RuleName.PREREQUISITE: replace(ARCHIVE_FIRST, access_point="locker")}
    by_locker = book(
        rules, {RuleName.ANTI_PASSBACK: OUTER_FIRST}, locker={RuleName.PREREQUISITE: ARCHIVE_FIRST}
    )
    (found,) = clashes(SiteBook(by_locker, config))
    assert found.holds_up and "entrance-in, locker, archive-in." in str(found)


def test_second_entry_into_the_floor_without_the_condition_breaks_the_circle(config: Config) -> None:
    floor, archive = {RuleName.PREREQUISITE: ARCHIVE_FIRST}, {RuleName.ANTI_PASSBACK: OUTER_FIRST}
    free = {RuleName.PREREQUISITE: replace(ARCHIVE_FIRST, mode=OFF)}
    both = ("entrance-in", "locker")
    assert held(clashes(SiteBook(book(floor, archive, both), config)))
    assert not held(clashes(SiteBook(book(floor, archive, both, locker=free), config)))


def test_entry_that_waits_for_a_circle_is_not_reported_as_another_one(config: Config) -> None:
    stuck = waiting(ARCHIVE_FIRST, OUTER_FIRST)
    behind = DoorRules("locker", rules={RuleName.PREREQUISITE: ARCHIVE_FIRST})
    assert len(held(clashes(SiteBook(replace(stuck, doors={"locker": behind}), config)))) == 1


def test_circle_of_prerequisites_alone_is_left_to_its_own_sentence(config: Config) -> None:
    floor = {RuleName.PREREQUISITE: replace(ARCHIVE_FIRST, access_point="locker")}
    locker = {RuleName.PREREQUISITE: replace(ARCHIVE_FIRST, access_point="entrance-in")}
    circle = book(floor, {RuleName.ANTI_PASSBACK: OUTER_FIRST}, locker=locker)
    assert not held(clashes(SiteBook(circle, config)))


def test_vault_whose_surrounding_archive_may_be_entered_without_the_floor_does_not_hold_up(
    config: Config,
) -> None:
    """The floor requires the vault's reader, and the vault the archive. A person in the archive is on the
    floor as well.
    """
    rules = {RuleName.ANTI_PASSBACK: OUTER_FIRST}
    free = book({RuleName.PREREQUISITE: replace(ARCHIVE_FIRST, access_point="locker")}, {})
    vault = Area("vault", "Vault", "金庫室", ("locker",), (), rules, "archive")
    within = replace(free, areas={**free.areas, "vault": vault})
    assert not held(clashes(SiteBook(within, config)))
    strict = replace(within.areas["archive"], rules=rules)
    assert held(clashes(SiteBook(replace(within, areas={**within.areas, "archive": strict}), config)))


def test_two_together_from_a_floor_for_one_hold_up(config: Config) -> None:
    archive = {RuleName.DUAL_ACCESS: PAIR, RuleName.ANTI_PASSBACK: OUTER_FIRST}
    (found,) = clashes(SiteBook(book({RuleName.OCCUPANCY: FOR_ONE}, archive), config))
    assert found.holds_up and found.where == "areas.archive.rules.dual_access"
    assert "both must be in floor first" in str(found) and "nobody can be the second" in str(found)


def test_two_together_at_the_doors_own_rule_hold_up_at_the_door(config: Config) -> None:
    alone = book(
        {RuleName.OCCUPANCY: FOR_ONE},
        {RuleName.ANTI_PASSBACK: OUTER_FIRST},
        archive={RuleName.DUAL_ACCESS: PAIR},
    )
    assert held(clashes(SiteBook(alone, config))) == ["doors.archive.rules.dual_access"]


@pytest.mark.parametrize(
    ("occupancy", "pair", "passback"),
    [
        (replace(FOR_ONE, most=2), PAIR, OUTER_FIRST),
        (replace(FOR_ONE, most=0), PAIR, OUTER_FIRST),
        (replace(FOR_ONE, mode=OBSERVE), PAIR, OUTER_FIRST),
        (FOR_ONE, replace(PAIR, mode=OBSERVE), OUTER_FIRST),
        (FOR_ONE, PAIR, replace(OUTER_FIRST, mode=OBSERVE)),
        (FOR_ONE, PAIR, replace(OUTER_FIRST, outer_first=False)),
    ],
)
def test_two_who_can_both_be_in_the_floor_are_not_reported(
    occupancy: OccupancySetting, pair: DualAccessSetting, passback: AntiPassbackSetting, config: Config
) -> None:
    archive = {RuleName.DUAL_ACCESS: pair, RuleName.ANTI_PASSBACK: passback}
    assert not held(clashes(SiteBook(book({RuleName.OCCUPANCY: occupancy}, archive), config)))


def test_floor_for_one_with_an_entry_that_does_not_count_is_not_reported(config: Config) -> None:
    archive = {RuleName.DUAL_ACCESS: PAIR, RuleName.ANTI_PASSBACK: OUTER_FIRST}
    free = {RuleName.OCCUPANCY: replace(FOR_ONE, mode=OFF)}
    two_ways = book({RuleName.OCCUPANCY: FOR_ONE}, archive, ("entrance-in", "locker"), locker=free)
    assert not held(clashes(SiteBook(two_ways, config)))
