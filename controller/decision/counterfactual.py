"""A rule book with its consequences: rehearses the taps of a log as if this book had been in force.

A person whom the book refuses stays outside until their next tap. A person whom it admits counts as inside
until their next tap, or until the day of the site ends. Everything else is as in the log: the book in force
changes nothing.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime

from controller.decision.rehearsal import Rehearsal, RehearsedVerdict
from controller.model.access import AccessRequest
from controller.model.events import EventType
from controller.model.fact import Fact
from controller.model.moment import Moment
from controller.model.reasons import DenyReason


class Counterfactual:
    def __init__(self, plain: Rehearsal, day_of: Callable[[datetime], date]) -> None:
        """`plain` rehearses the same book with presence as in the log. The two part at the first change that
        leaves somebody in another place.
        """
        self._plain = plain
        self._day_of = day_of
        self._own: Rehearsal | None = None
        self._only_here: dict[str, date] = {}  # inside in this rehearsal only, and the day they entered
        self._first: dict[int, Fact] = {}  # taps that wait or waited for a second person

    def set_lockdowns(self, areas: frozenset[str]) -> None:
        if self._own is not None:
            self._own.set_lockdowns(areas)

    def judge(
        self, request: AccessRequest, fact: Fact, now: Moment, plain: RehearsedVerdict
    ) -> RehearsedVerdict | None:
        """None: this tap would not have happened, because the person is already inside or is elsewhere.

        `plain` is the verdict of the plain rehearsal for the same tap.
        """
        if self._own is None:
            return plain
        self._end_of_day(fact.utc)
        return None if self._would_not_happen(self._own, fact) else self._own.judge(request, fact, now)

    def advance(
        self,
        behind: Sequence[Fact],
        fact: Fact,
        before: RehearsedVerdict | None,
        after: RehearsedVerdict | None,
        is_tap: bool,
    ) -> None:
        """Follow `fact` and the grants `behind` it. Call it before the plain rehearsal applies them.

        `before` is the verdict of the book in force, `after` the result of `judge`; `is_tap` is False for
        every record that is not a tap.
        """
        differs = is_tap and before is not None and after is not None and before.reason is not after.reason
        was_admitted = fact.type == EventType.ACCESS_GRANTED
        is_admitted = after.reason is None if differs and after is not None else was_admitted
        waits = after is not None and after.reason is DenyReason.SECOND_PERSON_NEEDED
        if waits:
            self._first[fact.seq] = fact
        if self._own is None:
            if is_admitted == was_admitted:
                return
            self._own = self._plain.copy()
        own = self._own
        if was_admitted and self._is_elsewhere(own, fact):
            return
        for one in behind:
            if is_admitted or one.type != EventType.ACCESS_GRANTED:
                own.happened(one)
            self._only_here.pop(one.person or "", None)
        if was_admitted:
            self._only_here.pop(fact.person or "", None)
        if is_admitted and not was_admitted:
            self._admit(own, fact)
        elif is_admitted or not was_admitted:
            own.happened(fact)
        if waits:
            own.hold_for_second(fact)
        first = self._first.pop(after.redeems, None) if after is not None and after.redeems else None
        if first is not None and first.person not in [one.person for one in behind]:
            self._admit(own, first)

    def _admit(self, own: Rehearsal, fact: Fact) -> None:
        own.admit(fact)
        if fact.type != EventType.ACCESS_GRANTED and fact.person is not None:
            self._only_here[fact.person] = self._day_of(fact.utc)

    def _would_not_happen(self, own: Rehearsal, fact: Fact) -> bool:
        area = own.book.area_entered(fact.access_point or "")
        person = fact.person or ""
        is_in_already = (
            person in self._only_here and area is not None and own.presence.is_in(person, area.name)
        )
        return is_in_already or self._is_elsewhere(own, fact)

    def _is_elsewhere(self, own: Rehearsal, fact: Fact) -> bool:
        """Whether the tap leads out of, or further into, an area where only the log has this person."""
        point, person = fact.access_point or "", fact.person or ""
        left, entered = own.book.area_left(point), own.book.area_entered(point)
        areas = [] if entered is None else list(own.book.around(entered.name))
        areas += [] if left is None else [left.name]
        own_presence, plain = own.presence, self._plain.presence
        return any(plain.is_in(person, one) and not own_presence.is_in(person, one) for one in areas)

    def _end_of_day(self, utc: datetime) -> None:
        if self._own is None or not self._only_here:
            return
        today = self._day_of(utc)
        for person in [person for person, day in self._only_here.items() if day < today]:
            del self._only_here[person]
            self._own.remove(person, utc)
