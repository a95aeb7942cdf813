from dataclasses import replace

from controller.decision.access import decide
from controller.model.reasons import DenyReason
from controller.model.rules.dual_access import DualAccessSetting
from tests.controller.decision.samples import NOON, after_ms
from tests.controller.decision.situations import (
    ENFORCE,
    ME,
    OBSERVE,
    YESTERDAY,
    many,
    passed,
    site_facts,
    taps,
    waits,
)

DUAL = DualAccessSetting(ENFORCE, 15)
ALONE = DenyReason.SECOND_PERSON_NEEDED


def test_first_person_refused() -> None:
    assert decide(taps(), NOON, site_facts(DUAL)).reason is ALONE


def test_second_person_in_time_admitted_and_later_refused() -> None:
    facts = site_facts(DUAL, log=(waits("p2"),))
    assert decide(taps(), after_ms(15_000), facts).reason is None
    assert decide(taps(), after_ms(15_001), facts).reason is ALONE


def test_one_person_is_never_two_regardless_of_the_badge() -> None:
    assert decide(taps(), after_ms(100), site_facts(DUAL, log=(waits(ME),))).reason is ALONE


def test_third_person_needs_another() -> None:
    facts = site_facts(DUAL, log=(waits("p2"), passed("p2"), passed("p3")))
    assert decide(taps(), after_ms(100), facts).reason is ALONE


def test_clock_that_was_set_does_not_lengthen_the_seconds() -> None:
    facts = site_facts(DUAL, log=(waits("p2"),))
    assert decide(taps(), replace(after_ms(60_000), utc=NOON.utc), facts).reason is ALONE


def test_not_asked_while_enough_are_inside() -> None:
    unless_2 = DualAccessSetting(ENFORCE, 15, unless_inside=2)
    assert decide(taps(), NOON, site_facts(unless_2, log=many(1))).reason is ALONE
    assert decide(taps(), NOON, site_facts(unless_2, log=many(2))).reason is None


def test_missed_tap_of_an_earlier_day_is_not_enough_inside() -> None:
    unless_1 = DualAccessSetting(ENFORCE, 15, unless_inside=1)
    facts = site_facts(unless_1, log=(passed("p2", now=YESTERDAY),))
    assert decide(taps(), NOON, facts).reason is ALONE


def test_observed_only_the_first_of_two_is_reported() -> None:
    observed = DualAccessSetting(OBSERVE, 15)
    assert decide(taps(), NOON, site_facts(observed)).observed == (ALONE,)
    assert decide(taps(), after_ms(1000), site_facts(observed, log=(passed("p2"),))).observed == ()
