from controller.decision.access import decide
from controller.model.reasons import DenyReason
from controller.model.rules.dual_access import DualAccessSetting
from controller.model.rules.occupancy import OccupancySetting
from tests.controller.decision.samples import NOON
from tests.controller.decision.situations import (
    ENFORCE,
    ME,
    SV,
    YESTERDAY,
    many,
    passed,
    site_facts,
    taps,
    waits,
    went,
    who,
)

MOST_3 = OccupancySetting(ENFORCE, most=3)
FULL = DenyReason.OCCUPANCY_FULL


def test_last_place_is_granted_and_no_more() -> None:
    assert decide(taps(), NOON, site_facts(MOST_3, log=many(2))).reason is None
    assert decide(taps(), NOON, site_facts(MOST_3, log=many(3))).reason is FULL
    assert decide(taps(who(SV)), NOON, site_facts(MOST_3, log=many(3))).reason is FULL


def test_place_of_anyone_who_left_is_free() -> None:
    assert decide(taps(), NOON, site_facts(MOST_3, log=(*many(3), went("many-0")))).reason is None


def test_anyone_who_is_counted_already_takes_no_second_place() -> None:
    assert decide(taps(), NOON, site_facts(MOST_3, log=(*many(2), passed(ME)))).reason is None


def test_missed_tap_of_an_earlier_day_counts_until_it_is_corrected() -> None:
    log = (*many(2), passed("p2", now=YESTERDAY))
    assert decide(taps(), NOON, site_facts(MOST_3, log=log)).reason is FULL


def test_two_people_together_need_two_places() -> None:
    dual = DualAccessSetting(ENFORCE)
    assert decide(taps(), NOON, site_facts(MOST_3, dual, log=(*many(1), waits("p2")))).reason is None
    assert decide(taps(), NOON, site_facts(MOST_3, dual, log=(*many(2), waits("p2")))).reason is FULL


def test_bound_not_set_admits_any_number() -> None:
    assert decide(taps(), NOON, site_facts(OccupancySetting(ENFORCE, least=2), log=many(99))).reason is None
