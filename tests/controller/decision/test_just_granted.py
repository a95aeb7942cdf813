from dataclasses import replace

from controller.decision.decision import Decision
from controller.decision.facts import DoorNow
from controller.decision.just_granted import JustGranted
from controller.model.actions import RecordEvent, RecordThenRelease
from controller.model.rule_book import InterlockSetting
from tests.controller.decision.samples import HOUSE, NOON, after_ms
from tests.controller.decision.situations import ENFORCE, house, taps


def test_two_taps_within_the_time_a_record_takes_do_not_open_both_doors_of_an_interlock() -> None:
    """The lock of the first has not been released yet, so the door itself says nothing."""
    decision = Decision(house(InterlockSetting(ENFORCE, ("archive",)), doors={"archive": DoorNow()}))
    assert isinstance(decision.handle(taps(access_point="archive-in"), NOON)[0], RecordThenRelease)
    refused = decision.handle(taps(), after_ms(100))[0]
    assert isinstance(refused, RecordEvent) and refused.event.reason == "interlock"
    assert isinstance(decision.handle(taps(), after_ms(2000))[0], RecordThenRelease)


def test_door_granted_a_moment_ago_counts_as_released_and_keeps_what_is_known_of_it() -> None:
    granted = JustGranted()
    granted.note("entrance", NOON)
    facts = replace(HOUSE, doors={"entrance": DoorNow(is_open=True)})
    assert granted.seen_in(facts, after_ms(1999)).door("entrance") == DoorNow(is_open=True, is_released=True)
    assert granted.seen_in(facts, after_ms(2000)) is facts
