from dataclasses import replace

from controller.decision.access import decide
from controller.decision.presence import Fact
from controller.model.reasons import DenyReason
from controller.model.rule_book import PrerequisiteSetting
from tests.controller.decision.samples import NOON, at
from tests.controller.decision.situations import ENFORCE, ME, house, passed, taps

SETTING = PrerequisiteSetting(ENFORCE, "locker")
MISSING = DenyReason.PREREQUISITE_MISSING


def locker(time: str, person: str = ME) -> tuple[Fact]:
    return (passed(person, now=at(time), access_point="locker", area=None),)


def test_without_it_refused() -> None:
    assert decide(taps(), NOON, house(SETTING)).reason is MISSING


def test_after_it_admitted_from_the_first_minute_of_the_day_of_the_site() -> None:
    assert decide(taps(), NOON, house(SETTING, log=locker("2026-11-25 04:00"))).reason is None


def test_that_of_yesterday_does_not_count() -> None:
    assert decide(taps(), NOON, house(SETTING, log=locker("2026-11-25 03:59"))).reason is MISSING


def test_night_shift_back_after_midnight_has_passed_it_already() -> None:
    facts = house(SETTING, log=locker("2026-11-24 21:50"))
    assert decide(taps(), at("2026-11-25 00:10"), facts).reason is None


def test_somebody_elses_does_not_count() -> None:
    assert decide(taps(), NOON, house(SETTING, log=locker("2026-11-25 11:00", "p2"))).reason is MISSING


def test_day_is_that_of_the_site() -> None:
    """09:00 in Tokyo is midnight in UTC; both taps are of one day of the site."""
    facts = house(SETTING, log=locker("2026-11-25 08:00"))
    assert decide(taps(), at("2026-11-25 10:00"), facts).reason is None


def test_log_not_read_yet_refuses_nobody() -> None:
    assert decide(taps(), NOON, replace(house(SETTING), presence=None)).reason is None
