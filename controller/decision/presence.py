"""Presence: who is inside which area, and what else the rules remember of earlier taps. Derived from the
journal alone.

A fold over records in the order of their numbers: the same records give the same answer after a kill, a
restart or a restore. It uses the codes of each record (`area`, `left`, `category`), never the rule book in
force now. A grant counts as inside immediately; an outcome of not passing takes it back.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from controller.model.events import Json
from controller.model.fact import NOT_THROUGH, Fact

__all__ = ["Fact", "Inside", "Passage", "Presence"]

_UNDO_AT_MOST = 1000  # an outcome follows its grant within seconds
_WHERE = "where"
_NO_CODES: Mapping[str, Json] = {}
_Thing = tuple[str, ...]  # what is stored, and for which person or access point
_Stored = tuple[int, object]  # the record's number, and the value


class Inside(NamedTuple):
    """A person in an area, by the record `seq`. `outer`: their place in the area around it, entered then or
    before.
    """

    person: str
    area: str
    category: str | None
    since: datetime
    seq: int
    outer: "Inside | None" = None

    def chain(self) -> "Iterator[Inside]":
        """This place, then those around it."""
        one: Inside | None = self
        while one is not None:
            yield one
            one = one.outer


class Passage(NamedTuple):
    """The newest time that a person went through an access point, or began to wait there for a second
    person.
    """

    person: str
    category: str | None
    utc: datetime
    boot: str
    mono_ms: int
    seq: int


class Presence:
    """Belongs to one thread; reads are cheap for any number of people.

    Each stored value knows the record it comes from, so that a grant nobody used can be undone beneath later
    values.
    """

    def __init__(self) -> None:
        self.seq = 0  # the newest applied record
        self._stored: dict[_Thing, _Stored] = {}
        self._areas: dict[str, dict[str, Inside]] = {}  # an index of the WHERE values
        self._counts: dict[tuple[str, str | None], int] = {}  # by area and category
        # The values before each of the newest entries.
        self._undo: OrderedDict[int, list[tuple[_Thing, _Stored | None]]] = OrderedDict()

    def copy(self) -> "Presence":
        twin = Presence()
        twin.seq = self.seq
        twin._stored = dict(self._stored)
        twin._areas = {area: dict(people) for area, people in self._areas.items()}
        twin._counts = dict(self._counts)
        twin._undo = OrderedDict((of, list(before)) for of, before in self._undo.items())
        return twin

    # What the rules read

    def where(self, person: str) -> Inside | None:
        """The innermost area."""
        found = self._get(_WHERE, person)
        return found if isinstance(found, Inside) else None

    def is_in(self, person: str, area: str) -> bool:
        return person in self._areas.get(area, ())

    def inside_of(self, person: str, area: str) -> Inside | None:
        return self._areas.get(area, {}).get(person)

    def inside(self, area: str) -> Collection[Inside]:
        """People in the area, with those in the areas within it."""
        return self._areas.get(area, {}).values()

    def count(self, area: str) -> int:
        return len(self._areas.get(area, ()))

    def count_of(self, area: str, categories: Collection[str]) -> int:
        return sum(self._counts.get((area, category), 0) for category in categories)

    def last_entry(self, person: str, area: str) -> datetime | None:
        return _time(self._get("entry", person, area))

    def last_entry_of(self, area: str, categories: Collection[str]) -> datetime | None:
        """When a person of these categories last entered the area, whether they are still inside or not."""
        times = [at for category in categories if (at := _time(self._get("entry_of", category, area)))]
        return max(times, default=None)

    def passage_by(self, person: str, access_point: str) -> Passage | None:
        """The person's newest passage through this access point."""
        return _passage(self._get("let_through", person, access_point))

    def entered_at(self, person: str, access_point: str) -> datetime | None:
        """When the person last passed this access point."""
        found = self.passage_by(person, access_point)
        return None if found is None else found.utc

    def last_exit(self, person: str, area: str) -> datetime | None:
        """When the person last tapped out of the area, or from there into another one."""
        return _time(self._get("exit", person, area))

    def passed_since_exit(self, person: str, access_point: str, area: str) -> bool:
        """Whether the person's newest passage there came after their last exit from the area. The order of
        the records decides, so that setting the clock in between changes nothing.
        """
        passed = self._stored.get(("let_through", person, access_point))
        left = self._stored.get(("exit", person, area))
        return passed is not None and (left is None or passed[0] >= left[0])

    def last_passage(self, access_point: str) -> Passage | None:
        return _passage(self._get("passage", access_point))

    def last_passage_of(self, access_point: str, categories: Collection[str]) -> Passage | None:
        """The newest passage of a person of these categories, whether others have followed or not."""
        found = [p for one in categories if (p := _passage(self._get("passage_of", access_point, one)))]
        return max(found, key=lambda passage: passage.seq, default=None)

    def waits_for_second(self, access_point: str) -> Passage | None:
        return _passage(self._get("second", access_point))

    def is_forgiven(self, person: str) -> bool:
        """Whether anti-passback admits the person's next entry into an area."""
        return self._get("forgiven", person) is True

    def areas(self) -> Collection[str]:
        return [area for area, people in self._areas.items() if people]

    # What the log records

    def apply(self, fact: Fact) -> None:
        self.seq = max(self.seq, fact.seq)
        match fact.type:
            case "access_granted":
                self._granted(fact)
            case "access_waiting" | "access_denied":  # earlier versions recorded the first of two as refused
                if fact.reason == "second_person_needed" and fact.access_point and fact.person:
                    self._set(fact.seq, ("second", fact.access_point), _passed(fact))
            case "access_outcome":
                self._outcome(fact)
            case "operator_action":
                self._corrected(fact)

    def _granted(self, fact: Fact) -> None:
        """Each line runs for every entry of years, so it makes few calls."""
        seq, person, point, codes = fact.seq, fact.person, fact.access_point, fact.codes or _NO_CODES
        if person is None:
            return
        things, utc, inward = self._stored, fact.utc, fact.direction == "in"
        area, category = _text(codes.get("area")), _text(codes.get("category"))
        updates: list[tuple[_Thing, object]] = []
        if point is not None:
            passage = Passage(person, category, utc, fact.boot, fact.mono_ms, seq)
            updates += ((("passage", point), passage), (("let_through", person, point), passage))
            if category is not None:
                updates.append((("passage_of", point, category), passage))
            if ("second", point) in things:
                updates.append((("second", point), None))
        now: Inside | None = None
        if area is not None:
            now = self._nested(fact, person, category, area)
            for entered in now.chain() if now.outer is not None else (now,):
                if entered.seq == seq:
                    updates.append((("entry", person, entered.area), utc))
                    if category is not None:
                        updates.append((("entry_of", category, entered.area), utc))
        left = _text(codes.get("left"))
        if area is None and left is not None:
            now = self._around(fact, person, category, left)
        uses_up = inward and (area is not None or "forgiven" in codes)
        if uses_up and ("forgiven", person) in things:
            updates.append((("forgiven", person), False))
        moves = area is not None or left is not None
        was = self._stored.get((_WHERE, person)) if moves else None
        if was is not None and was[1] is not None:
            updates += [(("exit", person, name), utc) for name in _gone(was[1], left, now)]
        elif left is not None:
            updates.append((("exit", person, left), utc))
        if inward:
            before = [(thing, things.get(thing)) for thing, _ in updates]
            if moves:
                before.append(((_WHERE, person), things.get((_WHERE, person))))
            self._undo[seq] = before
            if len(self._undo) > _UNDO_AT_MOST:
                self._undo.popitem(last=False)
        for thing, value in updates:
            things[thing] = (seq, value)
        if moves:
            self._set(seq, (_WHERE, person), now)

    def _nested(self, fact: Fact, person: str, category: str | None, area: str) -> Inside:
        """In `area` from now on, and in the areas around it from now or before."""
        around = self._around(fact, person, category, area)
        return Inside(person, area, category, fact.utc, fact.seq, around)

    def _around(self, fact: Fact, person: str, category: str | None, inner: str) -> Inside | None:
        """The person's place in the areas that the record's code `within` lists around `inner`."""
        within = None if fact.codes is None else fact.codes.get("within")
        if not isinstance(within, str) or not within:
            return None
        outer: Inside | None = None
        for area in reversed([name for name in dict.fromkeys(within.split(",")) if name != inner]):
            inside = self.inside_of(person, area)
            if inside is None:
                outer = Inside(
                    person=person, area=area, category=category, since=fact.utc, seq=fact.seq, outer=outer
                )
            else:
                outer = inside if inside.outer == outer else inside._replace(outer=outer)
        return outer

    def _outcome(self, fact: Fact) -> None:
        of = fact.code("of")
        if fact.result not in NOT_THROUGH or not isinstance(of, int) or of not in self._undo:
            return
        before = self._undo.pop(of)
        for thing, was in before:
            now = self._stored.get(thing)
            if now is not None and now[0] == of:
                self._store(thing, was)
                continue
            for later in self._undo.values():
                later[:] = [
                    (other, was if other == thing and earlier is not None and earlier[0] == of else earlier)
                    for other, earlier in later
                ]

    def _corrected(self, fact: Fact) -> None:
        """An operator's correction: `presence_corrected` (a person is in `area`, or nowhere, unless `kept`),
        `forgiven` (a person, or everybody counted inside an area), `area_emptied`.
        """
        who = _text(fact.code("object_id"))
        if who is None:
            return
        match fact.code("action"):
            case "presence_corrected" if fact.code("kept") is None:
                area, category = _text(fact.code("area")), _text(fact.code("category"))
                inside = None if area is None else self._nested(fact, who, category, area)
                self._set(fact.seq, (_WHERE, who), inside)
            case "forgiven":
                in_area = fact.code("object_type") == "area"
                for person in [one.person for one in self.inside(who)] if in_area else [who]:
                    self._set(fact.seq, ("forgiven", person), True)
            case "area_emptied":
                for one in list(self.inside(who)):
                    self._set(fact.seq, (_WHERE, one.person), one.outer)

    def _get(self, *thing: str) -> object:
        stored = self._stored.get(thing)
        return None if stored is None else stored[1]

    def _set(self, seq: int, thing: _Thing, value: object) -> None:
        self._store(thing, (seq, value))

    def _store(self, thing: _Thing, stored: _Stored | None) -> None:
        was = self._stored.pop(thing, None) if stored is None else self._stored.get(thing)
        if stored is not None:
            self._stored[thing] = stored
        if thing[0] == _WHERE:
            self._index(was and was[1], stored and stored[1])

    def _index(self, was: object, now: object) -> None:
        for one in was.chain() if isinstance(was, Inside) else ():
            del self._areas[one.area][one.person]
            self._counts[one.area, one.category] -= 1
        for one in now.chain() if isinstance(now, Inside) else ():
            self._areas.setdefault(one.area, {})[one.person] = one
            key = (one.area, one.category)
            self._counts[key] = self._counts.get(key, 0) + 1


def _gone(was: object, left: str | None, now: Inside | None) -> Collection[str]:
    """The areas that the person has left: those the log had them in, and the one that the record names."""
    if not isinstance(was, Inside):
        return ()
    if now is None and was.outer is None and left == was.area:
        return (left,)  # most exits
    gone = {one.area for one in was.chain()}
    if left is not None:
        gone.add(left)
    return gone if now is None else gone - {one.area for one in now.chain()}


def _passed(fact: Fact) -> Passage:
    assert fact.person is not None  # noqa: S101 - asked by both callers
    return Passage(
        person=fact.person,
        category=_text(fact.code("category")),
        utc=fact.utc,
        boot=fact.boot,
        mono_ms=fact.mono_ms,
        seq=fact.seq,
    )


def _passage(value: object) -> Passage | None:
    return value if isinstance(value, Passage) else None


def _time(value: object) -> datetime | None:
    return value if isinstance(value, datetime) else None


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None
