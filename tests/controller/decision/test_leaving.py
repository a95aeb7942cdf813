"""Nobody is refused on the way out; the record names the rules that the remaining people break."""

from dataclasses import replace

import pytest

from controller.decision.access import decide
from controller.decision.facts import Facts
from controller.decision.leaving import exit_warnings, leaving
from controller.decision.presence import Fact
from controller.model.access import AccessRequest
from controller.model.credentials import CardholderStatus
from controller.model.reasons import AccessWarning, DenyReason
from controller.model.rule_book import RuleBook
from controller.model.rules.escort import EscortSetting
from controller.model.rules.occupancy import OccupancySetting
from controller.model.rules.setting import RuleSetting
from controller.model.rules.staff_mix import StaffMixSetting
from controller.model.rules.supervisor_present import SupervisorPresentSetting
from tests.controller.decision.samples import NOON, utc
from tests.controller.decision.situations import (
    AGENCY,
    ENFORCE,
    ME,
    OBSERVE,
    OFF,
    REGULAR,
    SV,
    VISITOR,
    book,
    many,
    passed,
    site_facts,
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
LAST_ESCORT = AccessWarning.LAST_ESCORT_LEFT
ESCORT = EscortSetting(ENFORCE, (VISITOR,), (SV, REGULAR), 30)


def goes(category: str = SV) -> AccessRequest:
    return taps(who(category), "entrance-out")


def alarms(request: AccessRequest, facts: Facts) -> tuple[AccessWarning, ...]:
    return tuple(one.warning for one in exit_warnings(request, facts) if one.alarms)


@pytest.mark.parametrize(("setting", "warnings"), [(PRESENT, (LAST_SV,)), (PER_SUPERVISOR, (LAST_SV, MIX))])
def test_last_supervisor_leaving_others_behind_is_reported_and_alarms(
    setting: RuleSetting, warnings: tuple[AccessWarning, ...]
) -> None:
    facts = site_facts(setting, log=(passed(ME, SV), passed("p2", AGENCY)))
    assert leaving(goes(), facts) == warnings
    assert LAST_SV in alarms(goes(), facts)


def test_rule_of_one_door_guards_the_area_by_any_door_the_last_supervisor_leaves() -> None:
    facts = site_facts(at_the_door=(PRESENT,), log=(passed(ME, SV), passed("p2", AGENCY)))
    floor = replace(facts.book.areas["floor"], entries=("side-in", "entrance-in"), exits=("side-out",))
    facts = replace(facts, book=replace(facts.book, areas={"floor": floor}))
    beside = taps(who(SV), "side-out")
    assert leaving(beside, facts) == alarms(beside, facts) == (LAST_SV,)
    elsewhere = replace(facts.book, areas={"floor": replace(floor, entries=("side-in",))})
    assert leaving(beside, replace(facts, book=elsewhere)) == (), "the rule guards another way in"


def test_area_whose_only_door_switches_its_rule_off_asks_for_nobody() -> None:
    off = replace(PRESENT, mode=OFF)
    facts = site_facts(PRESENT, at_the_door=(off,), log=(passed(ME, SV), passed("p2", AGENCY)))
    assert leaving(goes(), facts) == () == alarms(goes(), facts)


def test_supervisor_leaving_another_one_or_nobody_behind_is_not_reported() -> None:
    assert leaving(goes(), site_facts(PRESENT, log=(passed(ME, SV), passed("p2", SV), passed("p3")))) == ()
    assert leaving(goes(), site_facts(PRESENT, log=(passed(ME, SV),))) == ()


def test_anybody_else_leaving_is_not_reported_the_supervisor_who_left_before() -> None:
    facts = site_facts(PRESENT, log=(passed("sv", SV), passed(ME, AGENCY), passed("p3", AGENCY), went("sv")))
    assert leaving(goes(AGENCY), facts) == ()


def test_area_that_asks_for_no_supervisor_gets_no_message() -> None:
    log = (passed(ME, SV), passed("p2", AGENCY))
    off = SupervisorPresentSetting(OFF, (AGENCY,))
    for facts in (
        site_facts(log=log),
        site_facts(off, log=log),
        site_facts(StaffMixSetting(ENFORCE), log=log),
    ):
        assert leaving(goes(), facts) == ()


def test_rule_that_only_observes_is_reported_and_alarms_nobody() -> None:
    observed = replace(PRESENT, mode=OBSERVE)
    facts = site_facts(observed, log=(passed(ME, SV), passed("p2", AGENCY)))
    assert leaving(goes(), facts) == (LAST_SV,)
    assert alarms(goes(), facts) == ()


def test_last_regular_person_leaving_others_behind_is_reported() -> None:
    for setting in (StaffMixSetting(ENFORCE, regular_least=1), StaffMixSetting(ENFORCE, regular_percent=1)):
        facts = site_facts(setting, log=(passed(ME, REGULAR), passed("p2", AGENCY)))
        assert leaving(goes(REGULAR), facts) == (MIX,)


def test_mix_that_was_wanting_before_is_not_reported_again() -> None:
    facts = site_facts(StaffMixSetting(ENFORCE, regular_least=5), log=(passed(ME), passed("p2")))
    assert leaving(goes(REGULAR), facts) == ()


@pytest.mark.parametrize(("others", "warnings"), [(0, ()), (1, (LOW,)), (2, ())])
def test_fewer_left_than_there_should_be_is_reported_unless_nobody_is(
    others: int, warnings: tuple[AccessWarning, ...]
) -> None:
    assert leaving(goes(REGULAR), site_facts(LEAST_2, log=(passed(ME), *many(others)))) == warnings


def test_anyone_who_is_not_inside_by_the_log_is_reported() -> None:
    assert leaving(goes(), site_facts(LEAST_2, log=many(5))) == (AccessWarning.OUT_WITHOUT_IN,)


def test_doors_own_rule_precedes_that_of_the_area() -> None:
    facts = site_facts(LEAST_2, at_the_door=(OccupancySetting(ENFORCE),), log=(passed(ME), passed("p2")))
    assert leaving(goes(REGULAR), facts) == ()


def test_log_not_read_yet_says_nothing() -> None:
    assert leaving(goes(), replace(site_facts(PRESENT), presence=None)) == ()


def test_going_further_in_is_leaving_too() -> None:
    """From the floor into the archive: the person leaves the floor, in either direction of the point."""
    log = (passed(ME, SV), passed("p2", AGENCY))
    assert decide(
        taps(who(SV), "archive-in"), NOON, _archive_behind(site_facts(PRESENT, log=log))
    ).warnings == (LAST_SV,)


def test_refused_at_the_inner_door_nobody_has_left() -> None:
    facts = _archive_behind(site_facts(PRESENT, log=(passed(ME, SV), passed("p2", AGENCY))))
    suspended = taps(who(SV, holder=CardholderStatus.SUSPENDED), "archive-in")
    assert decide(suspended, NOON, facts).warnings == ()


def test_supervisor_whose_badge_ran_out_inside_leaves_and_it_is_reported() -> None:
    expired = taps(who(SV, valid_until=utc("2026-11-25 11:00")), "entrance-out")
    verdict = decide(expired, NOON, site_facts(PRESENT, log=(passed(ME, SV), passed("p2", AGENCY))))
    assert (verdict.reason, verdict.warnings) == (DenyReason.CREDENTIAL_EXPIRED, (LAST_SV,))


def test_last_escort_leaving_visitors_behind_is_reported_and_alarms() -> None:
    facts = site_facts(ESCORT, log=(passed(ME, SV), passed("guest", VISITOR)))
    assert leaving(goes(), facts) == alarms(goes(), facts) == (LAST_ESCORT,)
    observed = site_facts(replace(ESCORT, mode=OBSERVE), log=(passed(ME, SV), passed("guest", VISITOR)))
    assert leaving(goes(), observed) == (LAST_ESCORT,) and alarms(goes(), observed) == ()


def test_escort_leaving_another_escort_or_no_visitor_behind_is_not_reported() -> None:
    another = (passed(ME, SV), passed("p2", REGULAR), passed("guest", VISITOR))
    assert leaving(goes(), site_facts(ESCORT, log=another)) == ()
    assert leaving(goes(), site_facts(ESCORT, log=(passed(ME, SV), passed("p2", AGENCY)))) == ()
    gone = (passed(ME, SV), passed("guest", VISITOR), went("guest"), passed("p2", AGENCY))
    assert leaving(goes(), site_facts(ESCORT, log=gone)) == ()


def test_visitor_leaving_before_the_escort_is_not_reported() -> None:
    facts = site_facts(ESCORT, log=(passed("sv", SV), passed(ME, VISITOR), passed("p3", VISITOR)))
    assert leaving(goes(VISITOR), facts) == ()


def test_visitor_in_a_room_inside_the_area_is_left_behind_too() -> None:
    rules = _nested(book(ESCORT))
    guest = replace(
        passed("guest", VISITOR, access_point="archive-in", area="archive"),
        codes={"area": "archive", "within": "floor", "category": VISITOR},
    )
    facts = replace(site_facts(ESCORT, log=(passed(ME, SV), guest)), book=rules)
    assert leaving(goes(), facts) == (LAST_ESCORT,)


@pytest.mark.parametrize(
    ("setting", "log"),
    [
        (StaffMixSetting(ENFORCE, regular_percent=40, alarm=True), (passed(ME), passed("p2", AGENCY))),
        (StaffMixSetting(ENFORCE, regular_least=1, alarm=True), (passed(ME), passed("p2", AGENCY))),
        (OccupancySetting(ENFORCE, least=2, alarm=True), (passed(ME), passed("p2"))),
    ],
)
def test_share_or_number_that_breaks_is_an_alarm_where_the_rule_says_so(
    setting: StaffMixSetting | OccupancySetting, log: tuple[Fact, ...]
) -> None:
    warnings = leaving(goes(REGULAR), site_facts(setting, log=log))
    assert len(warnings) == 1 and alarms(goes(REGULAR), site_facts(setting, log=log)) == warnings
    for quiet in (replace(setting, alarm=False), replace(setting, mode=OBSERVE)):
        facts = site_facts(quiet, log=log)
        assert leaving(goes(REGULAR), facts) == warnings and alarms(goes(REGULAR), facts) == ()


def test_supervisor_ratio_that_breaks_is_an_alarm_also_while_a_supervisor_stays() -> None:
    log = (passed(ME, SV), passed("sv2", SV), *many(15, AGENCY))
    assert alarms(goes(), site_facts(PER_SUPERVISOR, log=log)) == ()
    assert alarms(goes(), site_facts(replace(PER_SUPERVISOR, alarm=True), log=log)) == (MIX,)


def test_second_limit_of_the_mix_that_breaks_later_warns_and_alarms_of_its_own() -> None:
    """The supervisor limit is already broken when a regular person leaves and breaks the share."""
    both = StaffMixSetting(ENFORCE, people_per_supervisor=9, regular_percent=40, alarm=True)
    inside = (passed("r2"), passed("agent", AGENCY), passed("guest", VISITOR))
    assert alarms(goes(), site_facts(both, log=(passed(ME, SV), passed("r1"), *inside))) == (LAST_SV, MIX)
    assert leaving(goes(REGULAR), site_facts(both, log=(passed(ME), *inside))) == (MIX,)
    assert alarms(goes(REGULAR), site_facts(both, log=(passed(ME), *inside))) == (MIX,)
    assert leaving(goes(REGULAR), site_facts(both, log=(passed(ME), *inside[1:]))) == (), (
        "both were broken before"
    )


def test_least_number_that_breaks_after_the_share_did_is_an_alarm() -> None:
    both = StaffMixSetting(ENFORCE, regular_percent=90, regular_least=2, alarm=True)
    facts = site_facts(both, log=(passed(ME), passed("p2"), *many(2, AGENCY)))
    assert alarms(goes(REGULAR), facts) == (MIX,)


def test_number_that_was_low_before_alarms_once_and_is_noted_each_time() -> None:
    three = OccupancySetting(ENFORCE, least=3, alarm=True)
    assert alarms(goes(REGULAR), site_facts(three, log=(passed(ME), *many(2)))) == (LOW,)
    facts = site_facts(three, log=(passed(ME), *many(1)))
    assert leaving(goes(REGULAR), facts) == (LOW,) and alarms(goes(REGULAR), facts) == ()


def _nested(rules: RuleBook) -> RuleBook:
    areas = {**rules.areas, "archive": replace(rules.areas["archive"], within="floor")}
    return replace(rules, areas=areas)


def _archive_behind(facts: Facts) -> Facts:
    areas = facts.book.areas
    floor = replace(areas["floor"], exits=("entrance-out", "archive-in"))
    return replace(facts, book=replace(facts.book, areas={**areas, "floor": floor}))
