from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.decision.decision import Decision, RefusedCard, Tick
from controller.model.access import AccessRecord, Direction
from controller.model.actions import AllowMoreTime, Indication, RecordEvent, RecordThenRelease, Show
from controller.model.credentials import CardholderStatus, CredentialStatus
from controller.model.events import ALARM_TYPES, EventType
from controller.model.fact import fact_of
from controller.model.reasons import DenyReason
from controller.model.rules.anti_passback import AntiPassbackSetting
from controller.model.rules.occupancy import OccupancySetting
from controller.model.rules.supervisor_present import SupervisorPresentSetting
from tests.controller.decision.samples import NOON, PLAIN_FACTS, after_ms, badge, tap
from tests.controller.decision.situations import (
    AGENCY,
    ENFORCE,
    ME,
    OBSERVE,
    SV,
    forgiven,
    many,
    passed,
    site_facts,
    taps,
    who,
)

PHONE = RefusedCard(
    "entrance", "entrance-in", "reader-1", Direction.IN, DenyReason.CARD_NUMBER_RANDOM, last_four="0123"
)


@pytest.fixture
def decision() -> Decision:
    return Decision(PLAIN_FACTS)


def test_good_badge_inward_recorded_then_released(decision: Decision) -> None:
    [action] = decision.handle(tap(badge()), NOON)
    assert isinstance(action, RecordThenRelease)
    assert (action.door, action.reader) == ("entrance", "reader-1")
    grant = action.grant
    assert (grant.type, grant.at, grant.result, grant.reason) == (
        EventType.ACCESS_GRANTED,
        NOON,
        "granted",
        None,
    )
    assert (grant.door, grant.access_point, grant.reader, grant.direction) == (
        "entrance",
        "entrance-in",
        "reader-1",
        "in",
    )
    assert (grant.person, grant.credential, grant.assurance, grant.registry) == ("p-71ab", "c-9f2e", 0, 42)


def test_who_needs_more_time_gets_it_both_ways(decision: Decision) -> None:
    plain = badge()
    slow = replace(plain, cardholder=replace(plain.cardholder, more_time=True))
    [grant] = decision.handle(tap(slow), NOON)
    assert isinstance(grant, RecordThenRelease) and grant.more_time
    assert decision.handle(tap(slow, Direction.OUT), NOON)[0] == AllowMoreTime("entrance")
    [grant] = decision.handle(tap(plain), NOON)
    assert isinstance(grant, RecordThenRelease) and not grant.more_time


def test_refused_badge_inward_recorded_and_shown_and_never_released(decision: Decision) -> None:
    actions = decision.handle(tap(badge(status=CredentialStatus.LOST)), NOON)
    [record, show] = actions
    assert isinstance(record, RecordEvent)
    assert record.event.type is EventType.ACCESS_DENIED
    assert (record.event.result, record.event.reason) == ("denied", "credential_lost")
    assert record.event.person == "p-71ab"
    assert show == Show("reader-1", Indication.REFUSED)


def test_name_and_digits_are_in_the_details_and_never_in_the_record(decision: Decision) -> None:
    [action] = decision.handle(tap(badge(name="山田 花子")), NOON)
    assert isinstance(action, RecordThenRelease)
    assert action.grant.details == {"name": "山田 花子", "last_four": "BEEF"}
    assert action.grant.codes == {}


@given(st.text(st.characters(), max_size=1000))
def test_any_name_goes_through_untouched(name: str) -> None:
    [action] = Decision(PLAIN_FACTS).handle(tap(badge(name=name)), NOON)
    assert isinstance(action, RecordThenRelease)
    assert action.grant.details["name"] == name


def test_good_badge_outward_recorded_as_leaving_without_a_warning(decision: Decision) -> None:
    [record, show] = decision.handle(tap(badge(), Direction.OUT), NOON)
    assert isinstance(record, RecordEvent)
    assert (record.event.type, record.event.direction) == (EventType.ACCESS_GRANTED, "out")
    assert record.event.codes == {}
    assert show == Show("reader-1", Indication.GRANTED)


@pytest.mark.parametrize(
    ("record", "warning"),
    [
        (badge(status=CredentialStatus.LOST), "credential_lost"),
        (badge(holder=CardholderStatus.SUSPENDED), "cardholder_suspended"),
        (badge(schedules=()), "no_access_here"),
        (None, "credential_unknown"),
    ],
)
def test_card_that_would_be_refused_leaves_all_the_same_with_a_warning(
    record: AccessRecord | None, warning: str
) -> None:
    """No rule may hinder leaving."""
    [written, show] = Decision(PLAIN_FACTS).handle(tap(record, Direction.OUT), NOON)
    assert isinstance(written, RecordEvent)
    assert (written.event.type, written.event.result, written.event.reason) == (
        EventType.ACCESS_GRANTED,
        "granted",
        None,
    )
    assert written.event.codes == {"warning": warning}
    assert show == Show("reader-1", Indication.GRANTED)


def test_unknown_card_inward_recorded_with_its_hash_and_shown(decision: Decision) -> None:
    [record, show] = decision.handle(tap(None, card=b"\xab" * 32), NOON)
    assert isinstance(record, RecordEvent)
    assert record.event.reason == "credential_unknown"
    assert record.event.details == {"card_hash": "ab" * 32, "last_four": "BEEF", "kind": "felica"}
    assert show == Show("reader-1", Indication.REFUSED)


def test_every_card_of_a_flood_is_shown_refused_though_records_are_merged(decision: Decision) -> None:
    decision.handle(tap(None), NOON)
    for ms in (100, 200, 300):
        assert decision.handle(tap(None), after_ms(ms)) == [Show("reader-1", Indication.REFUSED)]
    [merged] = decision.handle(Tick(), after_ms(1000))
    assert isinstance(merged, RecordEvent)
    assert merged.event.codes == {"count": 3}


@pytest.mark.parametrize("cards", [1, 200])
def test_flood_of_ten_minutes_is_a_record_a_second_and_its_count_is_exact(
    decision: Decision, cards: int
) -> None:
    """50 taps a second of one unknown card, or of many."""
    taps = 50 * 600
    recorded = []
    for number in range(taps):
        now = after_ms(20 * number)
        actions = decision.handle(tap(None, card=(number % cards).to_bytes(32, "big")), now)
        actions += decision.handle(Tick(), now)
        recorded += [action.event for action in actions if isinstance(action, RecordEvent)]
    rest = [action.event for action in decision.flush(after_ms(20 * taps)) if isinstance(action, RecordEvent)]
    times = [event.at.mono_ms for event in recorded]
    assert all(later - earlier >= 1000 for earlier, later in pairwise(times))
    assert sum(int(event.codes.get("count", 1)) for event in [*recorded, *rest]) == taps


def test_known_badge_in_the_middle_of_a_flood_decided_immediately(decision: Decision) -> None:
    decision.handle(tap(None), NOON)
    decision.handle(tap(None), after_ms(10))
    [action] = decision.handle(tap(badge()), after_ms(20))
    assert isinstance(action, RecordThenRelease)


def test_phone_inward_refused_with_its_reason(decision: Decision) -> None:
    [record, show] = decision.handle(PHONE, NOON)
    assert isinstance(record, RecordEvent)
    assert (record.event.type, record.event.reason) == (EventType.ACCESS_DENIED, "card_number_random")
    assert show == Show("reader-1", Indication.REFUSED)


def test_phone_outward_leaves_with_a_warning(decision: Decision) -> None:
    phone = RefusedCard("entrance", "entrance-out", "reader-2", Direction.OUT, DenyReason.CARD_NUMBER_RANDOM)
    [record, show] = decision.handle(phone, NOON)
    assert isinstance(record, RecordEvent)
    assert record.event.type is EventType.ACCESS_GRANTED
    assert record.event.codes == {"warning": "card_number_random"}
    assert show == Show("reader-2", Indication.GRANTED)


def test_stop_writes_the_flood_that_is_still_counted(decision: Decision) -> None:
    for ms in (0, 10, 20):
        decision.handle(tap(None), after_ms(ms))
    [record] = decision.flush(after_ms(30))
    assert isinstance(record, RecordEvent)
    assert record.event.codes == {"count": 2}


def test_tick_with_nothing_waiting_does_nothing(decision: Decision) -> None:
    assert decision.handle(Tick(), NOON) == []


def test_last_supervisor_leaving_others_behind_is_an_alarm_beside_the_record() -> None:
    present = SupervisorPresentSetting(ENFORCE, (AGENCY,))
    facts = site_facts(present, log=(passed(ME, SV), passed("p2", AGENCY)))
    [record, alarm, show] = Decision(facts).handle(taps(who(SV), "entrance-out"), NOON)
    assert isinstance(record, RecordEvent) and isinstance(alarm, RecordEvent)
    assert record.event.codes["warning"] == "last_supervisor_left"
    assert (record.event.codes["rules"], record.event.codes["left"]) == (1, "floor")
    assert alarm.event.type is EventType.LAST_SUPERVISOR_LEFT and alarm.event.type in ALARM_TYPES
    assert (alarm.event.door, alarm.event.person) == ("entrance", ME)
    assert alarm.event.codes == {"rules": 1, "left": "floor"}
    assert show == Show("reader-1", Indication.GRANTED)


def test_rule_that_only_observes_raises_no_alarm() -> None:
    present = SupervisorPresentSetting(OBSERVE, (AGENCY,))
    facts = site_facts(present, log=(passed(ME, SV), passed("p2", AGENCY)))
    [record, _] = Decision(facts).handle(taps(who(SV), "entrance-out"), NOON)
    assert isinstance(record, RecordEvent)
    assert record.event.codes["warning"] == "last_supervisor_left"


def test_what_a_rule_only_observes_is_in_the_record() -> None:
    full = site_facts(OccupancySetting(OBSERVE, most=1), log=many(1))
    [action] = Decision(full).handle(taps(), NOON)
    assert isinstance(action, RecordThenRelease)
    assert action.grant.codes["observed"] == "occupancy_full"


def test_record_says_so_while_the_log_has_not_been_read() -> None:
    unread = replace(site_facts(OccupancySetting(ENFORCE, most=0)), presence=None)
    [action] = Decision(unread).handle(taps(), NOON)
    assert isinstance(action, RecordThenRelease)
    assert action.grant.codes["presence_unknown"] == 1
    [elsewhere] = Decision(unread).handle(taps(access_point="street-in"), NOON)
    assert isinstance(elsewhere, RecordThenRelease)
    assert "presence_unknown" not in elsewhere.grant.codes


def test_forgiveness_at_an_access_point_into_no_area_is_used_up_by_the_entry() -> None:
    soon = AntiPassbackSetting(ENFORCE, area=False, minutes=5)
    facts = site_facts(at_the_door=(soon,), log=(passed(ME, area=None), forgiven(ME)))
    facts = replace(facts, book=replace(facts.book, areas={}))
    assert facts.presence is not None
    for number, (codes, reason) in enumerate([({"forgiven": 1}, None), ({}, "anti_passback")], 10):
        [action, *_] = Decision(facts).handle(taps(), NOON)
        event = action.grant if isinstance(action, RecordThenRelease) else None
        if event is None:
            assert isinstance(action, RecordEvent)
            event = action.event
        assert ({k: v for k, v in event.codes.items() if k == "forgiven"}, event.reason) == (codes, reason)
        fact = fact_of(number, event)
        assert fact is not None
        facts.presence.apply(fact)
    assert not facts.presence.is_forgiven(ME)


def test_forgiveness_lasts_while_a_door_that_does_not_ask_is_passed() -> None:
    facts = site_facts(log=(forgiven(ME),))
    facts = replace(facts, book=replace(facts.book, areas={}))
    [action] = Decision(facts).handle(taps(), NOON)
    assert isinstance(action, RecordThenRelease) and "forgiven" not in action.grant.codes
