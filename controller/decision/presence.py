"""Who is inside which area, and what else the rules remember of earlier taps. Derived from the journal alone.

A fold over records in the order of their numbers: the same records give the same answer after a kill, a
restart or a restore. It goes by what each record says (`area`, `left`, `category`), never by the rule book in
force now. A grant counts as inside at once; an outcome that nobody went through takes it back.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from controller.model.events import Json
from controller.model.fact import Fact

__all__ = ["Fact", "Inside", "Passage", "Presence"]

_NOT_THROUGH = frozenset({"not_opened", "not_released"})


@dataclass(frozen=True)
class Inside:
    """Somebody in an area, by the record `seq`."""

    person: str
    area: str
    category: str | None
    since: datetime
    seq: int


@dataclass(frozen=True)
class Passage:
    """The newest time somebody went through an access point, or was refused for want of a second person."""

    person: str
    category: str | None
    utc: datetime
    boot: str
    mono_ms: int
    seq: int


class Presence:
    """One thread's; reads are cheap whatever the number of people."""

    def __init__(self) -> None:
        self.seq = 0  # the newest record taken in
        self._where: dict[str, Inside] = {}
        self._areas: dict[str, dict[str, Inside]] = {}
        self._counts: dict[tuple[str, str | None], int] = {}  # by area and category
        self._undo: dict[
            int, tuple[str, Inside | None]
        ] = {}  # grants without outcome: where they were before
        self._last_entry: dict[tuple[str, str], datetime] = {}  # by person and area
        self._last_of_category: dict[tuple[str, str | None], datetime] = {}  # by area and category
        self._passages: dict[str, Passage] = {}  # by access point: the newest one granted
        self._passages_of: dict[tuple[str, str | None], Passage] = {}  # by access point and category
        self._entered: dict[tuple[str, str], datetime] = {}  # by person and access point
        self._second: dict[str, Passage] = {}  # by access point: who waits for a second person
        self._forgiven: set[str] = set()  # people whose next entry anti-passback lets pass

    def copy(self) -> "Presence":
        twin = Presence()
        twin.seq = self.seq
        twin._where = dict(self._where)
        twin._areas = {area: dict(people) for area, people in self._areas.items()}
        twin._counts = dict(self._counts)
        twin._undo = dict(self._undo)
        twin._last_entry = dict(self._last_entry)
        twin._last_of_category = dict(self._last_of_category)
        twin._passages = dict(self._passages)
        twin._passages_of = dict(self._passages_of)
        twin._entered = dict(self._entered)
        twin._second = dict(self._second)
        twin._forgiven = set(self._forgiven)
        return twin

    # What the rules ask

    def where(self, person: str) -> Inside | None:
        return self._where.get(person)

    def is_in(self, person: str, area: str) -> bool:
        return person in self._areas.get(area, ())

    def inside(self, area: str) -> Collection[Inside]:
        return self._areas.get(area, {}).values()

    def count(self, area: str) -> int:
        return len(self._areas.get(area, ()))

    def count_of(self, area: str, categories: Collection[str]) -> int:
        return sum(self._counts.get((area, category), 0) for category in categories)

    def last_entry(self, person: str, area: str) -> datetime | None:
        return self._last_entry.get((person, area))

    def last_entry_of(self, area: str, categories: Collection[str]) -> datetime | None:
        """When somebody of these categories last came into the area, still there or not."""
        times = [at for category in categories if (at := self._last_of_category.get((area, category)))]
        return max(times, default=None)

    def entered_at(self, person: str, access_point: str) -> datetime | None:
        """When the person was last let through this access point."""
        return self._entered.get((person, access_point))

    def last_passage(self, access_point: str) -> Passage | None:
        return self._passages.get(access_point)

    def last_passage_of(self, access_point: str, categories: Collection[str]) -> Passage | None:
        """Of somebody of these categories, whoever has followed since."""
        found = [p for category in categories if (p := self._passages_of.get((access_point, category)))]
        return max(found, key=lambda passage: passage.seq, default=None)

    def waits_for_second(self, access_point: str) -> Passage | None:
        return self._second.get(access_point)

    def is_forgiven(self, person: str) -> bool:
        return person in self._forgiven

    def areas(self) -> Collection[str]:
        return [area for area, people in self._areas.items() if people]

    # What the log says

    def apply(self, fact: Fact) -> None:
        self.seq = max(self.seq, fact.seq)
        match fact.type:
            case "access_granted":
                self._granted(fact)
            case "access_denied":
                if fact.reason == "second_person_needed" and fact.access_point and fact.person:
                    self._second[fact.access_point] = _passage(fact)
            case "access_outcome":
                self._outcome(fact)
            case "operator_action":
                self._corrected(fact)

    def _granted(self, fact: Fact) -> None:
        if fact.person is None:
            return
        before = self._where.get(fact.person)
        area, category = _text(fact.code("area")), _text(fact.code("category"))
        if fact.access_point is not None:
            passage = _passage(fact)
            self._passages[fact.access_point] = passage
            self._passages_of[fact.access_point, passage.category] = passage
            self._entered[fact.person, fact.access_point] = fact.utc
            self._second.pop(fact.access_point, None)
        if fact.direction == "in":
            self._undo[fact.seq] = (fact.person, before)
            self._forgiven.discard(fact.person)
        if area is not None:
            self._move(fact.person, Inside(fact.person, area, category, fact.utc, fact.seq))
            self._last_entry[fact.person, area] = fact.utc
            self._last_of_category[area, category] = fact.utc
        elif fact.code("left") is not None:
            self._move(fact.person, None)

    def _outcome(self, fact: Fact) -> None:
        of = fact.code("of")
        undone = self._undo.pop(of, None) if isinstance(of, int) else None
        if undone is None or fact.result not in _NOT_THROUGH:
            return
        person, before = undone
        now = self._where.get(person)
        if now is not None and now.seq == of:  # nothing newer is known of the person
            self._move(person, before)

    def _corrected(self, fact: Fact) -> None:
        """An operator's word: `presence_corrected` (a person is in `area`, or nowhere), `forgiven` (a person,
        or everybody counted inside an area)."""
        who = _text(fact.code("object_id"))
        if who is None:
            return
        match fact.code("action"):
            case "presence_corrected":
                area = _text(fact.code("area"))
                category = _text(fact.code("category"))
                self._move(who, None if area is None else Inside(who, area, category, fact.utc, fact.seq))
            case "forgiven":
                if fact.code("object_type") == "area":
                    self._forgiven.update(one.person for one in self.inside(who))
                else:
                    self._forgiven.add(who)
            case "area_emptied":
                for one in list(self.inside(who)):
                    self._move(one.person, None)

    def _move(self, person: str, to: Inside | None) -> None:
        before = self._where.pop(person, None)
        if before is not None:
            del self._areas[before.area][person]
            self._counts[before.area, before.category] -= 1
        if to is not None:
            self._where[person] = to
            self._areas.setdefault(to.area, {})[person] = to
            key = (to.area, to.category)
            self._counts[key] = self._counts.get(key, 0) + 1


def _passage(fact: Fact) -> Passage:
    assert fact.person is not None  # noqa: S101 - asked by both callers
    return Passage(fact.person, _text(fact.code("category")), fact.utc, fact.boot, fact.mono_ms, fact.seq)


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None
