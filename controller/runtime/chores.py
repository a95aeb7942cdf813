"""What the record thread does when nothing waits to be written: a step at a time, each by its own right."""

from collections import deque
from collections.abc import Callable, Sequence

from controller.journal.append import Journal

_AGAIN_MS = 60_000  # after one that failed: what it needs may be broken while the rest is not
_ROUND_MS = 500  # the idle chores begin again so often, also while one of them has more to do

# Does one short step of its work; returns True when there may be more to do at once.
Chore = Callable[[Journal], bool]


class Chores:
    """`wake` may be called from any thread, everything else belongs to the record thread."""

    def __init__(self, woken: Sequence[Chore], idle: Sequence[Chore], now_ms: Callable[[], int]) -> None:
        """`woken` chores are looked at after `wake`; `idle` ones twice a second as well."""
        self._woken = tuple(woken)
        self._idle = tuple(idle)
        self._now_ms = now_ms
        self._due: deque[Chore] = deque(self._woken)
        self._barred: dict[Chore, int] = {}  # until when a chore that failed is left alone
        self._at_work: Chore | None = None
        self._woke = False
        self._next_round_ms = 0

    @property
    def are_due(self) -> bool:
        return bool(self._due)

    @property
    def is_round_due(self) -> bool:
        """Whether the idle chores should begin again although some are at work still."""
        return self._now_ms() >= self._next_round_ms

    def wake(self) -> None:
        self._woke = True

    def add_woken(self) -> None:
        if self._woke:
            self._woke = False
            self._due.extend(chore for chore in self._woken if chore not in self._due)

    def idle(self) -> None:
        """All idle chores take their turns from now on."""
        self._next_round_ms = self._now_ms() + _ROUND_MS
        self._due.extend(chore for chore in self._idle if chore not in self._due)

    def step(self, journal: Journal, stopping: bool) -> None:
        """The next that is due. Before the service ends only those that can be woken are worth it."""
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
        """The journal failed, perhaps in the midst of one."""
        self._woke = True
        if self._at_work is not None:
            self._barred[self._at_work] = self._now_ms() + _AGAIN_MS
            self._at_work = None
