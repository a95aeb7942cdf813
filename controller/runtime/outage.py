"""An outage of the journal: its beginning and cause, what each door does meanwhile, and who is notified.

A door's own policy says whether it refuses entries during an outage or remembers them: it then releases
immediately, holds the entry in memory and records it later with the code `volatile`. It never remembers an
operator's order, nor does it remember entries because a disk is merely slow.
"""

import logging
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from controller.errors import JournalUnavailable
from controller.journal.failures import FailureCause, cause_of, error_code
from controller.journal.reserve import Reserve
from controller.model.events import Event, EventType, Json
from controller.model.moment import Moment
from controller.runtime.grants import PendingGrant
from controller.runtime.limits import USUAL, Limits
from controller.sqlite.wal_locks import blocking_locks, programs_of

log = logging.getLogger(__name__)

QUIET_MS = 60_000
HOLDERS = 5  # of one outage: so many programs have a record that names them
_TEND_MS = 60_000


def _ignore_state(**changes: Any) -> None:
    """Where no page shows the state."""


@dataclass
class _Interruption:
    """The outage that lasts, or one that may not be over yet."""

    began: Moment
    cause: FailureCause
    detail: str | None
    remembered: int = 0
    dropped: int = 0
    kept: int = 0
    ended: Moment | None = None
    holders: set[str] = field(default_factory=set)  # programs that have a record; at most `HOLDERS`
    again: bool = False  # it returned after its end was recorded, so that the last end still needs a record


@dataclass
class Outage:
    """`grant` may be called from any thread, everything else belongs to the record thread.

    `folder` is the journal's folder; `set_state` is `StateFile.set`. A failure within a minute after the end
    belongs to the same outage. Its end is recorded again after a quiet minute, so a flaky disk does not fill
    the log with outages.
    """

    folder: Path
    remember: Collection[str] = ()  # the doors with when_journal_fails = "remember"
    reserve: Reserve | None = None
    set_state: Callable[..., None] = _ignore_state
    limits: Limits = USUAL
    lasts: bool = False
    _now: _Interruption | None = None
    _held: int = 0  # remembered entries without a record yet
    _full: bool = False  # the doors remember no more entries
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _number: int = 0
    _next_ms: int = 0
    _has_no_room: bool = False

    def grant(self, grant: PendingGrant, mono_ms: int) -> bool:
        """Release an entry now if its door remembers entries. False: record it first, or refuse it."""
        now, event = self._now, grant.event
        if not self.lasts or now is None:
            return False
        if event.type is not EventType.ACCESS_GRANTED or event.door not in self.remember:
            return False
        with self._guard:
            lasts_ms = mono_ms - now.began.mono_ms
            self._full = self._held >= self.limits.remember_at_most or lasts_ms > self.limits.remember_ms
            if not self._full:
                self._number -= 1
                if not grant.remember(self._number, mono_ms):
                    return False
                self._held += 1
                now.remembered += 1
        self._publish_state()
        return not self._full

    def written(self) -> None:
        """A remembered entry has its record now."""
        with self._guard:
            self._held -= 1
        self._publish_state()

    def begin(self, error: JournalUnavailable, now: Moment) -> Event | None:
        """The event of a new outage; None while the same outage goes on."""
        if self.lasts:
            return None
        goes_on, cause = self._now is not None, cause_of(error, self.folder)
        detail = self._holder() if cause is FailureCause.LOCKED else None
        if self._now is None:
            self._now = _Interruption(now, cause, detail)
        elif detail is not None:  # another program than before, perhaps
            self._now.cause, self._now.detail = cause, detail
        self._now.ended, self._now.again = None, goes_on
        self.lasts = True
        cause, detail = self._now.cause, self._now.detail
        log.error("journal failing (%s): %s", f"{cause}, held by {detail}" if detail else cause, error)
        self._publish_state()
        if goes_on and not self._is_new_holder(self._now):
            return None
        if detail is not None:
            self._now.holders.add(detail)
        details: dict[str, Json] = {"error": error_code(error), "held_by": detail}
        return journal_failed(now, cause, {name: value for name, value in details.items() if value})

    def _holder(self) -> str | None:
        return programs_of(blocking_locks(self.folder / "journal.db"))

    def _is_new_holder(self, now: _Interruption) -> bool:
        return now.detail is not None and now.detail not in now.holders and len(now.holders) < HOLDERS

    def lost(self, first: int, last: int, now: Moment) -> Event:
        """The disk lost acknowledged records; the log goes on from what the disk has."""
        log.error("the disk lost records %d to %d, which it had acknowledged; replace it", first, last)
        if self._now is None:
            self._now = _Interruption(now, FailureCause.LOST_RECORDS, None)
        self._now.cause, self.lasts = FailureCause.LOST_RECORDS, True
        self._publish_state()
        return journal_failed(now, FailureCause.LOST_RECORDS, {}, {"first": first, "last": last})

    def drop(self) -> None:
        """An event was dropped, because memory is limited."""
        if self._now is not None:
            self._now.dropped += 1

    def end(self, now: Moment, kept: int) -> Event | None:
        """The journal can be written again; `kept` events waited for it. Return the event to record now, if
        any.
        """
        was = self._now
        assert was is not None  # noqa: S101 - an end has a beginning
        was.kept, was.ended = max(kept, was.kept), now
        self.lasts = self._full = False
        log.warning("journal can be written again; %d events were dropped meanwhile", was.dropped)
        self._publish_state()
        return None if was.again else _recovered(was, now)

    def tend(self, now: Moment) -> Event | None:
        """In idle time: end an outage after its quiet minute, and refill the reserve once the disk has
        room.
        """
        was, event = self._now, None
        if was is not None and was.ended is not None and now.mono_ms - was.ended.mono_ms >= QUIET_MS:
            event = _recovered(was, was.ended) if was.again else None
            self._now = None
        if self.reserve is not None and now.mono_ms >= self._next_ms:
            self._next_ms = now.mono_ms + _TEND_MS
            there = self.reserve.make() or self.reserve.has_room()
            missing = "released" if self.reserve.was_released else "none"
            self.set_state(reserve="ok" if there else missing)
            return event or self._reserve_failed(now, has_room=there or self.reserve.was_released)
        return event

    def _reserve_failed(self, now: Moment, has_room: bool) -> Event | None:
        """Once for each door process that finds no room, and for each damaged reserve."""
        assert self.reserve is not None  # noqa: S101 - `tend` has checked it
        cause = "damaged" if self.reserve.was_damaged else None
        if not has_room and not self._has_no_room:
            cause = cause or "no_room"
        self._has_no_room, self.reserve.was_damaged = not has_room, False
        return None if cause is None else Event(EventType.RESERVE_FAILED, now, codes={"cause": cause})

    def makes_room(self, error: JournalUnavailable, now: Moment) -> Event | None:
        """On a full disk, release the reserve. None if the disk is not full or there is no reserve."""
        if self.lasts or cause_of(error, self.folder) is not FailureCause.DISK_FULL:
            return None
        if self.reserve is None or not self.reserve.release():
            return None
        log.error("the disk is full; the reserve is released, free some space now")
        self.set_state(reserve="released")
        self._next_ms = now.mono_ms + _TEND_MS
        return Event(EventType.RESERVE_RELEASED, now)

    def _publish_state(self) -> None:
        now = self._now if self.lasts else None
        how = "ok" if now is None else "remembering" if self.remember and not self._full else "failing"
        self.set_state(
            journal=how,
            journal_since=None if now is None else now.began.utc,
            journal_cause=None if now is None else now.cause.value,
            journal_detail=None if now is None else now.detail,
            remembered=self._held,
        )


def _recovered(was: _Interruption, now: Moment) -> Event:
    codes: dict[str, str | int] = {
        "failed_ms": now.mono_ms - was.began.mono_ms,
        "kept": was.kept,
        "dropped": was.dropped,
        "remembered": was.remembered,
    }
    return Event(EventType.JOURNAL_RECOVERED, now, codes=codes)


def journal_failed(
    now: Moment, cause: FailureCause, details: dict[str, Json], codes: dict[str, str | int] | None = None
) -> Event:
    return Event(EventType.JOURNAL_FAILED, now, codes={"cause": cause.value} | (codes or {}), details=details)
