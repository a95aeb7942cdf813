"""A door whose time advances only when the test turns it: no thread of its own, no waiting.

`StepClock` is the clock of the site and its door. `Turns` replaces the start of the door's threads and runs
the same turns of the same workers, one after the other, in the test's own thread: everything possible now
runs before time passes, and time passes in the steps in which the door reads the clock.
"""

import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, cast

import controller.journal.seal  # noqa: F401 - a door imports it in its first idle moment; here no time passes for it
from controller.journal.state import StateFile
from controller.model.moment import Moment
from controller.runtime.clock import Clock
from controller.runtime.decide import TICK_MS, Decide
from controller.runtime.drive import Drive
from controller.runtime.journal_watch import JournalWatch
from controller.runtime.last_good import LastGood
from controller.runtime.presence_reader import PresenceReader
from controller.runtime.recorder import Recorder
from controller.runtime.supervision import Supervision, Worker
from controller.services.site import Site
from tests.sample_site import NOW

RECORD_POLL_MS = 500  # how often the recorder thread wakes at rest, and reads a failed log again
COPY_POLL_MS = 1000  # how often the door checks whether to copy the registry
_NEVER_AT_REST = 10_000


class StepClock:
    """Both clocks of the machine; they go on by `pass_time` alone."""

    def __init__(self, began: Moment = NOW) -> None:
        self._began = began
        self._passed_ms = 0
        self._clock = self.clock(knows_newest=True)

    def mono_ms(self) -> int:
        return self._began.mono_ms + self._passed_ms

    def wall(self) -> datetime:
        return self._began.utc + timedelta(milliseconds=self._passed_ms)

    def now(self) -> Moment:
        """As an operator's clock shows it."""
        return self._clock.now()

    def clock(self, knows_newest: bool = False) -> Clock:
        return Clock(
            read_synchronised=lambda: True, wall=self.wall, knows_newest=knows_newest, mono_ms=self.mono_ms
        )

    def pass_time(self, ms: int) -> None:
        self._passed_ms += ms


def step_clock(site: Site) -> StepClock | None:
    """The clock that `site` was opened with, if it is a stepped one."""
    clock = getattr(site.now, "__self__", None)
    return clock if isinstance(clock, StepClock) else None


class Turns(Supervision):
    """Supervision without threads; `until` of `tests.waiting` turns it."""

    def __init__(self, workers: Mapping[str, Worker], proofs: Collection[str]) -> None:
        super().__init__(workers, proofs)
        self.decide = cast(Decide, workers["decide"])
        self.drive = cast(Drive, workers["drive"])
        self.record = cast(Recorder, workers["record"])
        self.presence = cast(PresenceReader, workers["presence"])
        self.last_good = cast(LastGood, workers["last_good"])
        self.state = cast(StateFile, workers["state"])
        self.journal_watch = cast(JournalWatch, workers["journal_watch"])  # turned by the tests that need it
        self.clock = StepClock()  # the door's own takes its place
        self._ended: set[str] = set()  # and those that hang
        self._next_record_ms = self._next_copy_ms = 0

    def start(self, *names: str) -> None:
        """In the steps of the door: its exits, its log, and then all other workers."""
        if "record" in names:
            while self.drive.has_signals:
                self.drive.turn(0)
            self.record.turn(wait=False)
        if "decide" not in names:
            return
        self.decide.begin()
        self.last_good.begin()
        self.state.begin()
        self._poll_time()
        self.settle()

    def monotonic(self) -> float:
        return self.clock.mono_ms() / 1000

    def turn(self) -> None:
        """All that can be done now; then the next step of time."""
        if not self.settle():
            self.clock.pass_time(TICK_MS)
            self._poll_time()

    def pass_time(self, ms: int) -> None:
        """So much time, in steps."""
        self.settle()
        while ms > 0:
            self.clock.pass_time(min(TICK_MS, ms))
            ms -= TICK_MS
            self._poll_time()
            self.settle()

    def settle(self) -> bool:
        """Whether there was anything to do."""
        for rounds in range(_NEVER_AT_REST):
            busy = False
            for has_work, take_turn in self._queues():
                while has_work():
                    busy = True
                    take_turn()
            if not busy:
                return rounds > 0
        raise AssertionError("the door never comes to rest")

    @contextlib.contextmanager
    def hanging(self, *names: str) -> Iterator[None]:
        """Meanwhile these workers take no turn, as if their disk or a lock held them."""
        self._ended.update(names)
        try:
            yield
        finally:
            self._ended.difference_update(names)

    def _queues(self) -> list[tuple[Callable[[], bool], Callable[[], Any]]]:
        queues = {
            "drive": (lambda: self.drive.has_signals, lambda: self.drive.turn(0)),
            "decide": (lambda: self.decide.has_signals, lambda: self.decide.turn(0)),
            "record": (lambda: self.record.is_busy, lambda: self.record.turn(wait=False)),
            "presence": (lambda: self.presence.is_busy, lambda: self.presence.turn(wait=False)),
            "state": (lambda: self.state.is_unwritten, self.state.turn),
        }
        return [queue for name, queue in queues.items() if name not in self._ended]

    def _poll_time(self) -> None:
        now = self.clock.mono_ms()
        if "drive" not in self._ended:
            self.drive.turn(0)
        if "decide" not in self._ended:
            self.decide.turn(0)
        if now >= self._next_record_ms and "record" not in self._ended:
            self._next_record_ms = now + RECORD_POLL_MS
            self.record.turn(wait=False)
            if "presence" not in self._ended:
                self.presence.turn(wait=False)
        if now >= self._next_copy_ms and "last_good" not in self._ended:
            self._next_copy_ms = now + COPY_POLL_MS
            self.last_good.turn()

    def stop(self, *names: str, seconds: float) -> None:
        """As the threads end: what waits for them is done first."""
        self.settle()
        for name in names:
            self._ended.add(name)
            self._workers[name].stop()
            if name == "record":
                while self.record.turn(wait=False):
                    pass
                continue
            if name == "journal_watch":
                continue
            if name == "state" and self.state.is_unwritten:
                self.state.turn()
            cast(Any, self._workers[name]).end()
