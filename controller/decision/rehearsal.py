"""Rehearses earlier taps under a rule book: its verdict on each tap.

The log decides who passed, even if this book would have refused them; this book decides into which area.
`counterfactual.py` adds the consequences of a change, with a rehearsal of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from controller.decision.access import Verdict, decide
from controller.decision.facts import DoorFacts, Facts
from controller.decision.presence import Presence
from controller.decision.second_person import first_of_two
from controller.model.access import AccessRequest, StandsReleased
from controller.model.events import EventType, Json
from controller.model.fact import Fact
from controller.model.moment import Moment
from controller.model.orders import ActionType
from controller.model.reasons import DenyReason
from controller.model.rule_book import DoorMode, RuleBook

ModeOf = Callable[[str, Facts, Moment], DoorMode]


@dataclass(frozen=True)
class RehearsedVerdict:
    """`reason` None: admitted. `redeems`: the number of the tap that dual access admits together with this
    one.
    """

    reason: DenyReason | None
    observed: tuple[DenyReason, ...] = ()
    redeems: int | None = None


class Rehearsal:
    def __init__(self, facts: Facts, mode_of: ModeOf, category_of: Callable[[str], str | None]) -> None:
        """`facts` contain the book; `category_of` returns a person's category, by reference."""
        self.presence = Presence()
        self._facts = replace(facts, presence=self.presence)
        self._mode_of = mode_of
        self._category_of = category_of
        self._scheduled = {name for name, door in facts.book.doors.items() if door.scheduled}
        self._waiting: dict[str, int] = {}  # the tap that waits for a second person at each access point

    @property
    def book(self) -> RuleBook:
        return self._facts.book

    def copy(self) -> "Rehearsal":
        twin = Rehearsal(self._facts, self._mode_of, self._category_of)
        twin.presence = self.presence.copy()
        twin._facts = replace(self._facts, presence=twin.presence)
        twin._waiting = dict(self._waiting)
        return twin

    def set_lockdowns(self, areas: frozenset[str]) -> None:
        """From now on, as an order did at that time."""
        self._facts = replace(self._facts, lockdowns=areas)

    def admit(self, fact: Fact) -> None:
        """Admit the person at the tap of `fact`, even if the log has a refusal."""
        self.presence.apply(self._with_book(fact, EventType.ACCESS_GRANTED, None, fact.person or ""))

    def remove(self, person: str, utc: datetime) -> None:
        codes: dict[str, Json] = {"action": ActionType.PRESENCE_CORRECTED, "object_id": person}
        self.presence.apply(
            Fact(
                seq=self.presence.seq,
                type=EventType.OPERATOR_ACTION,
                utc=utc,
                boot="",
                mono_ms=0,
                codes=codes,
            )
        )

    def happened(self, fact: Fact) -> None:
        """The next record of the log."""
        if fact.type in (EventType.ACCESS_DENIED, EventType.ACCESS_WAITING):
            return  # this book decides who waits for a second person, not the book of that time
        self.presence.apply(self._with_book_if_granted(fact))

    def judge(self, request: AccessRequest, fact: Fact, now: Moment) -> RehearsedVerdict:
        """Judge the tap that `fact` records. Call it before `happened`."""
        facts = self._with_door(request.door, now, fact)
        verdict = decide(request, now, facts)
        if facts.release_override(request):
            return RehearsedVerdict(None, verdict.observed)
        point = request.access_point
        if verdict.reason is DenyReason.SECOND_PERSON_NEEDED:
            self._waiting[point] = fact.seq
            return _rehearsed(verdict)
        if verdict.reason is None and first_of_two(request, now, facts) is not None:
            return replace(_rehearsed(verdict), redeems=self._waiting.pop(point, None))
        return _rehearsed(verdict)

    def hold_for_second(self, fact: Fact) -> None:
        """The tap waits here for a second person. Call it after `happened`."""
        self.presence.apply(
            self._with_book(
                fact, EventType.ACCESS_WAITING, DenyReason.SECOND_PERSON_NEEDED, fact.person or ""
            )
        )

    def _with_door(self, name: str, now: Moment, fact: Fact) -> Facts:
        """Fire comes from the log; the mode of the door comes from this book."""
        mode = self._facts.book.door(name).mode
        if name in self._scheduled or mode is DoorMode.UNLOCKED:
            mode = self._mode_of(name, self._facts, now)
        by = StandsReleased.MODE if mode is DoorMode.UNLOCKED else None
        if fact.code("stands_released") == StandsReleased.FIRE:
            by = StandsReleased.FIRE
        if by is None and mode is DoorMode.CARD:
            return self._facts
        return replace(self._facts, doors={name: DoorFacts(mode, stands_released=by)})

    def _with_book_if_granted(self, fact: Fact) -> Fact:
        if fact.type != EventType.ACCESS_GRANTED or fact.person is None:
            return fact
        return self._with_book(fact, fact.type, fact.reason, fact.person)

    def _with_book(self, fact: Fact, type_: str, reason: str | None, person: str) -> Fact:
        """Built field by field, because dataclasses.replace takes longer than everything else."""
        codes: dict[str, Json] = {"category": self._category_of(person) or fact.code("category")}
        if fact.code("forgiven") is not None:
            codes["forgiven"] = 1
        codes.update(self._facts.book.passage_codes(fact.access_point or ""))
        return Fact(
            seq=fact.seq,
            type=type_,
            utc=fact.utc,
            boot=fact.boot,
            mono_ms=fact.mono_ms,
            door=fact.door,
            access_point=fact.access_point,
            direction=fact.direction,
            result=fact.result,
            reason=reason,
            person=person,
            codes=codes,
        )


def _rehearsed(verdict: Verdict) -> RehearsedVerdict:
    return RehearsedVerdict(verdict.reason, verdict.observed)
