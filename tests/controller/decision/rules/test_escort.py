from dataclasses import replace

from controller.decision.access import decide
from controller.model.fact import Fact
from controller.model.reasons import DenyReason
from controller.model.rules.escort import EscortSetting
from tests.controller.decision.samples import NOON, after_ms, utc
from tests.controller.decision.situations import (
    ENFORCE,
    REGULAR,
    SV,
    VISITOR,
    YESTERDAY,
    passed,
    site_facts,
    taps,
    went,
    who,
)

ESCORT = EscortSetting(ENFORCE, (VISITOR,), (SV, REGULAR), 30)
MISSING = DenyReason.ESCORT_MISSING
VISITS = taps(who(VISITOR))


def test_visitor_alone_refused() -> None:
    assert decide(VISITS, NOON, site_facts(ESCORT)).reason is MISSING


def test_visitor_right_after_an_escort_admitted_and_later_refused() -> None:
    facts = site_facts(ESCORT, log=(passed("p2", REGULAR),))
    assert decide(VISITS, after_ms(30_000), facts).reason is None
    assert decide(VISITS, after_ms(30_001), facts).reason is MISSING


def test_second_visitor_follows_the_same_escort() -> None:
    facts = site_facts(ESCORT, log=(passed("p2", REGULAR), passed("p3", VISITOR)))
    assert decide(VISITS, after_ms(1000), facts).reason is None


def test_visitor_after_a_visitor_refused() -> None:
    assert decide(VISITS, after_ms(1000), site_facts(ESCORT, log=(passed("p3", VISITOR),))).reason is MISSING


def test_escort_at_another_access_point_does_not_count() -> None:
    elsewhere = passed("p2", REGULAR, access_point="archive-in", area="archive")
    assert decide(VISITS, after_ms(1000), site_facts(ESCORT, log=(elsewhere,))).reason is MISSING


def test_clock_that_was_set_does_not_lengthen_the_seconds() -> None:
    facts = site_facts(ESCORT, log=(passed("p2", REGULAR),))
    assert decide(VISITS, replace(after_ms(60_000), utc=NOON.utc), facts).reason is MISSING


def test_after_a_restart_of_the_controller_the_wall_clock_counts() -> None:
    before = replace(NOON, boot="c" * 32, mono_ms=9_999_999)
    assert decide(VISITS, NOON, site_facts(ESCORT, log=(passed("p2", REGULAR, before),))).reason is None


def test_staff_needs_no_escort() -> None:
    assert decide(taps(who(REGULAR)), NOON, site_facts(ESCORT)).reason is None


def test_visitor_after_an_escort_who_has_left_again_refused() -> None:
    facts = site_facts(ESCORT, log=(passed("p2", REGULAR), went("p2")))
    assert decide(VISITS, after_ms(1000), facts).reason is MISSING


def test_earlier_escort_who_is_still_inside_counts_though_a_later_one_has_left() -> None:
    log = (passed("p2", REGULAR), passed("p3", SV), went("p3"))
    assert decide(VISITS, after_ms(1000), site_facts(ESCORT, log=log)).reason is None
    assert decide(VISITS, after_ms(31_000), site_facts(ESCORT, log=log)).reason is MISSING


def test_escort_who_did_not_go_through_does_not_count() -> None:
    not_opened = replace(passed("p2"), type="access_outcome", result="not_opened", codes={"of": 1})
    facts = site_facts(ESCORT, log=(passed("p2", REGULAR), not_opened))
    assert decide(VISITS, after_ms(1000), facts).reason is MISSING


def test_escort_who_went_on_into_a_room_inside_the_area_is_still_inside() -> None:
    facts = site_facts(ESCORT, log=(passed("p2", REGULAR), _goes_into_the_archive("p2")))
    assert decide(VISITS, after_ms(1000), facts).reason is None


def test_without_seconds_an_escort_inside_is_enough_however_long_since() -> None:
    setting = replace(ESCORT, seconds=0)
    inside = site_facts(setting, log=(passed("p2", REGULAR),))
    assert decide(VISITS, after_ms(3_600_000), inside).reason is None
    left = site_facts(setting, log=(passed("p2", REGULAR), went("p2")))
    assert decide(VISITS, after_ms(1000), left).reason is MISSING
    assert decide(VISITS, NOON, site_facts(setting)).reason is MISSING


def test_escort_who_forgot_to_tap_out_on_an_earlier_day_does_not_count() -> None:
    facts = site_facts(replace(ESCORT, seconds=0), log=(passed("p2", REGULAR, YESTERDAY),))
    assert decide(VISITS, NOON, facts).reason is MISSING
    in_again = site_facts(replace(ESCORT, seconds=0), log=(passed("p2", REGULAR, YESTERDAY), passed("p2")))
    assert decide(VISITS, NOON, in_again).reason is None


def test_escort_of_the_night_shift_counts_until_its_day_ends() -> None:
    """The day of the site ends at 04:00."""
    facts = site_facts(
        replace(ESCORT, seconds=0), log=(passed("p2", REGULAR, replace(NOON, utc=utc("2026-11-24 22:00"))),)
    )
    assert decide(VISITS, replace(NOON, utc=utc("2026-11-25 03:59")), facts).reason is None
    assert decide(VISITS, replace(NOON, utc=utc("2026-11-25 04:00")), facts).reason is MISSING


def test_escort_of_an_earlier_day_who_taps_further_in_today_counts() -> None:
    log = (passed("p2", REGULAR, YESTERDAY), _goes_into_the_archive("p2"))
    assert decide(VISITS, NOON, site_facts(replace(ESCORT, seconds=0), log=log)).reason is None


def test_where_no_area_is_entered_the_seconds_alone_count() -> None:
    log = (passed("p2", REGULAR, access_point="entrance-in", area=None),)
    facts = site_facts(at_the_door=(ESCORT,), log=log)
    nowhere = replace(facts, book=replace(facts.book, areas={}))
    assert decide(VISITS, after_ms(1000), nowhere).reason is None
    assert decide(VISITS, after_ms(31_000), nowhere).reason is MISSING


def _goes_into_the_archive(person: str) -> Fact:
    entered = passed(person, REGULAR, access_point="archive-in", area="archive")
    return replace(entered, codes={"area": "archive", "within": "floor", "category": REGULAR})
