"""A whole floor in one thread: decision, two doors, a log that may fail, a clock that may be set.

The model does the work of the runtime's threads immediately, in their order: outward a card releases before
anything is asked; inward nothing is released before its record is durable.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from controller.decision.decision import Decision, RefusedCard, Tick
from controller.decision.door_machine import DoorSettings
from controller.decision.facts import DoorFacts, Facts
from controller.decision.presence import Inside, Presence
from controller.model.access import AccessRecord, AccessRequest, Direction, StandsReleased
from controller.model.actions import (
    DecisionAction,
    DoorAction,
    Indication,
    RecordDoorEvent,
    RecordEvent,
    RecordPassage,
    RecordThenRelease,
    Show,
)
from controller.model.credentials import CardholderStatus, CredentialStatus
from controller.model.events import Event, EventType
from controller.model.fact import fact_of
from controller.model.moment import ClockState, Moment
from controller.model.reasons import DenyReason
from controller.model.rule_book import DoorMode, RuleBook
from controller.model.rules.order import RuleName
from controller.model.rules.setting import RuleMode
from tests.controller.decision.samples import NOON, TOKYO
from tests.controller.decision.situations import DOOR_OF, book
from tests.controller.decision.test_door_interleavings import World

DOORS = {
    "entrance": DoorSettings("entrance", 3000, rex_releases=False, has_contact=True),
    "archive": DoorSettings("archive", 5000, rex_releases=True, has_contact=True),
}
NEEDING_PRESENCE = {
    DenyReason.PREREQUISITE_MISSING,
    DenyReason.ANTI_PASSBACK,
    DenyReason.OUTER_AREA_NOT_ENTERED,
    DenyReason.FIRST_PERSON_NOT_IN,
    DenyReason.SUPERVISOR_ABSENT,
    DenyReason.ESCORT_MISSING,
    DenyReason.STAFF_MIX,
    DenyReason.OCCUPANCY_FULL,
}


@dataclass
class SiteDoor(World):
    """A door that tells what became of each grant; `grants` are their numbers in the log, as they came."""

    grants: list[int] = field(default_factory=list)
    ended_grants: list[tuple[int, str]] = field(default_factory=list)

    def grant(self, number: int, releases: bool = True) -> None:
        self.grants.append(number)
        self.happen(0, "grant" if releases else "walks in")

    @property
    def stands_released(self) -> StandsReleased | None:
        if self.fire:
            return StandsReleased.FIRE
        return None if self.hold is None else StandsReleased.MODE

    def _perform(self, actions: list[DoorAction]) -> None:
        for action in actions:
            if isinstance(action, RecordDoorEvent) and action.type is EventType.ACCESS_OUTCOME:
                assert action.of is not None and action.result is not None
                self.ended_grants.append((self.grants[action.of - 1], action.result))
        super()._perform(actions)


class SiteWorld:
    def __init__(self) -> None:
        self.doors = {name: SiteDoor(settings) for name, settings in DOORS.items()}
        self.modes = dict.fromkeys(DOORS, DoorMode.CARD)
        self.lockdowns: set[str] = set()
        self.book: RuleBook = book()
        self.utc, self.clock, self.newest = NOON.utc, ClockState.TRUSTED, NOON.utc
        self.seq = 0
        self.presence = Presence()
        self.presence_known = True
        self.journal_works = True
        self.backlog: list[Event] = []
        self.decision = Decision(Facts(TOKYO))
        self.codes: set[str] = set()  # the codes of what the last tap was recorded with

    @property
    def now(self) -> Moment:
        return Moment(self.utc, self.doors["entrance"].now, "b" * 32, self.clock, self.newest)

    @property
    def facts(self) -> Facts:
        doors = {
            name: DoorFacts(
                self.modes[name], door.machine.is_open, door.machine.is_released, door.stands_released
            )
            for name, door in self.doors.items()
        }
        presence = self.presence if self.presence_known else None
        return Facts(TOKYO, self.book, presence, frozenset(self.lockdowns), doors, door_of=DOOR_OF)

    @property
    def grants(self) -> int:
        return sum(len(door.grants) for door in self.doors.values())

    def passes(self, milliseconds: int) -> None:
        self.utc += timedelta(milliseconds=milliseconds)
        if self.clock is not ClockState.UNTRUSTED:
            self.newest = max(self.newest, self.utc)
        for door in self.doors.values():
            door.happen(milliseconds, "time")
        self._hear_outcomes()
        for action in self.decision.handle(Tick(), self.now):
            assert isinstance(action, RecordEvent)
            self.record(action.event)

    def at_the_door(self, door: str, what: str) -> None:
        self.doors[door].happen(0, what)
        self._hear_outcomes()

    def orders(self, door: str) -> None:
        """An operator's, once durable."""
        if self.journal_works:
            self.at_the_door(door, "order")

    def mode(self, door: str, mode: DoorMode) -> None:
        """Unlocked only once that is durable; what ends it waits for nothing."""
        was, self.modes[door] = self.modes[door], mode
        held = self.doors[door].hold is not None
        begins = mode is DoorMode.UNLOCKED and not held and self.journal_works
        if begins or (held and was is DoorMode.UNLOCKED and mode is not DoorMode.UNLOCKED):
            self.at_the_door(door, "hold")

    def tap(self, request: AccessRequest) -> None:
        self.codes = set()
        if request.direction is Direction.OUT:
            self._leaves(request.door, request)
        else:
            self._enters(request)

    def refused_before(self, card: RefusedCard) -> None:
        """A phone, or any card while the registry cannot be read."""
        if card.direction is Direction.OUT:
            self._leaves(card.door, card)
            return
        released = self._released()
        self._perform(self._decided(card), Indication.REFUSED)
        assert self._released() == released

    def _leaves(self, door: str, signal: AccessRequest | RefusedCard) -> None:
        self.at_the_door(door, "order")
        assert self.doors[door].released, "every card outward releases, whatever it is"
        actions = self._decided(signal)
        assert not [one for one in actions if isinstance(one, RecordThenRelease)], "released already"
        self._perform(actions, Indication.GRANTED)
        for one in actions:
            if isinstance(one, RecordEvent) and one.event.direction == "out":
                assert one.event.result != "denied" and one.event.reason is None, "nobody is kept in"

    def _enters(self, request: AccessRequest) -> None:
        before, released = self.facts, self._released()
        actions = self._decided(request)
        if self.doors[request.door].stands_released and request.record is not None:
            self._passage_at_released_door(request, request.record, actions)
            return
        assert not [one for one in actions if isinstance(one, RecordPassage)]
        grants = [one for one in actions if isinstance(one, RecordThenRelease)]
        if grants:
            assert request.record is not None
            self._may_enter(request, request.record, before)
            self._are_enough(request, [one.grant.person for one in grants], before)
        self._perform(actions, Indication.GRANTED if grants else Indication.REFUSED)
        if not grants or not self.journal_works:
            assert self._released() == released, "nothing is released inward without a durable grant"
        elif grants:
            assert self.doors[request.door].released

    def _passage_at_released_door(
        self, request: AccessRequest, record: AccessRecord, actions: list[DecisionAction]
    ) -> None:
        """While a door is released, no known person's tap is denied, and they count as inside."""
        passages = [one for one in actions if isinstance(one, RecordPassage)]
        assert record.cardholder.id in [one.grant.person for one in passages]
        assert not [one for one in actions if isinstance(one, RecordThenRelease)]
        for one in passages:
            assert (one.grant.type, one.grant.result) == (EventType.ACCESS_GRANTED, "granted")
            assert one.grant.reason is None
            assert one.releases is ("stands_released" not in one.grant.codes)
        self._perform(actions, Indication.GRANTED)
        assert self.doors[request.door].released
        if self.journal_works:
            assert self.presence.is_in(record.cardholder.id, _area(request))

    def _decided(self, signal: AccessRequest | RefusedCard) -> list[DecisionAction]:
        """Held against what was known then: the record of it may be written when that has changed."""
        self.decision.facts = self.facts
        actions = self.decision.handle(signal, self.now)
        for action in actions:
            if (
                not self.presence_known
                and isinstance(action, RecordEvent)
                and action.event.reason is not None
            ):
                reason = DenyReason(action.event.reason)
                assert reason not in NEEDING_PRESENCE, "nobody is refused by what is not known"
        return actions

    def _perform(self, actions: list[DecisionAction], sign: Indication) -> None:
        for action in actions:
            match action:
                case RecordEvent(event):
                    self.record(event)
                case RecordThenRelease(grant, door) if self.journal_works:
                    self.record(grant)
                    self.doors[door].grant(self.seq)
                case RecordPassage(grant, door, _, releases) if self.journal_works:
                    self.record(grant)
                    self.doors[door].grant(self.seq, releases)
                    assert sign is Indication.GRANTED
                case RecordPassage(grant):
                    self.record(grant)  # when the log can be written
                case RecordThenRelease():
                    pass  # two seconds later the person is refused, and nothing of it was written
                case Show(_, Indication.SECOND_PERSON):
                    assert sign is Indication.REFUSED, "nobody is admitted alone"
                case Show(_, indication):
                    assert indication is sign
        self._hear_outcomes()

    def record(self, event: Event) -> None:
        self.codes |= set(event.codes)
        if not self.journal_works:
            self.backlog.append(event)
            return
        self.seq += 1
        fact = fact_of(self.seq, event)
        if fact is not None:
            self.presence.apply(fact)

    def journal_recovers(self) -> None:
        self.journal_works = True
        waiting, self.backlog = self.backlog, []
        for event in waiting:
            self.record(event)

    def restart(self) -> None:
        """Of the deciding alone; the doors go on."""
        self.decision = Decision(self.facts)

    def end(self) -> None:
        self.journal_recovers()
        for door in self.doors.values():
            door.end()

    def _hear_outcomes(self) -> None:
        for door in self.doors.values():
            ended, door.ended_grants = door.ended_grants, []
            for number, result in ended:
                self.record(Event(EventType.ACCESS_OUTCOME, self.now, result=result, codes={"of": number}))

    def _released(self) -> list[bool]:
        return [door.released for door in self.doors.values()]

    # What must be true of each admitted person: a second, slow implementation

    def _may_enter(self, request: AccessRequest, record: AccessRecord, facts: Facts) -> None:
        holder, mode = record.cardholder, facts.door(request.door).mode
        assert record.credential.status is CredentialStatus.ACTIVE
        assert holder.status is CardholderStatus.ACTIVE
        assert mode is not DoorMode.BLOCKED
        if not holder.overrides:
            assert mode is not DoorMode.LOCKED and not facts.lockdowns & {"*", _area(request)}
        if mode is DoorMode.CARD_PIN:
            assert request.pin.value in ("right", "duress")
        interlock = self._enforced(request, RuleName.INTERLOCK)
        if interlock is not None:
            others = [self.doors[name] for name in interlock.doors if name != request.door]
            assert not any(door.released or door.believed_open for door in others)

    def _are_enough(self, request: AccessRequest, entering: list[str | None], facts: Facts) -> None:
        if facts.presence is None:
            return
        area = _area(request)
        inside = {one.person for one in facts.presence.inside(area)}
        occupancy = self._enforced(request, RuleName.OCCUPANCY)
        if occupancy is not None and not set(entering) <= inside:
            assert len(inside | set(entering)) <= occupancy.most
        passback = self._enforced(request, RuleName.ANTI_PASSBACK)
        if passback is not None and passback.area:
            today = {one.person for one in facts.presence.inside(area) if self._counts(passback, one, facts)}
            assert not [p for p in entering if p in today and p and not facts.presence.is_forgiven(p)]
        dual = self._enforced(request, RuleName.DUAL_ACCESS)
        inside = {one.person for one in facts.presence.inside(area) if self._is_of_today(one, facts)}
        if dual is not None and len(inside) < (dual.unless_inside or len(inside) + 1):
            assert len(set(entering)) == len(entering) == 2, "two different people, or nobody"

    def _counts(self, passback: Any, one: Inside, facts: Facts) -> bool:
        same_day = facts.site.day(one.since) == facts.site.day(self.now.judged_utc)
        return bool(passback.until == "never" or same_day)

    def _is_of_today(self, one: Inside, facts: Facts) -> bool:
        places = facts.presence.where(one.person).chain()  # type: ignore[union-attr]
        newest = max(one.since, *(place.since for place in places))
        return facts.site.day(newest) >= facts.site.day(self.now.judged_utc)

    def _enforced(self, request: AccessRequest, name: RuleName) -> Any:
        setting = self.book.rules_at(request.door, request.access_point).get(name)
        return setting if setting is not None and setting.mode is RuleMode.ENFORCE else None


def _area(request: AccessRequest) -> str:
    return "floor" if request.door == "entrance" else "archive"
