from controller.decision.access import decide
from controller.model.reasons import DenyReason
from controller.model.rules.first_person_in import FirstPersonInSetting
from tests.controller.decision.samples import NOON, at
from tests.controller.decision.situations import (
    AGENCY,
    ENFORCE,
    REGULAR,
    SV,
    passed,
    site_facts,
    taps,
    went,
    who,
)

FIRST = FirstPersonInSetting(ENFORCE, (SV, REGULAR))
NOT_IN = DenyReason.FIRST_PERSON_NOT_IN


def test_before_a_trusted_person_refused() -> None:
    assert decide(taps(who(AGENCY)), NOON, site_facts(FIRST)).reason is NOT_IN


def test_trusted_person_admitted() -> None:
    assert decide(taps(who(REGULAR)), NOON, site_facts(FIRST)).reason is None


def test_after_a_trusted_person_admitted_even_when_that_one_has_left() -> None:
    facts = site_facts(FIRST, log=(passed("p2", SV), went("p2")))
    assert decide(taps(who(AGENCY)), NOON, facts).reason is None


def test_entry_of_somebody_else_opens_nothing() -> None:
    assert decide(taps(who(AGENCY)), NOON, site_facts(FIRST, log=(passed("p2", AGENCY),))).reason is NOT_IN


def test_night_shift_is_one_day_and_the_next_begins_again_when_the_day_of_the_site_ends() -> None:
    facts = site_facts(FIRST, log=(passed("p2", SV, at("2026-11-24 22:00")),))
    assert decide(taps(who(AGENCY)), at("2026-11-25 00:10"), facts).reason is None
    assert decide(taps(who(AGENCY)), at("2026-11-25 03:59"), facts).reason is None
    assert decide(taps(who(AGENCY)), at("2026-11-25 04:00"), facts).reason is NOT_IN


def test_person_without_a_category_is_not_trusted() -> None:
    assert decide(taps(who(None)), NOON, site_facts(FIRST)).reason is NOT_IN
