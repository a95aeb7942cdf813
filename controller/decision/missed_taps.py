"""Missed taps: the log shows that somebody passed without tapping, and no operator has resolved it yet.

A fold beside presence that gets each record before presence does. It corrects nothing.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from controller.decision.presence import Fact, Inside, Presence
from controller.model.events import Outcome
from controller.model.fact import NOT_THROUGH
from controller.model.reasons import DenyReason, MissedTap

# A person who taps twice at a door passes once, unless the door opened for the first tap in between.
_SAME_PASSAGE = timedelta(minutes=1)
_OPENED_AT_MOST = 1000  # an opening matters for a minute


@dataclass(frozen=True)
class Missed:
    """Detected at record `seq`; `because` is the earlier entry that contradicts it. `refused`: the record is
    a refusal, so the person missed an earlier tap and did not enter with this one.
    """

    seq: int
    kind: MissedTap
    person: str
    area: str
    utc: datetime
    because: int | None = None
    refused: bool = False


class MissedTaps:
    def __init__(self) -> None:
        self._open: dict[int, Missed] = {}
        # By person: the newest listed record in which an inner area refused them, and the outer area.
        self._refused_at: dict[str, tuple[int, str]] = {}
        self._because: dict[int, int] = {}  # open items, by the entry that contradicts them
        self._left: dict[str, datetime] = {}  # by person
        self._opened: dict[int, None] = {}  # the newest entries that the door opened for, oldest first
        self._still_inside: dict[int, datetime] = {}  # by entry: when an operator confirmed it

    def copy(self) -> "MissedTaps":
        twin = MissedTaps()
        twin._open = dict(self._open)
        twin._refused_at = dict(self._refused_at)
        twin._because = dict(self._because)
        twin._left = dict(self._left)
        twin._opened = dict(self._opened)
        twin._still_inside = dict(self._still_inside)
        return twin

    def open(self, presence: Presence, closing: datetime) -> list[Missed]:
        """Newest first, with the people who entered before `closing` and are still inside."""
        inside = [one for area in presence.areas() for one in presence.inside(area) if one.outer is None]
        return sorted(
            [*self._open.values(), *self._overdue(inside, closing)],
            key=lambda missed: missed.seq,
            reverse=True,
        )

    def apply(self, fact: Fact, before: Presence) -> None:
        match fact.type, fact.code("action"):
            case "access_granted", _ if fact.person is not None:
                self._granted(fact, fact.person, before)
            case "access_denied", _ if fact.person is not None and fact.reason == DenyReason.ANTI_PASSBACK:
                self._refused(fact, fact.person, before)
            case "access_denied", _ if fact.person and fact.reason == DenyReason.OUTER_AREA_NOT_ENTERED:
                self._refused_inner(fact, fact.person, before)
            case "access_outcome", _ if fact.result in NOT_THROUGH:
                of = fact.code("of")
                if isinstance(of, int):
                    self._close(of)
                    self._close(self._because.get(of))
            case "access_outcome", _ if fact.result == Outcome.OPENED:
                if isinstance(of := fact.code("of"), int):
                    self._opened[of] = None
                    if len(self._opened) > _OPENED_AT_MOST:
                        del self._opened[next(iter(self._opened))]
            case "operator_action", "presence_corrected":
                resolved = fact.code("resolves")
                if isinstance(resolved, int) and not self._close(resolved):
                    self._still_inside[resolved] = fact.utc

    def _granted(self, fact: Fact, person: str, before: Presence) -> None:
        area, left = fact.code("area"), fact.code("left")
        inside = before.where(person)
        self._refused_at.pop(person, None)
        if isinstance(left, str):
            again = fact.utc - self._left.get(person, fact.utc - 2 * _SAME_PASSAGE) < _SAME_PASSAGE
            if inside is not None and inside.area != left and before.inside_of(person, left) is not None:
                self._keep(
                    fact, kind=MissedTap.IN_WITHOUT_OUT, person=person, area=inside.area, because=inside.seq
                )
            elif (inside is None or inside.area != left) and not again:
                self._keep(fact, MissedTap.OUT_WITHOUT_IN, person, left)
            if fact.direction == "out":
                self._left[person] = fact.utc
        elif isinstance(area, str) and inside is not None:
            again = inside.area == area and self._same_passage(fact, inside)
            if not again and inside.area not in _around(fact):
                self._keep(
                    fact, kind=MissedTap.IN_WITHOUT_OUT, person=person, area=inside.area, because=inside.seq
                )
        outer = _outer_not_entered(fact, person, before)
        if outer is not None and fact.seq not in self._open:  # a record is in the list once
            self._keep(fact, MissedTap.INNER_WITHOUT_OUTER, person, outer)

    def _refused(self, fact: Fact, person: str, before: Presence) -> None:
        """The person enters again without having left: refused, but the tap out is missing all the same."""
        area, inside = fact.code("area"), before.where(person)
        already_inside = before.inside_of(person, area) if isinstance(area, str) else None
        if inside is not None and already_inside is not None and not self._same_passage(fact, already_inside):
            self._keep(
                fact, kind=MissedTap.IN_WITHOUT_OUT, person=person, area=inside.area, because=inside.seq
            )

    def _refused_inner(self, fact: Fact, person: str, before: Presence) -> None:
        """One item until the person is admitted or an operator resolves it, however often they try."""
        outer = _outer_not_entered(fact, person, before)
        seq, refused_for = self._refused_at.get(person, (None, None))
        if outer is not None and (refused_for != outer or seq not in self._open):
            self._refused_at[person] = fact.seq, outer
            self._keep(fact, MissedTap.INNER_WITHOUT_OUTER, person, outer)

    def _same_passage(self, fact: Fact, entry: Inside) -> bool:
        return entry.seq not in self._opened and fact.utc - entry.since < _SAME_PASSAGE

    def _keep(self, fact: Fact, kind: MissedTap, person: str, area: str, because: int | None = None) -> None:
        """One missed tap out is one item, however often the person tries to enter again."""
        if because is not None and self._because.setdefault(because, fact.seq) != fact.seq:
            return
        refused = fact.type == "access_denied"
        self._open[fact.seq] = Missed(
            seq=fact.seq, kind=kind, person=person, area=area, utc=fact.utc, because=because, refused=refused
        )

    def _close(self, seq: int | None) -> bool:
        found = None if seq is None else self._open.pop(seq, None)
        if found is not None and found.because is not None:
            del self._because[found.because]
        return found is not None

    def _overdue(self, inside: Collection[Inside], closing: datetime) -> list[Missed]:
        return [
            Missed(seq=one.seq, kind=MissedTap.STILL_INSIDE, person=one.person, area=one.area, utc=one.since)
            for one in inside
            if one.since < closing and self._still_inside.get(one.seq, one.since) < closing
        ]


def _outer_not_entered(fact: Fact, person: str, before: Presence) -> str | None:
    """The nearest area around the entered one in which the log does not have the person."""
    if not isinstance(fact.code("area"), str):
        return None
    return next((name for name in _around(fact) if not before.is_in(person, name)), None)


def _around(fact: Fact) -> list[str]:
    within = fact.code("within")
    return within.split(",") if isinstance(within, str) else []
