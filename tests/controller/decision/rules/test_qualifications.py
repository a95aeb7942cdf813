from dataclasses import replace
from datetime import date

import pytest

from controller.decision.access import decide
from controller.model.access import AccessRequest
from controller.model.moment import ClockState
from controller.model.reasons import AccessWarning, DenyReason
from controller.model.rules.qualifications import QualificationsSetting
from controller.model.rules.setting import RuleMode
from tests.controller.decision.samples import NOON, TOKYO_ALLOWS, at
from tests.controller.decision.situations import ENFORCE, NDA, site_facts, taps, who

FACTS = site_facts(QualificationsSetting(ENFORCE, ("nda",)))  # warned of 14 days before
SOON = (AccessWarning.QUALIFICATION_ENDS_SOON,)


def holds(**until: str) -> AccessRequest:
    return taps(who(qualifications={name: date.fromisoformat(day) for name, day in until.items()}))


def test_person_without_it_refused_as_missing() -> None:
    assert decide(taps(), NOON, FACTS).reason is DenyReason.QUALIFICATION_MISSING
    assert decide(holds(training="2030-01-01"), NOON, FACTS).reason is DenyReason.QUALIFICATION_MISSING


def test_last_day_is_included_to_its_last_minute_on_the_wall() -> None:
    tap = holds(nda="2026-11-25")
    assert decide(tap, at("2026-11-25 23:59"), FACTS).reason is None
    assert decide(tap, at("2026-11-26 00:00"), FACTS).reason is DenyReason.QUALIFICATION_EXPIRED


@pytest.mark.parametrize(
    ("day", "warnings"), [("2026-12-08", SOON), ("2026-12-09", SOON), ("2026-12-10", ())]
)
def test_end_within_the_days_of_warning_is_reported(day: str, warnings: tuple[AccessWarning, ...]) -> None:
    verdict = decide(holds(nda=day), NOON, FACTS)
    assert (verdict.reason, verdict.warnings) == (None, warnings)


def test_days_of_warning_are_the_qualifications_own() -> None:
    longer = site_facts(QualificationsSetting(ENFORCE, ("nda",)), qualification=replace(NDA, warn_days=100))
    assert decide(holds(nda="2027-02-01"), NOON, longer).warnings == SOON
    assert decide(holds(nda="2027-02-01"), NOON, FACTS).warnings == ()


def test_one_that_ran_out_counts_before_one_that_ends_soon() -> None:
    facts = site_facts(QualificationsSetting(ENFORCE, ("nda", "training")))
    tap = holds(nda="2026-11-26", training="2026-11-24")
    assert decide(tap, NOON, facts).reason is DenyReason.QUALIFICATION_EXPIRED


def test_one_that_is_missing_counts_before_one_that_ran_out() -> None:
    facts = site_facts(QualificationsSetting(ENFORCE, ("nda", "training")))
    assert decide(holds(nda="2026-11-24"), NOON, facts).reason is DenyReason.QUALIFICATION_MISSING
    assert decide(holds(training="2026-11-24"), NOON, facts).reason is DenyReason.QUALIFICATION_MISSING


def test_observing_rule_notes_which_of_the_two_it_is() -> None:
    facts = site_facts(QualificationsSetting(RuleMode.OBSERVE, ("nda",)))
    assert decide(taps(), NOON, facts).observed == (DenyReason.QUALIFICATION_MISSING,)
    assert decide(holds(nda="2026-11-24"), NOON, facts).observed == (DenyReason.QUALIFICATION_EXPIRED,)


def test_clock_set_back_revives_nothing() -> None:
    back = at("2026-11-20 12:00", not_before="2026-11-25 12:00")
    assert decide(holds(nda="2026-11-24"), back, FACTS).reason is DenyReason.QUALIFICATION_EXPIRED


def test_untrusted_clock_of_which_nothing_is_known_follows_the_site() -> None:
    tap, unknown = holds(nda="2030-01-01"), at("2026-11-25 12:00", clock=ClockState.UNTRUSTED)
    assert decide(tap, unknown, FACTS).reason is DenyReason.CLOCK_UNTRUSTED
    assert decide(tap, unknown, replace(FACTS, site=TOKYO_ALLOWS)).reason is None
    later = at("2026-11-25 12:00", clock=ClockState.UNTRUSTED, not_before="2026-11-25 11:00")
    assert decide(tap, later, FACTS).reason is None
