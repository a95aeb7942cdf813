"""Rows of operators' actions that the registrar has not written, as one record in ten minutes.

A program that adds a million rows then fills neither the log nor the list of alarms. Belongs to the record
thread.
"""

from collections.abc import Mapping, Sequence

from controller.model.events import Event, EventType
from controller.model.moment import Moment

_EVERY_MS = 600_000
_NO_CODES: Mapping[str, int] = {}


class ForgedActions:
    """A count that has no record yet is in memory alone: a restart loses it, but never a first alarm."""

    def __init__(self, codes: Mapping[str, int] = _NO_CODES) -> None:
        """`codes`: further fields of the record."""
        self._codes = codes
        self._unrecorded: list[int] = []  # the first and the last id
        self._count = 0
        self._not_before_ms = 0

    def event(self, ids: Sequence[int], now: Moment) -> Event | None:
        """One for these rows and all that have no record yet; None until it is time for the next."""
        found = [*self._unrecorded, *ids]
        if not found or now.mono_ms < self._not_before_ms:
            return None
        codes: dict[str, str | int] = {
            "action_id": min(found),
            "count": self._count + len(ids),
            **self._codes,
        }
        if codes["count"] != 1:
            codes["last_action_id"] = max(found)
        return Event(EventType.ACTION_FORGED, now, codes=codes)

    def settle(self, ids: Sequence[int], event: Event | None) -> None:
        """The journal has these rows behind it, and `event` if there was one."""
        if event is not None:
            self._unrecorded, self._count = [], 0
            self._not_before_ms = event.at.mono_ms + _EVERY_MS
        elif ids:
            found = [*self._unrecorded, *ids]
            self._unrecorded, self._count = [min(found), max(found)], self._count + len(ids)
