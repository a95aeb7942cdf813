"""A person who taps at a released door enters under any rules, and counts as inside."""

from dataclasses import replace

import pytest

from controller.decision.decision import Decision, NoPin, RefusedCard
from controller.decision.explain import explain
from controller.decision.facts import DoorFacts, Facts
from controller.decision.released_door_passages import RELEASED_PASSAGE
from controller.model.access import AccessRequest, Direction, PinResult, StandsReleased
from controller.model.actions import (
    DecisionAction,
    Indication,
    RecordDoorEvent,
    RecordEvent,
    RecordPassage,
    RecordThenRelease,
    Show,
    StartTimer,
    StopTimer,
)
from controller.model.credentials import Assurance, CardholderStatus, CredentialStatus
from controller.model.events import Event, EventType
from controller.model.reasons import DenyReason
from controller.model.rule_book import DoorMode
from controller.model.rules.anti_passback import AntiPassbackSetting
from controller.model.rules.dual_access import DualAccessSetting
from controller.model.rules.setting import RuleSetting
from controller.model.signals import (
    DoorClosed,
    DoorOpened,
    FireEnded,
    FireStarted,
    HoldEnded,
    HoldReleased,
    PassageAtReleasedDoor,
    TimerExpired,
)
from controller.model.unproved import Unproved
from tests.controller.decision.playbook import ENTRANCE, Playbook
from tests.controller.decision.samples import NOON
from tests.controller.decision.situations import ENFORCE, ME, passed, site_facts, taps, waits, who

FIRE, MODE = StandsReleased.FIRE, StandsReleased.MODE
FLOOR = frozenset({"floor"})


def burning(*settings: RuleSetting, mode: DoorMode = DoorMode.CARD, **facts: object) -> Facts:
    doors = {"entrance": DoorFacts(mode, is_released=True, stands_released=FIRE)}
    return site_facts(*settings, doors=doors, **facts)  # type: ignore[arg-type]


UNLOCKED = site_facts(
    doors={"entrance": DoorFacts(DoorMode.UNLOCKED, is_released=True, stands_released=MODE)}, lockdowns=FLOOR
)


def passage(actions: list[DecisionAction]) -> RecordPassage:
    (found,) = [one for one in actions if isinstance(one, RecordPassage)]
    assert not [one for one in actions if isinstance(one, RecordThenRelease | Show)]
    return found


REFUSED = [
    (taps(who(status=CredentialStatus.LOST)), burning(), "credential_lost"),
    (taps(who(status=CredentialStatus.SUSPENDED)), burning(), "credential_suspended"),
    (taps(who(holder=CardholderStatus.SUSPENDED)), burning(), "cardholder_suspended"),
    (taps(unproved=Unproved.UNREAD), burning(), "card_unreadable"),
    (taps(unproved=Unproved.HALF_ISSUED), burning(), "card_half_issued"),
    (taps(), UNLOCKED, "lockdown"),
    (taps(), burning(mode=DoorMode.BLOCKED), "door_blocked"),
    (taps(pin=PinResult.WRONG), burning(mode=DoorMode.CARD_PIN), "pin_wrong"),
    (taps(), burning(AntiPassbackSetting(ENFORCE), log=(passed(ME),)), "anti_passback"),
    (taps(), burning(DualAccessSetting(ENFORCE, 15)), "second_person_needed"),
]


@pytest.mark.parametrize(("request_", "facts", "reason"), REFUSED, ids=[one[2] for one in REFUSED])
def test_whom_a_rule_refuses_at_a_door_that_is_released_is_granted_with_a_warning(
    request_: AccessRequest, facts: Facts, reason: str
) -> None:
    found = passage(Decision(facts).handle(request_, NOON))
    grant = found.grant
    assert (grant.type, grant.result, grant.reason) == (EventType.ACCESS_GRANTED, "granted", None)
    assert (grant.person, grant.codes["area"], grant.codes["warning"]) == (ME, "floor", reason)
    by = facts.door("entrance").stands_released
    assert by is not None and grant.codes["stands_released"] == by.value
    assert (found.reader, found.releases) == ("reader-1", False)
    explained = explain(request_, NOON, facts)
    assert explained.admitted and explained.stands_released is by
    assert [line.title for line in explained.rules if line.decides] == []


@pytest.mark.parametrize("how", list(Unproved))
def test_number_of_a_badge_that_has_a_key_walks_nobody_in_without_it(how: Unproved) -> None:
    record = who()
    keyed = replace(record, credential=replace(record.credential, assurance=Assurance.CARD_KEY))
    (refused, *_) = Decision(burning()).handle(taps(keyed, unproved=how), NOON)
    assert isinstance(refused, RecordEvent) and refused.event.result == "denied"


def test_whom_the_rules_admit_has_a_release_of_their_own_and_nothing_noted() -> None:
    found = passage(Decision(burning()).handle(taps(), NOON))
    assert found.releases
    assert not {"warning", "stands_released"} & set(found.grant.codes)


def test_released_for_somebody_else_admits_nobody() -> None:
    facts = site_facts(doors={"entrance": DoorFacts(is_open=True, is_released=True)}, lockdowns=FLOOR)
    assert isinstance(Decision(facts).handle(taps(), NOON)[0], RecordEvent)


def test_way_out_of_a_door_that_is_released_is_as_ever() -> None:
    [record, sign] = Decision(UNLOCKED).handle(taps(access_point="entrance-out"), NOON)
    assert isinstance(record, RecordEvent) and "stands_released" not in record.event.codes
    assert sign == Show("reader-1", Indication.GRANTED)


@pytest.mark.parametrize(
    "signal",
    [
        replace(taps(), record=None),
        RefusedCard("entrance", "entrance-in", "reader-1", Direction.IN, DenyReason.CARD_NUMBER_RANDOM),
    ],
)
def test_somebody_unknown_is_counted_nowhere_but_their_record_says_that_the_door_was_released(
    signal: AccessRequest | RefusedCard,
) -> None:
    decision = Decision(burning())
    [record, sign] = decision.handle(signal, NOON)
    assert isinstance(record, RecordEvent)
    assert (record.event.type, record.event.person) == (EventType.ACCESS_DENIED, None)
    assert record.event.codes == {"stands_released": "fire"}
    assert sign == Show("reader-1", Indication.REFUSED)


def test_duress_pin_at_a_door_that_is_released_calls_for_help_too() -> None:
    actions = Decision(burning(mode=DoorMode.CARD_PIN)).handle(taps(pin=PinResult.DURESS), NOON)
    assert passage(actions).grant.codes["pin"] == "right"
    assert isinstance(actions[-1], RecordEvent) and actions[-1].event.type is EventType.DURESS


def test_who_waited_with_a_pin_when_the_fire_began_has_gone_in() -> None:
    found = passage(Decision(burning(mode=DoorMode.CARD_PIN)).handle(NoPin(taps()), NOON))
    assert (found.grant.codes["warning"], found.reader) == ("pin_required", None)


def test_first_of_two_who_walked_in_is_not_admitted_once_more_with_the_second() -> None:
    pairs = DualAccessSetting(ENFORCE, 15)
    decision = Decision(burning(pairs))
    passage(decision.handle(taps(), NOON))
    decision.facts = site_facts(pairs, log=(passed(ME),))
    [record, _] = decision.handle(taps(who(person="other")), NOON)
    assert isinstance(record, RecordEvent) and record.event.reason == "second_person_needed"


def test_second_of_two_at_a_door_that_is_released_takes_the_first_along() -> None:
    pairs = DualAccessSetting(ENFORCE, 15)
    decision = Decision(site_facts(pairs))
    decision.handle(taps(), NOON)
    decision.facts = burning(pairs, log=(waits(ME),))
    first, second = decision.handle(taps(who(person="other")), NOON)
    assert isinstance(first, RecordPassage) and isinstance(second, RecordPassage)
    assert (first.grant.person, second.grant.person) == (ME, "other")


# What the door machine reports about them

HOLD, FIRE_ON = HoldReleased("entrance", 1), FireStarted()
TAP, TIME_IS_OVER = PassageAtReleasedDoor("entrance", 7), TimerExpired("entrance", RELEASED_PASSAGE)


def outcome(seq: int, result: str) -> RecordDoorEvent:
    return RecordDoorEvent("entrance", EventType.ACCESS_OUTCOME, result, of=seq)


@pytest.mark.parametrize("kept", [HOLD, FIRE_ON])
def test_opening_after_the_tap_is_theirs_and_the_lock_is_asked_nothing(
    kept: HoldReleased | FireStarted,
) -> None:
    play = Playbook().hear(0, kept).hear(1000, TAP).nothing()
    play.watching(StartTimer("entrance", RELEASED_PASSAGE, 6000))
    play.hear(2000, DoorOpened("entrance"))
    assert outcome(7, "opened") in play.last_answer


def test_without_an_opening_they_did_not_go_in_each_at_their_own_time() -> None:
    play = Playbook().hear(0, HOLD).hear(1000, TAP).hear(3000, PassageAtReleasedDoor("entrance", 8))
    play.hear(6000, TIME_IS_OVER).expect(outcome(7, "not_opened"))
    play.watching(StartTimer("entrance", RELEASED_PASSAGE, 8000))
    play.hear(8000, TIME_IS_OVER).expect(outcome(8, "not_opened"))


def test_without_a_contact_nobody_knows() -> None:
    play = Playbook(replace(ENTRANCE, has_contact=False)).hear(0, HOLD).hear(1000, TAP)
    play.hear(6000, TIME_IS_OVER).expect(outcome(7, "outcome_unknown"))


def test_tap_at_an_open_door_is_an_entry_also_when_the_hold_has_just_ended() -> None:
    play = Playbook().hear(0, HOLD).hear(500, DoorOpened("entrance"))
    play.hear(1000, TAP).expect(outcome(7, "opened"))
    play.hear(2000, HoldEnded("entrance", 1)).hear(2001, PassageAtReleasedDoor("entrance", 8))
    play.expect(outcome(8, "opened"))


def test_secured_before_the_record_was_on_the_disk_nothing_is_released_for_them() -> None:
    play = Playbook().hear(0, HOLD).hear(1000, HoldEnded("entrance", 1))
    play.hear(1001, TAP).expect(outcome(7, "not_released"))


def test_end_of_what_kept_it_released_ends_their_time_too() -> None:
    play = Playbook().hear(0, FIRE_ON).hear(1000, TAP).hear(2000, FireEnded())
    assert outcome(7, "not_opened") in play.last_answer
    play.watching(StopTimer("entrance", RELEASED_PASSAGE))
    play.hear(3000, DoorOpened("entrance"))
    assert [one for one in play.last_answer if isinstance(one, RecordDoorEvent) and one.of] == []


def test_stop_leaves_none_of_them_open() -> None:
    play = Playbook().hear(0, HOLD).hear(1000, TAP).hear(1500, DoorClosed("entrance")).stopped()
    assert outcome(7, "outcome_unknown") in play.last_answer


def test_no_grant_of_theirs_is_an_event_of_a_kind_of_its_own() -> None:
    grant: Event = passage(Decision(UNLOCKED).handle(taps(), NOON)).grant
    plain = Decision(site_facts()).handle(taps(), NOON)[0]
    assert isinstance(plain, RecordThenRelease)
    same = {"type", "at", "door", "access_point", "reader", "direction", "result", "reason", "person"}
    assert {name: getattr(grant, name) for name in same} == {
        name: getattr(plain.grant, name) for name in same
    }
