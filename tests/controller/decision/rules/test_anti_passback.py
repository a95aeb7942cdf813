from dataclasses import replace

import pytest

from controller.decision.access import decide
from controller.model.reasons import DenyReason
from controller.model.rules.anti_passback import AntiPassbackSetting, PassbackUntil
from controller.model.rules.first_person_in import FirstPersonInSetting
from tests.controller.decision.samples import NOON, at
from tests.controller.decision.situations import (
    ENFORCE,
    ME,
    OBSERVE,
    REGULAR,
    SV,
    forgiven,
    passed,
    site_facts,
    taps,
    went,
    who,
)

BY_AREA = AntiPassbackSetting(ENFORCE, area=True)
BY_TIME = AntiPassbackSetting(ENFORCE, area=False, minutes=5)
AGAIN = DenyReason.ANTI_PASSBACK
INSIDE = passed(ME, now=at("2026-11-25 11:58"))


def test_who_is_inside_already_refused() -> None:
    assert decide(taps(), NOON, site_facts(BY_AREA, log=(INSIDE,))).reason is AGAIN


@pytest.mark.parametrize(
    ("entered", "reason"),
    [("2026-11-25 04:00", AGAIN), ("2026-11-25 03:59", None), ("2026-04-01 09:00", None)],
)
def test_missed_tap_out_counts_until_the_day_of_the_site_ends(
    entered: str, reason: DenyReason | None
) -> None:
    facts = site_facts(BY_AREA, log=(passed(ME, now=at(entered)),))
    assert decide(taps(), NOON, facts).reason is reason


def test_missed_tap_out_counts_for_ever_where_the_rule_says_never() -> None:
    never = replace(BY_AREA, until=PassbackUntil.NEVER)
    log = (passed(ME, now=at("2026-04-01 09:00")),)
    assert decide(taps(), NOON, site_facts(never, log=log)).reason is AGAIN
    assert decide(taps(), NOON, site_facts(never, log=(*log, forgiven(ME)))).reason is None


def test_night_shift_is_one_day_for_the_missed_tap_out() -> None:
    log = (passed(ME, now=at("2026-11-24 22:00")),)
    assert decide(taps(), at("2026-11-25 03:59"), site_facts(BY_AREA, log=log)).reason is AGAIN
    assert decide(taps(), at("2026-11-25 04:00"), site_facts(BY_AREA, log=log)).reason is None


def test_supervisor_who_forgot_to_tap_out_yesterday_opens_the_office_today() -> None:
    forgot = passed(ME, SV, at("2026-11-24 09:00"))
    facts = site_facts(BY_AREA, FirstPersonInSetting(ENFORCE, (SV,)), log=(forgot,))
    assert decide(taps(who(SV)), NOON, facts).reason is None
    assert decide(taps(who(REGULAR, "p2")), NOON, facts).reason is DenyReason.FIRST_PERSON_NOT_IN
    opened = site_facts(BY_AREA, FirstPersonInSetting(ENFORCE, (SV,)), log=(forgot, passed(ME, SV)))
    assert decide(taps(who(REGULAR, "p2")), NOON, opened).reason is None


def test_who_was_seen_leaving_admitted() -> None:
    assert decide(taps(), NOON, site_facts(BY_AREA, log=(INSIDE, went(ME)))).reason is None


def test_who_is_in_another_area_admitted() -> None:
    elsewhere = passed(ME, access_point="archive-in", area="archive")
    assert decide(taps(), NOON, site_facts(BY_AREA, log=(elsewhere,))).reason is None


@pytest.mark.parametrize(("time", "reason"), [("11:58", AGAIN), ("12:02", AGAIN), ("12:03", None)])
def test_second_entry_within_the_minutes_refused_and_after_them_admitted(
    time: str, reason: DenyReason | None
) -> None:
    """Leaving in between does not help."""
    facts = site_facts(BY_TIME, log=(INSIDE, went(ME)))
    assert decide(taps(), at(f"2026-11-25 {time}"), facts).reason is reason


def test_clock_set_back_does_not_end_the_minutes() -> None:
    back = at("2026-11-24 12:00", not_before="2026-11-25 11:59")
    assert decide(taps(), back, site_facts(BY_TIME, log=(INSIDE,))).reason is AGAIN


def test_entry_recorded_ahead_of_a_clock_corrected_since_is_nothing_to_go_by() -> None:
    later = passed(ME, now=at("2027-11-25 12:00"))
    assert decide(taps(), NOON, site_facts(BY_TIME, log=(later,))).reason is None


def test_forgiven_person_admitted_once() -> None:
    both = AntiPassbackSetting(ENFORCE, area=True, minutes=5)
    assert decide(taps(), NOON, site_facts(both, log=(INSIDE, forgiven(ME)))).reason is None
    assert decide(taps(), NOON, site_facts(both, log=(INSIDE, forgiven(ME), passed(ME)))).reason is AGAIN


def test_where_no_area_is_entered_the_access_point_itself_counts() -> None:
    facts = site_facts(at_the_door=(BY_TIME,), log=(passed(ME, area=None),))
    nowhere = replace(facts, book=replace(facts.book, areas={}))
    assert decide(taps(), NOON, nowhere).reason is AGAIN


def test_observed_only_admitted_and_said() -> None:
    verdict = decide(taps(), NOON, site_facts(AntiPassbackSetting(OBSERVE, area=True), log=(INSIDE,)))
    assert (verdict.reason, verdict.observed) == (None, (AGAIN,))


def test_leaving_is_never_a_repetition() -> None:
    verdict = decide(taps(access_point="entrance-out"), NOON, site_facts(BY_AREA, BY_TIME, log=(INSIDE,)))
    assert (verdict.reason, verdict.warnings) == (None, ())
