from dataclasses import replace

from controller.decision.access import decide
from controller.model.reasons import DenyReason
from controller.model.rule_book import EscortSetting
from tests.controller.decision.samples import NOON, after_ms
from tests.controller.decision.situations import ENFORCE, REGULAR, SV, VISITOR, house, passed, taps, who

ESCORT = EscortSetting(ENFORCE, (VISITOR,), (SV, REGULAR), 30)
MISSING = DenyReason.ESCORT_MISSING
VISITS = taps(who(VISITOR))


def test_visitor_alone_refused() -> None:
    assert decide(VISITS, NOON, house(ESCORT)).reason is MISSING


def test_visitor_right_after_an_escort_admitted_and_later_refused() -> None:
    facts = house(ESCORT, log=(passed("p2", REGULAR),))
    assert decide(VISITS, after_ms(30_000), facts).reason is None
    assert decide(VISITS, after_ms(30_001), facts).reason is MISSING


def test_second_visitor_follows_the_same_escort() -> None:
    facts = house(ESCORT, log=(passed("p2", REGULAR), passed("p3", VISITOR)))
    assert decide(VISITS, after_ms(1000), facts).reason is None


def test_visitor_after_a_visitor_refused() -> None:
    assert decide(VISITS, after_ms(1000), house(ESCORT, log=(passed("p3", VISITOR),))).reason is MISSING


def test_escort_at_another_access_point_does_not_count() -> None:
    elsewhere = passed("p2", REGULAR, access_point="archive-in", area="archive")
    assert decide(VISITS, after_ms(1000), house(ESCORT, log=(elsewhere,))).reason is MISSING


def test_clock_that_was_set_does_not_lengthen_the_seconds() -> None:
    facts = house(ESCORT, log=(passed("p2", REGULAR),))
    assert decide(VISITS, replace(after_ms(60_000), utc=NOON.utc), facts).reason is MISSING


def test_after_a_restart_of_the_controller_the_wall_clock_counts() -> None:
    before = replace(NOON, boot="c" * 32, mono_ms=9_999_999)
    assert decide(VISITS, NOON, house(ESCORT, log=(passed("p2", REGULAR, before),))).reason is None


def test_staff_needs_no_escort() -> None:
    assert decide(taps(who(REGULAR)), NOON, house(ESCORT)).reason is None
