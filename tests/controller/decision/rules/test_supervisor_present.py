from controller.decision.access import decide
from controller.model.reasons import DenyReason
from controller.model.rules.supervisor_present import SupervisorPresentSetting
from tests.controller.decision.samples import NOON
from tests.controller.decision.situations import (
    AGENCY,
    ENFORCE,
    REGULAR,
    SV,
    YESTERDAY,
    passed,
    site_facts,
    taps,
    went,
    who,
)

PRESENT = SupervisorPresentSetting(ENFORCE, (AGENCY, SV))
ABSENT = DenyReason.SUPERVISOR_ABSENT


def test_without_a_supervisor_inside_refused() -> None:
    facts = site_facts(PRESENT, log=(passed("p2", REGULAR), passed("p3", AGENCY)))
    assert decide(taps(who(AGENCY)), NOON, facts).reason is ABSENT


def test_with_one_inside_admitted() -> None:
    assert decide(taps(who(AGENCY)), NOON, site_facts(PRESENT, log=(passed("p2", SV),))).reason is None


def test_after_the_last_one_left_refused_again() -> None:
    facts = site_facts(PRESENT, log=(passed("p2", SV), went("p2")))
    assert decide(taps(who(AGENCY)), NOON, facts).reason is ABSENT


def test_one_who_forgot_to_tap_out_on_an_earlier_day_does_not_count() -> None:
    facts = site_facts(PRESENT, log=(passed("p2", SV, YESTERDAY),))
    assert decide(taps(who(AGENCY)), NOON, facts).reason is ABSENT
    back = site_facts(PRESENT, log=(passed("p2", SV, YESTERDAY), passed("p2", SV)))
    assert decide(taps(who(AGENCY)), NOON, back).reason is None


def test_one_in_another_area_does_not_count() -> None:
    facts = site_facts(PRESENT, log=(passed("p2", SV, access_point="archive-in", area="archive"),))
    assert decide(taps(who(AGENCY)), NOON, facts).reason is ABSENT


def test_anyone_who_is_not_listed_admitted() -> None:
    assert decide(taps(who(REGULAR)), NOON, site_facts(PRESENT)).reason is None


def test_supervisor_is_the_first_though_listed() -> None:
    assert decide(taps(who(SV)), NOON, site_facts(PRESENT)).reason is None
