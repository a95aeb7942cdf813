"""Raises an alarm when another program holds the journal: within a second, also where nobody taps.

A thread of its own, because the recording thread waits for the very lock. The state file and so the pages
show the program while no record can be written.
"""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from controller.journal.held import Held, HeldBy, held_now
from controller.model.events import Event, EventType, Json
from controller.model.moment import Moment
from controller.runtime.limits import USUAL, Limits

POLL_S = 0.25
_POLLS = 3  # a reader or checkpoint of ours may hold such a lock for a moment


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
        self._held: Held | None = None  # what the alarm is about
        self._since: Moment | None = None
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

    def _began(self, held: Held) -> None:
        now, programs = self._now(), held.programs
        self._held, self._since = held, now
        self._set_state(held=held.by.value, held_by=programs, held_since=now.utc)
        if held.by is HeldBy.LOCK:
            self._fail()
            return
        details: dict[str, Json] = {} if programs is None else {"held_by": programs}
        self._record(Event(EventType.JOURNAL_HELD, now, details=details))

    def _ended(self, held: Held) -> None:
        since, self._held = self._since, None
        self._set_state(held="ok", held_by=None, held_since=None)
        if held.by is HeldBy.READING and since is not None:
            now = self._now()
            codes = {"held_ms": now.mono_ms - since.mono_ms}
            self._record(Event(EventType.JOURNAL_RELEASED, now, codes=codes))


def _common(one: Held, other: Held) -> Held | None:
    """What both hold; None if they are not the same programs."""
    locks = one.locks & other.locks
    return Held(other.by, locks) if locks and one.by is other.by else None
