"""Present presence and missed taps, folded from the log; the fold stays in memory between requests.

It already includes operator actions that the door has not copied into the log yet, so that an item an
operator has just resolved does not reappear on the page.
"""

import threading
from collections.abc import Collection
from dataclasses import dataclass
from datetime import time, tzinfo

from controller.decision.first_last import AreaDay, FirstLast
from controller.decision.missed_taps import MissedTaps
from controller.decision.presence import Fact, Presence
from controller.journal.facts import facts_after, last_action, leaf
from controller.journal.query import JournalReader
from controller.model.fact import correction_codes
from controller.model.orders import ActionType, OperatorAction
from controller.registry import actions
from controller.registry.database import Registry

_ABOUT_PRESENCE = frozenset({ActionType.PRESENCE_CORRECTED, ActionType.FORGIVEN, ActionType.AREA_EMPTIED})
_ACTIONS_AT_MOST = 1000


@dataclass(frozen=True)
class PresenceState:
    """A copy that belongs to the caller; nobody else changes it."""

    presence: Presence
    missed: MissedTaps
    days: Collection[AreaDay]


class PresenceLog:
    """Safe to share between threads."""

    def __init__(self, journal: JournalReader, registry: Registry, time_zone: tzinfo, day_ends: time) -> None:
        self._time_zone, self._day_ends = time_zone, day_ends
        self._days = FirstLast(time_zone, day_ends)
        self._journal = journal
        self._registry = registry
        self._guard = threading.Lock()
        self._presence = Presence()
        self._missed = MissedTaps()
        self._seq = 0
        self._leaf: bytes | None = None

    def now(self) -> PresenceState:
        """The first call reads the whole log: some seconds for a million records."""
        registry_id = self._registry.id()
        with self._guard:
            copied = self._read(registry_id)
            state = PresenceState(self._presence.copy(), self._missed.copy(), self._days.days())
        with self._registry.read() as db:
            waiting = actions.actions_after(db, copied, _ACTIONS_AT_MOST)
        for place, action in enumerate(row for row in waiting if row.action in _ABOUT_PRESENCE):
            fact = _fact(self._seq + 1 + place, action)
            state.missed.apply(fact, state.presence)
            state.presence.apply(fact)
        return state

    def _read(self, registry_id: str) -> int:
        """Read to the end of the log; return the newest operator action that the log contains."""
        while True:
            with self._journal.snapshot() as connection:
                if leaf(connection, self._seq) != self._leaf:  # restored, or the disk lost its end
                    self._presence, self._missed, self._seq, self._leaf = Presence(), MissedTaps(), 0, None
                    self._days = FirstLast(self._time_zone, self._day_ends)
                facts, last = facts_after(connection, self._seq, openings=True)
                if last == self._seq:
                    return last_action(connection, registry_id)
                for fact in facts:
                    self._missed.apply(fact, self._presence)
                    self._presence.apply(fact)
                    self._days.apply(fact)
                self._seq, self._leaf = last, leaf(connection, last)


def _fact(seq: int, action: OperatorAction) -> Fact:
    codes: dict[str, str | int] = {"action": action.action, **correction_codes(action.after)}
    if action.object_type is not None and action.object_id is not None:
        codes |= {"object_type": action.object_type, "object_id": action.object_id}
    return Fact(seq=seq, type="operator_action", utc=action.utc, boot="", mono_ms=0, codes=codes)
