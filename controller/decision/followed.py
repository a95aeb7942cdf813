"""A rule book followed through: the taps of a log asked in the house as this book would have filled it.

Who would have been refused stays outside until their next tap, and who would have been let in counts as
inside until theirs, or until the day is over. All else is as the log says: the book in force changes nothing.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime

from controller.decision.rehearsal import Answer, Rehearsal
from controller.model.access import AccessRequest
from controller.model.events import EventType
from controller.model.fact import Fact
from controller.model.moment import Moment
from controller.model.reasons import DenyReason


class Followed:
    def __init__(self, plain: Rehearsal, day_of: Callable[[datetime], date]) -> None:
        """`plain` asks the same book in the house as the log has it; the two part at the first change that
        leaves somebody elsewhere."""
        self._plain = plain
        self._day_of = day_of
        self._own: Rehearsal | None = None
        self._ahead: dict[str, date] = {}  # inside here only, since which day
        self._first: dict[int, Fact] = {}  # taps that wait, or waited, for a second person

    def locked_down(self, areas: frozenset[str]) -> None:
        if self._own is not None:
            self._own.locked_down(areas)

    def ask(self, request: AccessRequest, fact: Fact, now: Moment, plain: Answer) -> Answer | None:
        """None: here the tap would not have been made, by somebody inside already or not there to tap.

        `plain` is what the other rehearsal said of it just now.
        """
        if self._own is None:
            return plain
        self._end_of_day(fact.utc)
        return None if self._is_unmade(self._own, fact) else self._own.ask(request, fact, now)

    def goes_on(
        self, behind: Sequence[Fact], fact: Fact, before: Answer | None, after: Answer | None, asked: bool
    ) -> None:
        """Told before the plain rehearsal takes `fact` in, and the grants `behind` it that it brought.

        `before` is what the book in force said, `after` what `ask` gave; `asked` is False for all but taps.
        """
        differs = asked and before is not None and after is not None and before.reason is not after.reason
        was_let_in = fact.type == EventType.ACCESS_GRANTED
        is_let_in = after.reason is None if differs and after is not None else was_let_in
        waits = after is not None and after.reason is DenyReason.SECOND_PERSON_NEEDED
        if waits:
            self._first[fact.seq] = fact
        if self._own is None:
            if is_let_in == was_let_in:
                return
            self._own = self._plain.copy()
        own = self._own
        if was_let_in and self._is_elsewhere(own, fact):
            return
        for one in behind:
            if is_let_in or one.type != EventType.ACCESS_GRANTED:
                own.happened(one)
            self._ahead.pop(one.person or "", None)
        if was_let_in:
            self._ahead.pop(fact.person or "", None)
        if is_let_in and not was_let_in:
            self._enters(own, fact)
        elif is_let_in or not was_let_in:
            own.happened(fact)
        if waits:
            own.waits(fact)
        first = self._first.pop(after.redeems, None) if after is not None and after.redeems else None
        if first is not None and first.person not in [one.person for one in behind]:
            self._enters(own, first)

    def _enters(self, own: Rehearsal, fact: Fact) -> None:
        own.lets_in(fact)
        if fact.type != EventType.ACCESS_GRANTED and fact.person is not None:
            self._ahead[fact.person] = self._day_of(fact.utc)

    def _is_unmade(self, own: Rehearsal, fact: Fact) -> bool:
        area = own.book.area_entered(fact.access_point or "")
        person = fact.person or ""
        is_in_already = person in self._ahead and area is not None and own.presence.is_in(person, area.name)
        return is_in_already or self._is_elsewhere(own, fact)

    def _is_elsewhere(self, own: Rehearsal, fact: Fact) -> bool:
        """The tap leads out of, or further into, an area where only the log has this person."""
        point, person = fact.access_point or "", fact.person or ""
        left, entered = own.book.area_left(point), own.book.area_entered(point)
        known = [] if entered is None else list(own.book.around(entered.name))
        known += [] if left is None else [left.name]
        own_presence, plain = own.presence, self._plain.presence
        return any(plain.is_in(person, one) and not own_presence.is_in(person, one) for one in known)

    def _end_of_day(self, utc: datetime) -> None:
        if self._own is None or not self._ahead:
            return
        today = self._day_of(utc)
        for person in [person for person, day in self._ahead.items() if day < today]:
            del self._ahead[person]
            self._own.goes_home(person, utc)
