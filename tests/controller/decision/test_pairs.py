"""Dual access from the first tap to both grants, with what the log says in between."""

from dataclasses import replace

import pytest

from controller.decision.decision import Decision
from controller.decision.facts import Facts
from controller.model.access import AccessRequest
from controller.model.actions import DecisionAction, Indication, RecordEvent, RecordThenRelease, Show
from controller.model.events import EventType
from controller.model.moment import Moment
from controller.model.rules.dual_access import DualAccessSetting
from controller.model.rules.occupancy import OccupancySetting
from controller.model.rules.setting import RuleMode
from tests.controller.decision.samples import NOON, after_ms
from tests.controller.decision.situations import AGENCY, ENFORCE, REGULAR, many, site_facts, taps, waits, who

DUAL = DualAccessSetting(ENFORCE, 15)
FIRST, SECOND = taps(who(AGENCY, "p1")), taps(who(REGULAR, "p2"))


def tapped(decision: Decision, request: AccessRequest, now: Moment, facts: Facts) -> list[DecisionAction]:
    decision.facts = facts
    return decision.handle(request, now)


def refusal(actions: list[DecisionAction]) -> str | None:
    """Of who waits, too: that is another record and another sign."""
    [record, sign] = actions
    assert isinstance(record, RecordEvent)
    waits = record.event.reason == "second_person_needed"
    assert sign == Show("reader-1", Indication.SECOND_PERSON if waits else Indication.REFUSED)
    recorded = (EventType.ACCESS_WAITING, "waiting") if waits else (EventType.ACCESS_DENIED, "denied")
    assert (record.event.type, record.event.result) == recorded
    return record.event.reason


def test_tap_of_the_second_grants_both_and_each_record_names_the_other() -> None:
    decision = Decision(site_facts(DUAL))
    assert refusal(decision.handle(FIRST, NOON)) == "second_person_needed"
    one, two = tapped(decision, SECOND, after_ms(3000), site_facts(DUAL, log=(waits("p1", AGENCY),)))
    assert isinstance(one, RecordThenRelease) and isinstance(two, RecordThenRelease)
    assert (one.grant.person, one.grant.codes["with"], one.reader) == ("p1", "p2", None)
    assert (two.grant.person, two.grant.codes["with"], two.reader) == ("p2", "p1", "reader-1")
    assert (one.grant.codes["category"], two.grant.codes["category"]) == (AGENCY, REGULAR)
    assert one.grant.at == two.grant.at == after_ms(3000), "each waits for the disk from the second tap on"
    assert one.grant.codes["area"] == two.grant.codes["area"] == "floor"


def test_first_alone_again_and_again_is_never_two() -> None:
    decision = Decision(site_facts(DUAL))
    decision.handle(FIRST, NOON)
    again = tapped(decision, FIRST, after_ms(1000), site_facts(DUAL, log=(waits("p1"),)))
    assert refusal(again) == "second_person_needed"


def test_too_late_the_second_is_the_one_who_waits() -> None:
    decision = Decision(site_facts(DUAL))
    decision.handle(FIRST, NOON)
    late = after_ms(15_001)
    assert (
        refusal(tapped(decision, SECOND, late, site_facts(DUAL, log=(waits("p1"),))))
        == "second_person_needed"
    )
    log = (waits("p1"), waits("p2", now=late))
    one, two = tapped(decision, FIRST, after_ms(16_000), site_facts(DUAL, log=log))
    assert isinstance(one, RecordThenRelease) and isinstance(two, RecordThenRelease)
    assert (one.grant.person, two.grant.person) == ("p2", "p1")


def test_first_who_may_not_enter_any_more_is_not_admitted_and_the_second_waits() -> None:
    decision = Decision(site_facts(DUAL))
    decision.handle(FIRST, NOON)
    locked_down = site_facts(DUAL, log=(waits("p1"),), lockdowns=frozenset({"floor"}))
    may_override = taps(who(REGULAR, "p2", overrides=True))
    assert refusal(tapped(decision, may_override, after_ms(1000), locked_down)) == "second_person_needed"


def test_restart_between_the_taps_begins_again() -> None:
    """The log says that somebody waits, but holds too little of them to grant."""
    fresh = Decision(site_facts(DUAL, log=(waits("p1"),)))
    assert refusal(fresh.handle(SECOND, after_ms(1000))) == "second_person_needed"
    log = (waits("p1"), waits("p2", now=after_ms(1000)))
    assert len(tapped(fresh, FIRST, after_ms(2000), site_facts(DUAL, log=log))) == 2


@pytest.mark.parametrize(("inside", "reason"), [(8, None), (9, "occupancy_full")])
def test_two_need_two_places(inside: int, reason: str | None) -> None:
    decision = Decision(site_facts(DUAL))
    decision.handle(FIRST, NOON)
    facts = site_facts(DUAL, OccupancySetting(ENFORCE, most=10), log=(*many(inside), waits("p1")))
    actions = tapped(decision, SECOND, after_ms(1000), facts)
    assert (refusal(actions) if reason else isinstance(actions[0], RecordThenRelease)) == (reason or True)


def test_with_enough_inside_one_goes_in_alone() -> None:
    unless_2 = replace(DUAL, unless_inside=2)
    [action] = Decision(site_facts(unless_2, log=(*many(2), waits("p1")))).handle(SECOND, after_ms(1000))
    assert isinstance(action, RecordThenRelease)
    assert action.grant.person == "p2" and "with" not in action.grant.codes


def test_while_nobody_can_tell_who_is_inside_it_takes_two_regardless_of_the_number_inside() -> None:
    unread = replace(site_facts(replace(DUAL, unless_inside=2)), presence=None)
    decision = Decision(unread)
    assert refusal(decision.handle(FIRST, NOON)) == "second_person_needed"
    assert refusal(decision.handle(FIRST, after_ms(1000))) == "second_person_needed", "still the same person"
    one, two = decision.handle(SECOND, after_ms(16_000))
    assert isinstance(one, RecordThenRelease) and isinstance(two, RecordThenRelease)
    assert (one.grant.person, two.grant.person) == ("p1", "p2")
    assert (one.grant.codes["with"], two.grant.codes["with"]) == ("p2", "p1")
    assert refusal(decision.handle(SECOND, after_ms(17_000))) == "second_person_needed", (
        "each tap counts once"
    )
    assert refusal(decision.handle(FIRST, after_ms(32_001))) == "second_person_needed", "too late"


def test_rule_that_only_observes_says_nothing_while_nobody_can_tell_who_is_inside() -> None:
    unread = replace(site_facts(replace(DUAL, mode=RuleMode.OBSERVE)), presence=None)
    granted, *_ = Decision(unread).handle(FIRST, NOON)
    assert isinstance(granted, RecordThenRelease) and "observed" not in granted.grant.codes
