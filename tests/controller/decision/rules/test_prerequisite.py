from dataclasses import replace

from controller.decision.access import decide
from controller.decision.presence import Fact
from controller.model.reasons import DenyReason
from controller.model.rules.prerequisite import PrerequisiteSetting, PrerequisiteSince
from tests.controller.decision.samples import NOON, PLAIN_FACTS, at
from tests.controller.decision.situations import ENFORCE, ME, passed, site_facts, taps, went

SETTING = PrerequisiteSetting(ENFORCE, "locker")
MISSING = DenyReason.PREREQUISITE_MISSING


def locker(time: str, person: str = ME) -> tuple[Fact]:
    return (passed(person, now=at(time), access_point="locker", area=None),)


def test_without_it_refused() -> None:
    assert decide(taps(), NOON, site_facts(SETTING)).reason is MISSING


def test_after_it_admitted_from_the_first_minute_of_the_day_of_the_site() -> None:
    assert decide(taps(), NOON, site_facts(SETTING, log=locker("2026-11-25 04:00"))).reason is None


def test_that_of_yesterday_does_not_count() -> None:
    assert decide(taps(), NOON, site_facts(SETTING, log=locker("2026-11-25 03:59"))).reason is MISSING


def test_night_shift_back_after_midnight_has_passed_it_already() -> None:
    facts = site_facts(SETTING, log=locker("2026-11-24 21:50"))
    assert decide(taps(), at("2026-11-25 00:10"), facts).reason is None


def test_somebody_elses_does_not_count() -> None:
    assert decide(taps(), NOON, site_facts(SETTING, log=locker("2026-11-25 11:00", "p2"))).reason is MISSING


def test_day_is_that_of_the_site() -> None:
    """09:00 in Tokyo is midnight in UTC; both taps are of one day of the site."""
    facts = site_facts(SETTING, log=locker("2026-11-25 08:00"))
    assert decide(taps(), at("2026-11-25 10:00"), facts).reason is None


def test_log_not_read_yet_refuses_nobody() -> None:
    assert decide(taps(), NOON, replace(site_facts(SETTING), presence=None)).reason is None


AGAIN = PrerequisiteSetting(ENFORCE, "locker", PrerequisiteSince.LAST_EXIT)
IN, OUT = passed(ME, now=at("2026-11-25 09:01")), went(ME, at("2026-11-25 11:30"))


def test_once_a_day_holds_after_lunch() -> None:
    log = (*locker("2026-11-25 09:00"), IN, OUT)
    assert decide(taps(), NOON, site_facts(SETTING, log=log)).reason is None


def test_since_last_exit_asks_again_after_lunch_and_is_met_by_a_new_passage() -> None:
    morning = (*locker("2026-11-25 09:00"), IN)
    assert decide(taps(), at("2026-11-25 09:01"), site_facts(AGAIN, log=morning[:1])).reason is None
    assert decide(taps(), NOON, site_facts(AGAIN, log=(*morning, OUT))).reason is MISSING
    again = (*morning, OUT, *locker("2026-11-25 11:55"))
    assert decide(taps(), NOON, site_facts(AGAIN, log=again)).reason is None


def test_since_last_exit_of_yesterday_still_asks_for_one_of_today() -> None:
    log = (went(ME, at("2026-11-24 18:00")), *locker("2026-11-24 18:05"))
    assert decide(taps(), NOON, site_facts(AGAIN, log=log)).reason is MISSING


def test_since_last_exit_goes_by_the_order_of_records_not_by_a_clock_that_was_set() -> None:
    """The passage is recorded after the exit, by a clock that was put back in between."""
    log = (IN, went(ME, at("2026-11-25 11:59")), *locker("2026-11-25 11:00"))
    assert decide(taps(), NOON, site_facts(AGAIN, log=log)).reason is None
    assert (
        decide(taps(), NOON, site_facts(AGAIN, log=(IN, *locker("2026-11-25 11:00"), OUT))).reason is MISSING
    )


def test_somebody_elses_exit_asks_nothing() -> None:
    log = (*locker("2026-11-25 09:00"), IN, went("p2", at("2026-11-25 11:30")))
    assert decide(taps(), NOON, site_facts(AGAIN, log=log)).reason is None


def test_exit_into_another_area_counts_as_leaving() -> None:
    into_archive = passed(ME, now=at("2026-11-25 11:00"), access_point="archive-in", area="archive")
    log = (*locker("2026-11-25 09:00"), IN, into_archive)
    assert decide(taps(), NOON, site_facts(AGAIN, log=log)).reason is MISSING


def test_since_last_exit_where_no_area_is_entered_counts_once_a_day() -> None:
    facts = replace(
        site_facts(at_the_door=(AGAIN,), log=(*locker("2026-11-25 09:00"), OUT)), site=PLAIN_FACTS.site
    )
    nowhere = replace(facts, book=replace(facts.book, areas={}))
    assert decide(taps(), NOON, nowhere).reason is None
