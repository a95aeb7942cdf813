"""Rules that people meet one by one, but nobody meets together, are reported before publishing."""

from dataclasses import replace
from pathlib import Path

import pytest

from controller.config import Config
from controller.model.rule_book import RuleBook, Rules
from controller.model.rules.escort import EscortSetting
from controller.model.rules.first_person_in import FirstPersonInSetting
from controller.model.rules.order import RuleName
from controller.model.rules.setting import RuleMode, RuleSetting
from controller.model.rules.staff_mix import StaffMixSetting
from controller.model.rules.supervisor_present import SupervisorPresentSetting
from controller.services.rules.first_entry import nobody_first
from controller.services.rules.site_book import SiteBook
from tests.controller.model.rule_books import AGENCY, ENFORCE, FULL, REGULAR, SV, VISITOR
from tests.controller.services.wide_site import wide_config

MIX = StaffMixSetting(ENFORCE, people_per_supervisor=5, regular_least=1)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    return wide_config(Path(tmp_path_factory.mktemp("wide")))


def named(*settings: RuleSetting) -> Rules:
    return {RuleName(_NAMES[type(one)]): one for one in settings}


_NAMES = {
    FirstPersonInSetting: "first_person_in",
    SupervisorPresentSetting: "supervisor_present",
    EscortSetting: "escort",
    StaffMixSetting: "staff_mix",
}


def book(*settings: RuleSetting, sv_is_regular: bool = False) -> RuleBook:
    categories = {**FULL.categories, SV: replace(FULL.categories[SV], regular=sv_is_regular)}
    floor = replace(FULL.areas["floor"], rules=named(*settings))
    return replace(FULL, areas={"floor": floor}, doors={}, categories=categories)


@pytest.mark.parametrize("mix", [MIX, replace(MIX, regular_least=0, regular_percent=10)])
def test_mix_of_supervisors_and_regular_staff_where_nobody_is_both_is_reported(
    mix: StaffMixSetting, config: Config
) -> None:
    (found,) = nobody_first(SiteBook(book(mix), config))
    assert found.holds_up and found.where == "areas.floor.rules.staff_mix"
    assert "no category counts as both" in str(found)
    assert not list(nobody_first(SiteBook(book(mix, sv_is_regular=True), config)))
    assert not list(nobody_first(SiteBook(book(replace(mix, mode=RuleMode.OBSERVE)), config)))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            (FirstPersonInSetting(ENFORCE, (AGENCY,)), SupervisorPresentSetting(ENFORCE, (AGENCY,))),
            "can enter first: first_person_in, supervisor_present; change",
        ),
        (
            (FirstPersonInSetting(ENFORCE, (VISITOR,)), EscortSetting(ENFORCE, (VISITOR,), (SV,))),
            "first_person_in, escort",
        ),
        (
            (FirstPersonInSetting(ENFORCE, (REGULAR,)), StaffMixSetting(ENFORCE, people_per_supervisor=5)),
            "first_person_in, staff_mix",
        ),
    ],
)
def test_rules_that_wait_for_one_another_are_named(
    settings: tuple[RuleSetting, ...], message: str, config: Config
) -> None:
    (found,) = nobody_first(SiteBook(book(*settings), config))
    assert found.holds_up and message in str(found)


def test_rule_that_has_no_part_in_it_is_not_named(config: Config) -> None:
    escort = EscortSetting(ENFORCE, (VISITOR,), (SV,))
    (found,) = nobody_first(SiteBook(book(escort, MIX), config))
    assert "no category counts as both" in str(found)


def test_what_somebody_can_begin_is_not_reported(config: Config) -> None:
    first, present = FirstPersonInSetting(ENFORCE, (SV,)), SupervisorPresentSetting(ENFORCE, (AGENCY,))
    fine = book(first, present, EscortSetting(ENFORCE, (VISITOR,), (SV,)), MIX, sv_is_regular=True)
    assert not list(nobody_first(SiteBook(fine, config)))
    assert not list(nobody_first(SiteBook(book(), config)))
    by_another_way_out = replace(
        fine.areas["floor"], rules=named(MIX), entries=("entrance-in", "entrance-out")
    )
    assert not list(nobody_first(SiteBook(replace(book(MIX), areas={"floor": by_another_way_out}), config)))


def test_what_one_rule_alone_shuts_out_is_left_to_its_own_sentence(config: Config) -> None:
    nobody = {name: replace(one, supervisor=False) for name, one in FULL.categories.items()}
    assert not list(nobody_first(SiteBook(replace(book(MIX), categories=nobody), config)))


def test_area_with_a_room_in_it_holds_up_publishing_too_though_the_room_has_a_door_of_its_own(
    config: Config,
) -> None:
    flat = book(MIX)
    room = replace(
        flat.areas["floor"], name="room", entries=("archive-in",), exits=(), rules={}, within="floor"
    )
    (found,) = nobody_first(SiteBook(replace(flat, areas={**flat.areas, "room": room}), config))
    assert found.is_warning and found.holds_up and found.where == "areas.floor.rules.staff_mix"
