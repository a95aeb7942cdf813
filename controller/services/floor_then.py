"""The floor as it was: who was inside and what was locked down, by the log up to a record or a moment."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from controller.decision.presence import Presence
from controller.journal.facts import facts_after
from controller.journal.query import LogEntry, LogFilter
from controller.model.events import EventType, Section
from controller.model.fact import Fact
from controller.model.moment import ClockState
from controller.model.orders import ActionType
from controller.services.house import House

_STEP = 1000
_ACTIONS = LogFilter(sections=frozenset({Section.OPERATOR}))


@dataclass(frozen=True)
class FloorThen:
    """`newest` is the last record that says who is where; None where there is none."""

    presence: Presence
    newest: Fact | None


def now(house: House) -> FloorThen:
    return _folded(house, lambda fact: True)


def before_record(house: House, seq: int) -> FloorThen:
    return _folded(house, lambda fact: fact.seq < seq)


def before_moment(house: House, utc: datetime) -> FloorThen:
    """A time nobody could trust ends nothing: what comes after it may well be earlier."""
    return _folded(house, lambda fact: fact.utc < utc or fact.code("clock") == ClockState.UNTRUSTED)


def lockdowns_before(house: House, counts: Callable[[LogEntry], bool]) -> frozenset[str]:
    """Areas, or the site, locked down by the last of the records that count."""
    areas = set[str]()
    after = 0
    while found := house.journal.after(_ACTIONS, after, _STEP):
        for entry in found:
            if not counts(entry):
                return frozenset(areas)
            area, action = entry.codes.get("object_id"), entry.codes.get("action")
            if entry.type != EventType.OPERATOR_ACTION or not isinstance(area, str):
                continue
            if action == ActionType.LOCKDOWN_BEGUN:
                areas.add(area)
            elif action == ActionType.LOCKDOWN_ENDED:
                areas.discard(area)
        after = found[-1].seq
    return frozenset(areas)


def _folded(house: House, counts: Callable[[Fact], bool]) -> FloorThen:
    presence = Presence()
    newest: Fact | None = None
    last = 0
    while True:
        with house.journal.snapshot() as connection:  # short ones: the door wants to reuse its WAL
            facts, upto = facts_after(connection, last)
        for fact in facts:
            if not counts(fact):
                return FloorThen(presence, newest)
            presence.apply(fact)
            newest = fact
        if upto == last:
            return FloorThen(presence, newest)
        last = upto
