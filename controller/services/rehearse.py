"""Rehearse a rule book before it is published: whose taps of the last 30 days would have ended otherwise.

Each tap is asked under the book in force and under the edited one, with people, access levels and schedules
as they are now. Under the book in force who was inside is as the log says; under the edited one a changed
result changes who is inside after it (`decision/followed.py`). Lockdowns are those of the log, doors count as
closed, and a PIN as keyed in by whoever has one.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from controller.decision.door_mode_now import door_mode_now
from controller.decision.facts import Facts
from controller.decision.followed import Followed
from controller.decision.rehearsal import Answer, Rehearsal
from controller.journal.facts import facts_after
from controller.model.access import AccessRecord, AccessRequest, Direction, PinShown
from controller.model.credentials import Assurance, CredentialKind
from controller.model.events import EventType
from controller.model.fact import Fact
from controller.model.moment import ClockState, Moment
from controller.model.operators import Operator
from controller.model.orders import ActionType
from controller.model.reasons import DenyReason
from controller.model.rule_book import DoorMode, RuleBook
from controller.model.unproved import unproved_of
from controller.registry import pins, standing
from controller.services import category_moves, rule_books
from controller.services.entry_log import record_view
from controller.services.floor_now import as_registered, entries_of, facts_now
from controller.services.house import House
from controller.services.rights import Right, require
from controller.services.rule_findings import RulesRefused

__all__ = ["Change", "Rehearsed", "rehearse", "viewed"]

WINDOW = timedelta(days=30)
_TAPS = frozenset({EventType.ACCESS_GRANTED, EventType.ACCESS_DENIED, EventType.ACCESS_WAITING})


@dataclass(frozen=True, slots=True)
class Change:
    """`before` by the book in force, `after` by the edited one; None: let in.

    `follows`: only because an earlier change would have left others inside, or not.
    """

    seq: int
    utc: datetime
    person: str
    name: str
    access_point: str
    before: DenyReason | None
    after: DenyReason | None
    follows: bool = False


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """`gone`: taps of badges that nobody has any more. `unmade`: taps that nobody would have made, being
    inside already or kept out before. `observed`: what the edited book would only note."""

    since: datetime
    in_force: int
    taps: int
    gone: int
    unmade: int
    changes: tuple[Change, ...]
    observed: Mapping[DenyReason, int]

    @property
    def counts(self) -> Mapping[tuple[DenyReason | None, DenyReason | None], int]:
        """How many changes from what to what, most first."""
        return dict(Counter((change.before, change.after) for change in self.changes).most_common())


def rehearse(house: House, operator: Operator, now: Moment, book: RuleBook) -> Rehearsed:
    """Changes newest first. Raises RulesRefused for a book that could not be published."""
    require(operator, Right.VIEW_ACCESS)
    require(operator, Right.VIEW_PRESENCE)
    found = rule_books.findings(house, operator, now, book)
    problems = [one for one in found if not one.is_warning and not one.where.startswith(category_moves.WHERE)]
    if problems:
        raise RulesRefused(tuple(problems))
    viewed(house, operator, now)
    return _Run(house, now, book).run()


@dataclass(frozen=True, slots=True)
class _Asked:
    """By the book in force; by the edited one in the house as the log has it; by it followed through."""

    before: Answer | None = None
    alone: Answer | None = None
    after: Answer | None = None


_NOT_ASKED = _Asked()


def viewed(house: House, operator: Operator, now: Moment) -> None:
    """Record that somebody looks at a rehearsal, which tells of people's taps."""
    record_view(house, operator, now, {"view": "rehearsal"})


class _Run:
    def __init__(self, house: House, now: Moment, book: RuleBook) -> None:
        self._house = house
        self._since = now.utc - WINDOW
        with house.registry.read() as db:
            facts = replace(facts_now(house, db), lockdowns=frozenset())  # they come from the log
            self._categories = standing.categories(db)
            self._with_pin = pins.people_with_pin(db)
        self._entries = entries_of(house)
        self._in_force = facts.book.version
        self._old = Rehearsal(facts, self._mode_of, self._categories.get)
        self._new = Rehearsal(replace(facts, book=book), self._mode_of, self._categories.get)
        self._followed = Followed(self._new, facts.site.day)
        self._lockdowns = frozenset[str]()
        self._alone: dict[int, DenyReason | None] = {}  # by the edited book, with the house as the log has it
        self._records: dict[tuple[str, str], AccessRecord | None] = {}
        self._differing: dict[int, Change] = {}  # those that wait for a second person among them
        self._waiting: dict[
            str, str | None
        ] = {}  # by access point: who was refused for want of a second person
        self._observed: Counter[DenyReason] = Counter()
        self._taps = self._gone = self._unmade = 0

    def run(self) -> Rehearsed:
        behind: list[Fact] = []  # from the grant to the first of two, which the tap of the second brought
        for fact in _facts(self._house):
            self._lock_down(fact)
            is_tap = self._is_tap(fact)
            if self._is_of_the_first(fact) or (behind and not is_tap):
                behind.append(fact)
                continue
            asked = self._tap(fact) if is_tap and fact.utc >= self._since else _NOT_ASKED
            self._followed.goes_on(behind, fact, asked.before, asked.after, asked is not _NOT_ASKED)
            for rehearsal, answer in ((self._old, asked.before), (self._new, asked.alone)):
                for one in (*behind, fact):
                    rehearsal.happened(one)
                if answer is not None and answer.reason is DenyReason.SECOND_PERSON_NEEDED:
                    rehearsal.waits(fact)
            behind = []
        changes = [
            replace(change, follows=self._alone[change.seq] is not change.after)
            for change in self._differing.values()
            if change.before is not change.after
        ]
        return Rehearsed(
            self._since,
            self._in_force,
            self._taps,
            self._gone,
            self._unmade,
            tuple(reversed(changes)),
            dict(self._observed),
        )

    def _lock_down(self, fact: Fact) -> None:
        action, area = fact.code("action"), fact.code("object_id")
        if fact.type != EventType.OPERATOR_ACTION or not isinstance(area, str):
            return
        if action == ActionType.LOCKDOWN_BEGUN:
            self._lockdowns |= {area}
        elif action == ActionType.LOCKDOWN_ENDED:
            self._lockdowns -= {area}
        else:
            return
        for asked in (self._old, self._new, self._followed):
            asked.locked_down(self._lockdowns)

    def _is_tap(self, fact: Fact) -> bool:
        if fact.type not in _TAPS or fact.direction != Direction.IN or fact.access_point is None:
            return False
        if fact.person is None or fact.code("credential") is None:
            return False
        if fact.reason == DenyReason.SECOND_PERSON_NEEDED:
            self._waiting[fact.access_point] = fact.person
        return not self._is_of_the_first(fact)

    def _is_of_the_first(self, fact: Fact) -> bool:
        """A grant without a tap: dual access lets in whoever waited when the second person taps."""
        return fact.code("with") is not None and self._waiting.get(fact.access_point or "") == fact.person

    def _tap(self, fact: Fact) -> "_Asked":
        request = self._request(fact)
        if request is None or request.record is None:
            self._gone += 1
            return _NOT_ASKED
        self._taps += 1
        now = Moment(fact.utc, fact.mono_ms, fact.boot, ClockState(str(fact.code("clock"))))
        before, alone = self._old.ask(request, fact, now), self._new.ask(request, fact, now)
        after = self._followed.ask(request, fact, now, alone)
        if before.redeems in self._differing:
            change = self._differing[before.redeems]
            self._differing[change.seq] = replace(change, before=None)
        if alone.redeems in self._alone:
            self._alone[alone.redeems] = None
        if after is None:
            self._unmade += 1
            return _Asked(before, alone, None)
        self._observed.update(after.observed)
        if after.redeems in self._differing:
            change = self._differing[after.redeems]
            self._differing[change.seq] = replace(change, after=None)
        reasons = before.reason, after.reason
        if before.reason is not after.reason or DenyReason.SECOND_PERSON_NEEDED in reasons:
            self._alone[fact.seq] = alone.reason
            self._differing[fact.seq] = Change(
                fact.seq,
                fact.utc,
                request.record.cardholder.id,
                request.record.cardholder.name,
                request.access_point,
                before.reason,
                after.reason,
            )
        return _Asked(before, alone, after)

    def _request(self, fact: Fact) -> AccessRequest | None:
        assert fact.access_point is not None  # noqa: S101 - it is a tap
        key = str(fact.code("credential")), fact.access_point
        if key not in self._records:
            with self._house.registry.read() as db:
                self._records[key] = as_registered(self._house, db, *key)
        record = self._records[key]
        if record is None:
            return None
        assurance = fact.code("assurance")
        return AccessRequest(
            fact.door or "",
            fact.access_point,
            str(fact.code("reader") or ""),
            Direction.IN,
            CredentialKind.FELICA,  # no rule asks which
            b"",
            record.credential.last_four,
            record,
            0,
            Assurance(assurance) if isinstance(assurance, int) else Assurance.NUMBER_ONLY,
            PinShown.RIGHT if record.cardholder.id in self._with_pin else PinShown.NOT_SET,
            unproved=unproved_of(fact.code("unproved"), fact.reason),
        )

    def _mode_of(self, door: str, facts: Facts, now: Moment) -> DoorMode:
        return door_mode_now(door, self._entries.get(door, ()), facts, now).mode


def _facts(house: House) -> Iterator[Fact]:
    last = 0
    while True:
        with house.journal.snapshot() as connection:  # short ones: the door wants to reuse its WAL
            facts, upto = facts_after(connection, last, every_tap=True)
        yield from facts
        if upto == last:
            return
        last = upto
