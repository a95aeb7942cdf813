"""Whoever leaves is told off by nobody; the record says what those who remain lack."""

from dataclasses import replace

import pytest

from controller.decision.access import decide
from controller.decision.facts import Facts
from controller.decision.leaving import last_supervisor_alarms, leaving
from controller.model.access import AccessRequest
from controller.model.credentials import CardholderStatus
from controller.model.reasons import AccessWarning, DenyReason
from controller.model.rule_book import OccupancySetting, Setting, StaffMixSetting, SupervisorPresentSetting
from tests.controller.decision.samples import NOON, utc
from tests.controller.decision.situations import (
    AGENCY,
    ENFORCE,
    ME,
    OBSERVE,
    OFF,
    REGULAR,
    SV,
    house,
    many,
    passed,
    taps,
    went,
    who,
)

PRESENT = SupervisorPresentSetting(ENFORCE, (AGENCY,))
PER_SUPERVISOR = StaffMixSetting(ENFORCE, people_per_supervisor=10)
LEAST_2 = OccupancySetting(ENFORCE, least=2)
LAST_SV, MIX, LOW = (
    AccessWarning.LAST_SUPERVISOR_LEFT,
    AccessWarning.STAFF_MIX_LOW,
    AccessWarning.OCCUPANCY_LOW,
)


def goes(category: str = SV) -> AccessRequest:
    return taps(who(category), "entrance-out")


@pytest.mark.parametrize(("setting", "said"), [(PRESENT, (LAST_SV,)), (PER_SUPERVISOR, (LAST_SV, MIX))])
def test_last_supervisor_leaving_others_behind_is_told_and_alarms(
    setting: Setting, said: tuple[AccessWarning, ...]
) -> None:
    facts = house(setting, log=(passed(ME, SV), passed("p2", AGENCY)))
    assert leaving(goes(), facts) == said
    assert last_supervisor_alarms(goes(), facts)


def test_rule_of_one_door_guards_the_area_by_whichever_door_the_last_supervisor_leaves() -> None:
    facts = house(at_the_door=(PRESENT,), log=(passed(ME, SV), passed("p2", AGENCY)))
    floor = replace(facts.book.areas["floor"], entries=("side-in", "entrance-in"), exits=("side-out",))
    facts = replace(facts, book=replace(facts.book, areas={"floor": floor}))
    beside = taps(who(SV), "side-out")
    assert leaving(beside, facts) == (LAST_SV,) and last_supervisor_alarms(beside, facts)
    elsewhere = replace(facts.book, areas={"floor": replace(floor, entries=("side-in",))})
    assert leaving(beside, replace(facts, book=elsewhere)) == (), "the rule guards another way in"


def test_area_whose_only_door_switches_its_rule_off_asks_for_nobody() -> None:
    off = replace(PRESENT, mode=OFF)
    facts = house(PRESENT, at_the_door=(off,), log=(passed(ME, SV), passed("p2", AGENCY)))
    assert leaving(goes(), facts) == () and not last_supervisor_alarms(goes(), facts)


def test_supervisor_leaving_another_one_or_nobody_behind_is_not_told() -> None:
    assert leaving(goes(), house(PRESENT, log=(passed(ME, SV), passed("p2", SV), passed("p3")))) == ()
    assert leaving(goes(), house(PRESENT, log=(passed(ME, SV),))) == ()


def test_anybody_else_leaving_is_not_told_of_the_supervisor_who_left_before() -> None:
    facts = house(PRESENT, log=(passed("sv", SV), passed(ME, AGENCY), passed("p3", AGENCY), went("sv")))
    assert leaving(goes(AGENCY), facts) == ()


def test_area_that_asks_for_no_supervisor_is_told_nothing() -> None:
    log = (passed(ME, SV), passed("p2", AGENCY))
    off = SupervisorPresentSetting(OFF, (AGENCY,))
    for facts in (house(log=log), house(off, log=log), house(StaffMixSetting(ENFORCE), log=log)):
        assert leaving(goes(), facts) == ()


def test_rule_that_only_observes_is_told_and_alarms_nobody() -> None:
    observed = replace(PRESENT, mode=OBSERVE)
    facts = house(observed, log=(passed(ME, SV), passed("p2", AGENCY)))
    assert leaving(goes(), facts) == (LAST_SV,)
    assert not last_supervisor_alarms(goes(), facts)


def test_last_regular_person_leaving_others_behind_is_told() -> None:
    for setting in (StaffMixSetting(ENFORCE, regular_least=1), StaffMixSetting(ENFORCE, regular_percent=1)):
        facts = house(setting, log=(passed(ME, REGULAR), passed("p2", AGENCY)))
        assert leaving(goes(REGULAR), facts) == (MIX,)


def test_mix_that_was_wanting_before_is_not_told_of_again() -> None:
    facts = house(StaffMixSetting(ENFORCE, regular_least=5), log=(passed(ME), passed("p2")))
    assert leaving(goes(REGULAR), facts) == ()


@pytest.mark.parametrize(("others", "said"), [(0, ()), (1, (LOW,)), (2, ())])
def test_fewer_left_than_there_should_be_is_told_unless_nobody_is(
    others: int, said: tuple[AccessWarning, ...]
) -> None:
    assert leaving(goes(REGULAR), house(LEAST_2, log=(passed(ME), *many(others)))) == said


def test_whoever_is_not_inside_by_the_log_is_told_so() -> None:
    assert leaving(goes(), house(LEAST_2, log=many(5))) == (AccessWarning.OUT_WITHOUT_IN,)


def test_doors_own_rule_stands_before_that_of_the_area() -> None:
    facts = house(LEAST_2, at_the_door=(OccupancySetting(ENFORCE),), log=(passed(ME), passed("p2")))
    assert leaving(goes(REGULAR), facts) == ()


def test_log_not_read_yet_says_nothing() -> None:
    assert leaving(goes(), replace(house(PRESENT), presence=None)) == ()


def test_going_further_in_is_leaving_too() -> None:
    """From the floor into the archive: the floor is left, whatever the direction of the access point."""
    log = (passed(ME, SV), passed("p2", AGENCY))
    assert decide(taps(who(SV), "archive-in"), NOON, _archive_behind(house(PRESENT, log=log))).warnings == (
        LAST_SV,
    )


def test_refused_at_the_inner_door_nobody_has_left() -> None:
    facts = _archive_behind(house(PRESENT, log=(passed(ME, SV), passed("p2", AGENCY))))
    suspended = taps(who(SV, holder=CardholderStatus.SUSPENDED), "archive-in")
    assert decide(suspended, NOON, facts).warnings == ()


def test_supervisor_whose_badge_ran_out_inside_leaves_and_it_is_told() -> None:
    expired = taps(who(SV, valid_until=utc("2026-11-25 11:00")), "entrance-out")
    verdict = decide(expired, NOON, house(PRESENT, log=(passed(ME, SV), passed("p2", AGENCY))))
    assert (verdict.reason, verdict.warnings) == (DenyReason.CREDENTIAL_EXPIRED, (LAST_SV,))


def _archive_behind(facts: Facts) -> Facts:
    areas = facts.book.areas
    floor = replace(areas["floor"], exits=("entrance-out", "archive-in"))
    return replace(facts, book=replace(facts.book, areas={**areas, "floor": floor}))
