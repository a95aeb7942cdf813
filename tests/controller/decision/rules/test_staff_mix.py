import pytest

from controller.decision.access import decide
from controller.model.reasons import DenyReason
from controller.model.rules.dual_access import DualAccessSetting
from controller.model.rules.staff_mix import StaffMixSetting
from tests.controller.decision.samples import NOON
from tests.controller.decision.situations import (
    AGENCY,
    ENFORCE,
    ME,
    REGULAR,
    SV,
    YESTERDAY,
    many,
    passed,
    site_facts,
    taps,
    waits,
    who,
)

PER_SUPERVISOR = StaffMixSetting(ENFORCE, people_per_supervisor=5)
SHARE = StaffMixSetting(ENFORCE, regular_percent=50)
LEAST = StaffMixSetting(ENFORCE, regular_least=2)
LACKS = DenyReason.STAFF_MIX


@pytest.mark.parametrize(("agency", "reason"), [(3, None), (4, LACKS)])
def test_one_supervisor_is_enough_for_five_with_the_person_who_enters(
    agency: int, reason: DenyReason | None
) -> None:
    facts = site_facts(PER_SUPERVISOR, log=(passed("sv", SV), *many(agency, AGENCY)))
    for category in (AGENCY, REGULAR):
        assert decide(taps(who(category)), NOON, facts).reason is reason


def test_supervisor_is_admitted_however_many_are_wanting() -> None:
    assert decide(taps(who(SV)), NOON, site_facts(PER_SUPERVISOR, log=many(50, AGENCY))).reason is None


def test_share_of_regular_staff_holds_with_the_person_who_enters() -> None:
    half = site_facts(SHARE, log=(*many(2, REGULAR), *many(1, AGENCY, "a")))
    assert decide(taps(who(AGENCY)), NOON, half).reason is None
    below = site_facts(SHARE, log=(*many(2, REGULAR), *many(2, AGENCY, "a")))
    assert decide(taps(who(AGENCY)), NOON, below).reason is LACKS
    assert decide(taps(who(REGULAR)), NOON, below).reason is None


def test_least_number_of_regular_staff_comes_before_others() -> None:
    assert decide(taps(who(AGENCY)), NOON, site_facts(LEAST, log=many(1))).reason is LACKS
    assert decide(taps(who(AGENCY)), NOON, site_facts(LEAST, log=many(2))).reason is None
    assert decide(taps(who(REGULAR)), NOON, site_facts(LEAST)).reason is None


def test_missed_taps_of_an_earlier_day_count_in_neither_part_of_the_mix() -> None:
    supervisor_left = site_facts(PER_SUPERVISOR, log=(passed("sv", SV, YESTERDAY),))
    assert decide(taps(who(AGENCY)), NOON, supervisor_left).reason is LACKS
    agents_left = [passed(f"a{number}", AGENCY, YESTERDAY) for number in range(20)]
    facts = site_facts(PER_SUPERVISOR, log=(*agents_left, passed("sv", SV)))
    assert decide(taps(who(AGENCY)), NOON, facts).reason is None


def test_person_of_an_earlier_day_who_enters_again_is_counted() -> None:
    log = (passed(ME, AGENCY, YESTERDAY), passed("sv", SV), *many(4, AGENCY))
    assert decide(taps(who(AGENCY)), NOON, site_facts(PER_SUPERVISOR, log=log)).reason is LACKS


def test_anyone_who_waits_for_a_second_person_is_counted_in() -> None:
    dual = DualAccessSetting(ENFORCE)
    after_a_supervisor = site_facts(PER_SUPERVISOR, dual, log=(waits("sv", SV),))
    assert decide(taps(who(AGENCY)), NOON, after_a_supervisor).reason is None
    assert decide(taps(who(AGENCY)), NOON, site_facts(PER_SUPERVISOR, dual)).reason is LACKS
