"""Where the log shows that somebody went through without tapping, and no operator has dealt with it yet.

A fold beside presence, told each record before presence is. Nothing is corrected by it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from controller.decision.presence import Fact, Inside, Presence
from controller.model.fact import NOT_THROUGH
from controller.model.reasons import MissedTap

_SAME_PASSAGE = timedelta(minutes=1)  # whoever taps twice at a door goes through once


@dataclass(frozen=True)
class Missed:
    """Seen by record `seq`; `because` is the earlier entry that it does not go with."""

    seq: int
    kind: MissedTap
    person: str
    area: str
    utc: datetime
    because: int | None = None


class MissedTaps:
    def __init__(self) -> None:
        self._open: dict[int, Missed] = {}
        self._left: dict[str, datetime] = {}  # by person
        self._still_inside: dict[int, datetime] = {}  # by entry: when an operator said that it is so

    def copy(self) -> "MissedTaps":
        twin = MissedTaps()
        twin._open = dict(self._open)
        twin._left = dict(self._left)
        twin._still_inside = dict(self._still_inside)
        return twin

    def open(self, presence: Presence, closing: datetime) -> list[Missed]:
        """Newest first. Whoever came in before `closing` and is still inside is one of them."""
        inside = [one for area in presence.areas() for one in presence.inside(area)]
        return sorted(
            [*self._open.values(), *self._overdue(inside, closing)],
            key=lambda missed: missed.seq,
            reverse=True,
        )

    def apply(self, fact: Fact, before: Presence) -> None:
        match fact.type, fact.code("action"):
            case "access_granted", _ if fact.person is not None:
                self._granted(fact, fact.person, before.where(fact.person))
            case "access_outcome", _ if fact.result in NOT_THROUGH:
                of = fact.code("of")
                gone = [seq for seq, one in self._open.items() if of in (seq, one.because)]
                for seq in gone:
                    del self._open[seq]
            case "operator_action", "presence_corrected":
                resolved = fact.code("resolves")
                if isinstance(resolved, int) and self._open.pop(resolved, None) is None:
                    self._still_inside[resolved] = fact.utc

    def _granted(self, fact: Fact, person: str, inside: Inside | None) -> None:
        area, left = fact.code("area"), fact.code("left")
        if isinstance(left, str):
            again = fact.utc - self._left.get(person, fact.utc - 2 * _SAME_PASSAGE) < _SAME_PASSAGE
            if (inside is None or inside.area != left) and not again:
                self._keep(fact, MissedTap.OUT_WITHOUT_IN, person, left)
            if fact.direction == "out":
                self._left[person] = fact.utc
        elif (
            isinstance(area, str)
            and inside is not None
            and (inside.area != area or fact.utc - inside.since >= _SAME_PASSAGE)
        ):
            self._keep(fact, MissedTap.IN_WITHOUT_OUT, person, inside.area, inside.seq)

    def _keep(self, fact: Fact, kind: MissedTap, person: str, area: str, because: int | None = None) -> None:
        self._open[fact.seq] = Missed(fact.seq, kind, person, area, fact.utc, because)

    def _overdue(self, inside: Collection[Inside], closing: datetime) -> list[Missed]:
        return [
            Missed(one.seq, MissedTap.STILL_INSIDE, one.person, one.area, one.since)
            for one in inside
            if one.since < closing and self._still_inside.get(one.seq, one.since) < closing
        ]
