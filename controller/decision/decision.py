"""From a card at an access point to its consequences. `handle(signal, now)` returns actions and does nothing
itself.

Inward, a grant is recorded and then released. Outward, the runtime has already released the door (no rule may
hinder leaving), so a refusal is only a warning on the record. The same applies at a door that fire or its
mode keeps released: a person who taps there enters in any case and must be known as inside.
"""

from dataclasses import dataclass, replace
from typing import assert_never

from controller.decision.access import Verdict, decide, needs_presence
from controller.decision.facts import Facts
from controller.decision.leaving_alarms import leaving_alarms
from controller.decision.pairs import Pairs
from controller.decision.stored_facts import encode_facts
from controller.decision.unknown_cards import UnknownCard, UnknownCards
from controller.decision.unproved_cards import UnprovedCards
from controller.model.access import AccessRecord, AccessRequest, Direction, PinResult, StandsReleased
from controller.model.actions import (
    AllowMoreTime,
    DecisionAction,
    Indication,
    RecordEvent,
    RecordPassage,
    RecordThenRelease,
    Show,
)
from controller.model.credentials import CredentialKind
from controller.model.events import Event, EventType, Json
from controller.model.moment import Moment
from controller.model.reasons import DenyReason
from controller.model.rule_book import DoorMode


@dataclass(frozen=True)
class RefusedCard:
    """Refused before any look-up: a phone's random number, or a registry that cannot be read.

    The person is unknown, so nobody counts as inside, even at a door that is kept released.
    """

    door: str
    access_point: str
    reader: str
    direction: Direction
    reason: DenyReason
    last_four: str | None = None
    card_hash: bytes | None = None
    kind: CredentialKind | None = None
    registry_version: int | None = None


@dataclass(frozen=True)
class NoPin:
    """A card that only lacked its PIN; nobody keyed one in."""

    request: AccessRequest


@dataclass(frozen=True)
class Tick:
    """Time has passed. Sent several times a second, so that a merged record is never much too late."""


DecisionSignal = AccessRequest | NoPin | RefusedCard | Tick


class Decision:
    """One for all doors. Holds what waits: taps of unknown cards for their record, people for a second
    person.
    """

    def __init__(self, facts: Facts) -> None:
        self.facts = facts  # the runtime replaces them whenever the site has changed
        self._unknown = UnknownCards()
        self._pairs = Pairs()
        self._unproved = UnprovedCards()

    def handle(self, signal: DecisionSignal, now: Moment) -> list[DecisionAction]:
        match signal:
            case AccessRequest():
                return self._card(signal, now)
            case NoPin(request):
                return self._no_pin(request, now)
            case RefusedCard():
                return self._unknown_card(_refused(signal, self.facts.door(signal.door).stands_released), now)
            case Tick():
                return [RecordEvent(event) for event in self._unknown.due(now)]
            case _:
                assert_never(signal)

    def asks_for_pin(self, request: AccessRequest) -> bool:
        """Whether the door asks for a PIN on the way in."""
        is_inward = request.direction is Direction.IN
        return is_inward and self.facts.door(request.door).mode is DoorMode.CARD_PIN

    def needs_pin(self, request: AccessRequest, now: Moment) -> bool:
        """Whether this card still needs only a PIN; all rules before that one admit it."""
        if request.record is None or request.pin is not PinResult.NONE or not self.asks_for_pin(request):
            return False
        return decide(request, now, self.facts).reason is DenyReason.PIN_REQUIRED

    def flush(self, now: Moment) -> list[DecisionAction]:
        """The merged records that are not due yet; called when the service stops."""
        return [RecordEvent(event) for event in self._unknown.flush(now)]

    def _card(self, request: AccessRequest, now: Moment) -> list[DecisionAction]:
        facts = self.facts
        verdict = decide(request, now, facts)
        record = request.record
        if record is None:
            reason = verdict.reason or DenyReason.CREDENTIAL_UNKNOWN
            return self._unknown_card(_unknown(request, reason, facts), now)
        if request.direction is Direction.OUT:
            event = _event(request, record, now, verdict, facts=facts)
            show = Show(request.reader, Indication.GRANTED)
            more_time = [AllowMoreTime(request.door)] if record.cardholder.more_time else []
            return [*more_time, RecordEvent(event), *leaving_alarms(event, request, verdict, facts), show]
        actions = self._inward(request, record, now, verdict, facts=facts)
        if request.pin is PinResult.DURESS:  # last: nobody at the door may notice it
            actions.append(RecordEvent(_alarm_event(EventType.DURESS, request, record, now)))
        return actions

    def _inward(
        self, request: AccessRequest, record: AccessRecord, now: Moment, verdict: Verdict, facts: Facts
    ) -> list[DecisionAction]:
        self._unproved.tapped(request)
        verdict, first = self._pairs.judge(request, now, facts, verdict)
        if verdict.reason is not None and not facts.release_override(request):
            event = _event(request, record, now, verdict, facts=facts)
            indication = Indication.SECOND_PERSON if _is_waiting(verdict.reason) else Indication.REFUSED
            refused: list[DecisionAction] = [RecordEvent(event), Show(request.reader, indication)]
            alarm = self._unproved.alarm(request, now)
            if alarm is not None:
                refused.append(RecordEvent(_alarm_event(alarm, request, record, now)))
            return refused
        if first is None or first.request.record is None:
            return _grant(request, record, now, verdict, facts=facts, reader=request.reader)
        other = first.request.record
        return [
            *_grant(
                first.request,
                record=other,
                now=now,
                verdict=first.verdict,
                facts=facts,
                reader=None,
                with_whom=record.cardholder.id,
            ),
            *_grant(
                request,
                record,
                now,
                verdict,
                facts=facts,
                reader=request.reader,
                with_whom=other.cardholder.id,
            ),
        ]

    def _no_pin(self, request: AccessRequest, now: Moment) -> list[DecisionAction]:
        """The person has left by now, so nothing is released for them even if the rules admit them. If the
        door is kept released meanwhile, they have gone in.
        """
        if request.record is None:
            return []
        verdict = Verdict(DenyReason.PIN_REQUIRED)
        if self.facts.release_override(request):
            return _grant(request, request.record, now, verdict, facts=self.facts, reader=None)
        event = _event(request, request.record, now, verdict, facts=self.facts)
        return [RecordEvent(event), Show(request.reader, Indication.REFUSED)]

    def _unknown_card(self, card: UnknownCard, now: Moment) -> list[DecisionAction]:
        outward = card.direction is Direction.OUT
        show = Show(card.reader, Indication.GRANTED if outward else Indication.REFUSED)
        return [*(RecordEvent(event) for event in self._unknown.tapped(card, now)), show]


def _grant(
    request: AccessRequest,
    record: AccessRecord,
    now: Moment,
    verdict: Verdict,
    facts: Facts,
    reader: str | None,
    with_whom: str | None = None,
) -> list[DecisionAction]:
    """`with_whom`: the other of two people whom dual access admits together."""
    event = _event(request, record, now, verdict, facts=facts)
    if with_whom is not None:
        event = replace(event, codes={**event.codes, "with": with_whom})
    more_time = record.cardholder.more_time
    release: DecisionAction = RecordThenRelease(event, request.door, reader, more_time)
    if facts.release_override(request):
        release = RecordPassage(
            grant=event,
            door=request.door,
            reader=reader,
            releases=verdict.reason is None,
            more_time=more_time,
        )
    return [release, *leaving_alarms(event, request, verdict, facts)]


# The record of a grant under duress equals that of any other grant.
_PIN_CODES = {pin: (PinResult.RIGHT if pin is PinResult.DURESS else pin).value for pin in PinResult}


def _event(
    request: AccessRequest, record: AccessRecord, now: Moment, verdict: Verdict, facts: Facts
) -> Event:
    only_warns = request.direction is Direction.OUT or facts.release_override(request)
    reason = None if only_warns else verdict.reason
    result = "granted" if reason is None else "waiting" if _is_waiting(reason) else "denied"
    details: dict[str, Json] = {"name": record.cardholder.name, "last_four": record.credential.last_four}
    if verdict.reason is not None or verdict.observed or verdict.warnings:
        details["seen"] = encode_facts(request, record, now, facts)
    return Event(
        _TYPES[result],
        now,
        door=request.door,
        access_point=request.access_point,
        reader=request.reader,
        direction=request.direction.value,
        result=result,
        reason=None if reason is None else reason.value,
        assurance=int(request.assurance),
        person=record.cardholder.id,
        credential=record.credential.id,
        registry=request.registry_version,
        codes=_codes(request, record, verdict, facts) | (_authorisation(request) if reason is None else {}),
        details=details,
        reading=request.reading,
    )


_TYPES = {
    "granted": EventType.ACCESS_GRANTED,
    "waiting": EventType.ACCESS_WAITING,
    "denied": EventType.ACCESS_DENIED,
}


def _is_waiting(reason: DenyReason) -> bool:
    """The first of two people may enter; no rule refuses them. The second person's tap counts for both."""
    return reason is DenyReason.SECOND_PERSON_NEEDED


def _alarm_event(type_: EventType, request: AccessRequest, record: AccessRecord, now: Moment) -> Event:
    """An alarm about a badge and its holder, beside the record of the tap."""
    return Event(
        type_,
        now,
        door=request.door,
        access_point=request.access_point,
        reader=request.reader,
        person=record.cardholder.id,
        credential=record.credential.id,
        details={"name": record.cardholder.name, "last_four": record.credential.last_four},
    )


def _codes(
    request: AccessRequest, record: AccessRecord, verdict: Verdict, facts: Facts
) -> dict[str, str | int]:
    """Presence is derived from `area`, `left` and `within`; without a rule book there are none."""
    codes: dict[str, str | int] = {}
    warnings = [warning.value for warning in verdict.warnings]
    by = facts.release_override(request)
    if verdict.reason is not None and (by or request.direction is Direction.OUT):
        warnings.insert(0, verdict.reason.value)
        if by:
            codes["stands_released"] = by.value
    if warnings:
        codes["warning"] = ",".join(warnings)
    if verdict.observed:
        codes["observed"] = ",".join(reason.value for reason in verdict.observed)
    if request.pin is not PinResult.NONE:
        codes["pin"] = _PIN_CODES[request.pin]
    if request.unproved is not None:
        codes["unproved"] = request.unproved.value
    if request.reading is not None:
        codes["reading"] = request.reading.counter
    if request.from_copy:
        codes["registry_copy"] = 1
    if facts.presence is None and needs_presence(request, facts):
        codes["presence_unknown"] = 1
    book = facts.book
    if book.version:
        codes["rules"] = book.version
        if record.cardholder.category is not None:
            codes["category"] = record.cardholder.category
        codes |= book.passage_codes(request.access_point)
        if "area" not in codes and verdict.reason is None and _uses_forgiveness(request, record, facts):
            codes["forgiven"] = 1
    return codes


def _authorisation(request: AccessRequest) -> dict[str, str | int]:
    """The records that gave the rights a person is admitted with, and the definitions they depend on."""
    if request.rights_seq is None:
        return {}
    codes: dict[str, str | int] = {"rights_seq": request.rights_seq}
    definition_records = request.definition_records
    if definition_records is not None:
        codes |= {"rules_seq": definition_records.rules, "schedules_seq": definition_records.schedules}
        if definition_records.levels is not None:
            codes["levels_seq"] = definition_records.levels
    return codes


def _uses_forgiveness(request: AccessRequest, record: AccessRecord, facts: Facts) -> bool:
    """Whether this tap uses forgiveness up at an access point that leads into no area.

    An entry into an area always does.
    """
    rules = facts.book.rules_at(request.door, request.access_point).values()
    needs_forgiveness = any(one.minutes_apart and not one.is_off for one in rules)
    if not needs_forgiveness or request.direction is Direction.OUT or facts.presence is None:
        return False
    return facts.presence.is_forgiven(record.cardholder.id)


def _unknown(request: AccessRequest, reason: DenyReason, facts: Facts) -> UnknownCard:
    return UnknownCard(
        door=request.door,
        access_point=request.access_point,
        reader=request.reader,
        direction=request.direction,
        reason=reason,
        last_four=request.last_four,
        card_hash=request.card_hash,
        kind=request.kind,
        registry_version=request.registry_version,
        assurance=int(request.assurance),
        from_copy=request.from_copy,
        stands_released=facts.door(request.door).stands_released,
    )


def _refused(card: RefusedCard, stands_released: StandsReleased | None) -> UnknownCard:
    return UnknownCard(
        door=card.door,
        access_point=card.access_point,
        reader=card.reader,
        direction=card.direction,
        reason=card.reason,
        last_four=card.last_four,
        card_hash=card.card_hash,
        kind=card.kind,
        registry_version=card.registry_version,
        stands_released=stands_released,
    )
