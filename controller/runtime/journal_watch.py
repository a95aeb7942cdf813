"""Raises an alarm when another program holds the journal: within a second, also where nobody taps.

A thread of its own, because the recording thread waits for the very lock. The state file and so the pages
show the program while no record can be written.

A program that reads again within a minute after its end continues the same hold, as a failure continues an
outage (`Outage`): it cannot fill the log with alarms.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from controller.journal.held import Held, HeldBy, held_now
from controller.model.events import Event, EventType, Json
from controller.model.moment import Moment
from controller.runtime.limits import USUAL, Limits
from controller.runtime.outage import HOLDERS, QUIET_MS

POLL_S = 0.25
_POLLS = 3  # a reader or checkpoint of ours may hold such a lock for a moment


@dataclass
class _Reading:
    """A hold of readers that lasts, or that may not be over yet."""

    began: Moment
    programs: set[str | None] = field(default_factory=set)  # with a record that names them; at most `HOLDERS`
    ended: Moment | None = None
    is_repeated: bool = False  # it returned after its end was recorded, so that the last end needs a record


class JournalWatch:
    def __init__(
        self,
        file: Path,
        fail: Callable[[], None],
        record: Callable[[Event], None],
        set_state: Callable[..., Any],
        now: Callable[[], Moment],
        limits: Limits = USUAL,
    ) -> None:
        """`fail` begins an outage of the journal: `Recorder.fail`; `set_state` is `StateFile.set`."""
        self._file = file
        self._fail, self._record, self._set_state, self._now = fail, record, set_state, now
        self._wal_at_most = limits.wal_at_most_bytes
        self._found: Held | None = None  # what every poll since the first of them has found
        self._polls = 0
        self._held: Held | None = None  # what the pages show
        self._reading: _Reading | None = None
        self._pause = threading.Event()
        self.beat = 0

    def run(self) -> None:
        """The thread's body."""
        while not self._pause.wait(POLL_S):
            self.turn()

    def stop(self) -> None:
        self._pause.set()

    def turn(self) -> None:
        self.beat += 1
        found = held_now(self._file, self._wal_at_most)
        before = self._found
        both = None if found is None or before is None else _common(before, found)
        self._found, self._polls = (found, 1) if both is None else (both, self._polls + 1)
        if self._held is not None and (found is None or _common(self._held, found) is None):
            self._ended(self._held)
        if self._held is None and self._found is not None and self._polls >= _POLLS:
            self._began(self._found)
        self._end_quiet_minute()

    def _began(self, held: Held) -> None:
        now, programs = self._now(), held.programs
        self._held = held
        self._set_state(journal_held=held.by.value, held_by=programs, held_since=now.utc)
        if held.by is HeldBy.LOCK:
            self._fail()
            return
        reading = self._reading = self._reading or _Reading(now)
        reading.is_repeated, reading.ended = reading.ended is not None, None
        if programs in reading.programs or len(reading.programs) == HOLDERS:
            return
        reading.programs.add(programs)
        details: dict[str, Json] = {} if programs is None else {"held_by": programs}
        self._record(Event(EventType.JOURNAL_HELD, now, details=details))

    def _ended(self, held: Held) -> None:
        self._held = None
        self._set_state(journal_held="ok", held_by=None, held_since=None)
        if held.by is HeldBy.READING and self._reading is not None:
            self._reading.ended = self._now()
            if not self._reading.is_repeated:
                self._record(_released(self._reading, self._reading.ended))

    def _end_quiet_minute(self) -> None:
        reading = self._reading
        if reading is None or reading.ended is None:
            return
        if self._now().mono_ms - reading.ended.mono_ms >= QUIET_MS:
            self._reading = None
            if reading.is_repeated:
                self._record(_released(reading, reading.ended))


def _released(reading: _Reading, ended: Moment) -> Event:
    codes: dict[str, str | int] = {"held_ms": ended.mono_ms - reading.began.mono_ms}
    return Event(EventType.JOURNAL_RELEASED, ended, codes=codes)


def _common(one: Held, other: Held) -> Held | None:
    """The locks of `other` whose programs are also among those of `one`. A program may hold other bytes at
    each poll.
    """
    programs = {lock.process for lock in one.locks}
    locks = frozenset(lock for lock in other.locks if lock.process in programs)
    return Held(other.by, locks) if locks and one.by is other.by else None
