import pytest

from controller.decision.access import decide
from controller.decision.decision import Decision
from controller.decision.facts import DoorFacts
from controller.model.access import AccessRequest, StandsReleased
from controller.model.actions import Indication, RecordEvent, RecordThenRelease, Show
from controller.model.credentials import Assurance, CredentialStatus
from controller.model.events import ALARM_TYPES, EventType
from controller.model.readings import CardReading
from controller.model.reasons import DenyReason
from controller.model.rules.assurance import AssuranceSetting
from controller.model.unproved import REASON_OF, Unproved
from tests.controller.decision.samples import NOON
from tests.controller.decision.situations import ENFORCE, site_facts, taps, who


def test_badge_that_did_not_prove_its_key_is_refused_where_a_number_would_do() -> None:
    assert (
        decide(taps(unproved=Unproved.WRONG), NOON, site_facts()).reason is DenyReason.AUTHENTICATION_FAILED
    )


def test_that_is_reported_before_all_that_is_wrong_with_the_badge_it_copies() -> None:
    record = who(status=CredentialStatus.LOST)
    facts = site_facts(AssuranceSetting(ENFORCE, 2))
    assert (
        decide(taps(record, unproved=Unproved.WRONG), NOON, facts).reason is DenyReason.AUTHENTICATION_FAILED
    )


def test_badge_that_proved_its_key_is_admitted_where_that_is_asked_for() -> None:
    facts = site_facts(AssuranceSetting(ENFORCE, 2))
    assert decide(taps(assurance=Assurance.CARD_KEY), NOON, facts).reason is None
    assert decide(taps(), NOON, facts).reason is DenyReason.ASSURANCE_TOO_LOW


def test_nobody_is_hindered_from_leaving() -> None:
    tap = taps(access_point="entrance-out", unproved=Unproved.WRONG)
    assert decide(tap, NOON, site_facts()).reason is None


def test_copy_is_nobody_known_where_the_door_is_released_either() -> None:
    facts = site_facts(doors={"entrance": DoorFacts(stands_released=next(iter(StandsReleased)))})
    actions = Decision(facts).handle(taps(unproved=Unproved.WRONG), NOON)
    assert [a.event.type for a in actions if isinstance(a, RecordEvent)] == [
        EventType.ACCESS_DENIED,
        EventType.BADGE_NOT_PROVED,
    ]


def test_refusal_names_person_and_badge_and_is_an_alarm_of_its_own() -> None:
    actions = Decision(site_facts()).handle(taps(unproved=Unproved.WRONG), NOON)
    refused, sign, alarm = actions
    assert isinstance(refused, RecordEvent) and isinstance(alarm, RecordEvent)
    assert refused.event.reason == "authentication_failed" and refused.event.person == "p-71ab"
    assert refused.event.credential == alarm.event.credential == "c-p-71ab"
    assert refused.event.assurance == 0
    assert isinstance(sign, Show) and sign.indication is Indication.REFUSED
    assert alarm.event.type is EventType.BADGE_NOT_PROVED and alarm.event.type in ALARM_TYPES
    assert alarm.event.person == "p-71ab" and alarm.event.details["name"]


@pytest.mark.parametrize("how", list(Unproved))
def test_card_that_is_not_mistaken_for_its_badge_is_refused_on_the_way_in_however_it_failed(
    how: Unproved,
) -> None:
    (refused, *_) = Decision(site_facts()).handle(taps(unproved=how), NOON)
    assert isinstance(refused, RecordEvent)
    assert (refused.event.reason, refused.event.codes["unproved"]) == (REASON_OF[how].value, how.value)
    assert refused.event.person == "p-71ab"


def test_card_half_issued_is_an_alarm_of_its_own_and_none_of_a_copy() -> None:
    actions = Decision(site_facts()).handle(taps(unproved=Unproved.HALF_ISSUED), NOON)
    events = [action.event for action in actions if isinstance(action, RecordEvent)]
    assert [event.type for event in events] == [EventType.ACCESS_DENIED, EventType.BADGE_HALF_ISSUED]
    assert events[0].reason == "card_half_issued" and events[1].type in ALARM_TYPES


def test_badge_that_proves_its_key_meanwhile_was_only_removed_early() -> None:
    left, proved = taps(unproved=Unproved.LEFT), taps(assurance=Assurance.CARD_KEY)

    def alarms(*requests: AccessRequest) -> int:
        decision = Decision(site_facts())
        actions = [action for request in requests for action in decision.handle(request, NOON)]
        events = [action.event.type for action in actions if isinstance(action, RecordEvent)]
        return events.count(EventType.BADGE_NOT_PROVED)

    assert alarms(left, left, left) == 1
    assert alarms(left, left, proved, left, left) == 0


def test_recording_is_the_alarm_of_a_copy() -> None:
    reading = CardReading("a1" * 16, 7)
    actions = Decision(site_facts()).handle(taps(unproved=Unproved.REPLAYED, reading=reading), NOON)
    refused, alarm = [action.event for action in actions if isinstance(action, RecordEvent)]
    assert (refused.reason, alarm.type) == ("card_replayed", EventType.BADGE_NOT_PROVED)
    assert alarm.reading is None


def test_reading_goes_with_the_record_whether_the_rules_admit_it_or_not() -> None:
    reading = CardReading("a1" * 16, 7)
    for record in (who(), who(status=CredentialStatus.SUSPENDED)):
        action = Decision(site_facts()).handle(taps(record, reading=reading), NOON)[0]
        assert isinstance(action, RecordThenRelease | RecordEvent)
        event = action.event if isinstance(action, RecordEvent) else action.grant
        assert event.reading == reading and event.codes["reading"] == 7


def test_reading_while_the_log_cannot_be_read_is_refused_and_no_alarm() -> None:
    reading = CardReading("a1" * 16, 7)
    (refused, _) = Decision(site_facts()).handle(taps(reading=reading, unproved=Unproved.UNCOUNTED), NOON)
    assert isinstance(refused, RecordEvent) and refused.event.reason == "journal_unavailable"
    assert refused.event.reading == reading
