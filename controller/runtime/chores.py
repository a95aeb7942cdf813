"""Idle work of the record thread: one step at a time, each chore in its turn."""

from collections import deque
from collections.abc import Callable, Sequence

from controller.journal.append import Journal

_AGAIN_MS = 60_000  # after a failure: what this chore needs may be broken while everything else works
_ROUND_MS = 500  # interval of the idle chores, even while one of them has more to do

# Does one short step of its work; returns True if it may continue immediately.
Chore = Callable[[Journal], bool]


class Chores:
    """`wake` may be called from any thread, everything else belongs to the record thread."""

    def __init__(self, woken: Sequence[Chore], idle: Sequence[Chore], now_ms: Callable[[], int]) -> None:
        """`woken` chores run after `wake`, `idle` ones twice a second while no record waits."""
        self._woken = tuple(woken)
        self._idle = tuple(idle)
        self._now_ms = now_ms
        self._due: deque[Chore] = deque(self._woken)
        self._barred: dict[Chore, int] = {}  # until when a failed chore is skipped
        self._at_work: Chore | None = None
        self._woke = False
        self._next_round_ms = 0

    @property
    def are_due(self) -> bool:
        return bool(self._due)

    @property
    def is_round_due(self) -> bool:
        """Whether the idle chores should start again although some still have work."""
        return self._now_ms() >= self._next_round_ms

    def wake(self) -> None:
        self._woke = True

    def add_woken(self) -> None:
        if self._woke:
            self._woke = False
            self._due.extend(chore for chore in self._woken if chore not in self._due)

    def idle(self) -> None:
        """Give all idle chores their turns from now on."""
        self._next_round_ms = self._now_ms() + _ROUND_MS
        self._due.extend(chore for chore in self._idle if chore not in self._due)

    def step(self, journal: Journal, stopping: bool) -> None:
        """Run the next due chore. Before the service ends only woken chores are worth it."""
        chore = self._due.popleft()
        if stopping and chore not in self._woken:
            return
        if self._barred.get(chore, 0) > self._now_ms():
            return
        self._at_work = chore
        if chore(journal):
            self._due.append(chore)
        self._at_work = None

    def failed(self) -> None:
        """The journal failed, perhaps during a chore."""
        self._woke = True
        if self._at_work is not None:
            self._barred[self._at_work] = self._now_ms() + _AGAIN_MS
            self._at_work = None
