"""Which erasures that the registry requests the door carries out.

A row of the registry alone erases nobody: the registrar's action must carry it out for exactly these badges,
the log must hold the request, not cancelled, and the door itself must have waited as long as its own
configuration says. Anything else is an alarm: one in ten minutes, however many rows there are.
"""

import logging
import re
from collections.abc import Callable
from datetime import timedelta

from controller.journal import erase
from controller.journal.append import Journal
from controller.model.events import Event, EventType
from controller.model.moment import ClockState, Moment
from controller.model.orders import ActionType, OperatorAction
from controller.model.reasons import ErasureRefusal
from controller.registry.erasures import ErasureRow
from controller.registry.lookup import Lookup

log = logging.getLogger(__name__)

AGAIN_MS = 60_000  # until what the door does not erase now is judged again
ALARM_EVERY_MS = 600_000
_SLACK = timedelta(minutes=1)  # between the clocks of registrar and door
_REFERENCE = re.compile("[0-9a-f]{16}")

_Refusal = tuple[str, int, ErasureRefusal]  # the registry's id, the row's, and why
_Refused = dict[_Refusal, ErasureRow]


class ErasureRequests:
    """For one thread."""

    def __init__(self, erase_after: timedelta, read_key: Callable[[], bytes]) -> None:
        """`read_key` returns the card number key, or raises a GenkanError."""
        self._erase_after = erase_after
        self._read_key = read_key
        self._reported: set[_Refusal] = set()  # of the rows that are there, so of 1,000 at most
        self._next_alarm_ms: int | None = None
        self._judged_version: int | None = None  # what the registry's data_version was
        self._judged_ms = 0

    def due(self, journal: Journal, lookup: Lookup, now: Moment) -> list[ErasureRow]:
        """Only requests from before the last copied operator action: by then every decision that may have
        read the person's data is recorded. Raise a GenkanError where registry or key cannot be read.
        """
        version = lookup.data_version()
        if version == self._judged_version and 0 <= now.mono_ms - self._judged_ms < AGAIN_MS:
            return []
        registry_id = lookup.registry_id
        copied = journal.last_action(registry_id)
        requested = [one for one in lookup.erasures() if not erase.is_recorded(journal, registry_id, one.id)]
        if not requested or now.clock is ClockState.UNTRUSTED:
            return []
        key = self._read_key()
        due = []
        refused: _Refused = {}
        for one in requested:
            if one.actions_before > copied:
                continue
            refusal, is_due = self._judge(journal, one, lookup.action(one.actions_before, key), now)
            if is_due:
                due.append(one)
            if refusal is not None:
                refused[registry_id, one.id, refusal] = one
        self._report(journal, refused, now)
        if not due and all(one.actions_before <= copied for one in requested):
            self._judged_version, self._judged_ms = version, now.mono_ms
        return due

    def _report(self, journal: Journal, refused: _Refused, now: Moment) -> None:
        """Raise one alarm for all that is not reported yet. Later ones wait for the ten minutes to end."""
        self._reported &= refused.keys()
        unreported = [key for key in refused if key not in self._reported]
        if not unreported or (self._next_alarm_ms is not None and now.mono_ms < self._next_alarm_ms):
            return
        first = unreported[0]
        journal.append([_alarm(refused[first], first[2], len(unreported), now)])
        self._reported.update(unreported)
        self._next_alarm_ms = now.mono_ms + ALARM_EVERY_MS

    def _judge(
        self, journal: Journal, one: ErasureRow, action: OperatorAction | None, now: Moment
    ) -> tuple[ErasureRefusal | None, bool]:
        """Why the request is an alarm, if it is one, and whether the person may be erased now."""
        if (
            action is None
            or not action.is_authentic
            or (action.action, action.object_id) != (ActionType.ERASURE_CARRIED_OUT, one.person)
            or (action.after or {}).get("references") != one.references.digest
        ):
            return ErasureRefusal.NOT_CARRIED_OUT, False
        logged = erase.newest_request(journal, one.person)
        if logged is None:
            return ErasureRefusal.NOT_REQUESTED, False
        if logged.is_cancelled:
            return ErasureRefusal.CANCELLED, False
        waited = now.utc - logged.utc
        if logged.boot == now.boot:
            waited = min(waited, timedelta(milliseconds=now.mono_ms - logged.mono_ms))
        was_early = action.utc - logged.requested_utc < self._erase_after - _SLACK
        return ErasureRefusal.TOO_EARLY if was_early else None, waited >= self._erase_after


def _alarm(one: ErasureRow, refusal: ErasureRefusal, count: int, now: Moment) -> Event:
    """One for all `count`, with the first one's reason and person."""
    log.warning("%d requests to erase people from the log are refused: %s", count, refusal.value)
    return Event(
        EventType.ERASURE_REFUSED,
        now,
        reason=refusal.value,
        person=one.person if _REFERENCE.fullmatch(one.person) else None,
        codes={"erasures": count},
    )
