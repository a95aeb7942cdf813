"""Items that wait to be recorded, in order of arrival, and which of them stay while the journal fails."""

import contextlib
import queue
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from controller.model.events import Event
from controller.model.moment import Moment
from controller.runtime.grants import Fate, PendingGrant
from controller.runtime.outage import Outage
from controller.runtime.record_item import OrderItem, RecordItem, event_of, is_follower, is_site_event

KEEP = 10_000  # events held while the journal fails; beyond it the oldest are dropped and counted
_IDLE_S = 0.5


class Backlog:
    """`add` may be called from any thread, everything else belongs to the record thread."""

    def __init__(self, outage: Outage, now_ms: Callable[[], int], hold_ms: int = 0) -> None:
        """`hold_ms`: how long a follower (`item.is_follower`) waits for others to share its sync."""
        self._outage = outage
        self._now_ms = now_ms
        self._hold_ms = hold_ms
        self._inbox: queue.SimpleQueue[RecordItem | None] = queue.SimpleQueue()
        self._kept: deque[RecordItem] = deque()  # written before the inbox

    def __len__(self) -> int:
        """The kept items, without those still in the inbox."""
        return len(self._kept)

    def add(self, item: RecordItem | None) -> None:
        """Never blocks. None only wakes the thread that waits in `batch`."""
        self._inbox.put(item)

    @property
    def is_empty(self) -> bool:
        return not self._kept and self._inbox.empty()

    @property
    def is_busy(self) -> bool:
        """Whether `batch` has something to return now; held followers alone do not count."""
        return not self._inbox.empty() or self._is_due(KEEP, hold=True)

    def count_site_events(self, batch: Sequence[RecordItem]) -> int:
        """How many events wait, `batch` included, without the journal's own."""
        return sum(is_site_event(item) for item in (*batch, *self._kept))

    def batch(self, most: int, wait: bool, hold: bool = True) -> list[RecordItem]:
        """The items to write next. Empty after a timeout, or immediately without `wait`.

        Followers alone stay here until the oldest has waited `hold_ms`; any other item takes them along.
        """
        woken = self._receive()
        while wait and not woken and not self._is_due(most, hold):
            try:
                item = self._inbox.get(timeout=self._wait_s())
            except queue.Empty:
                break
            self._accept(item)
            woken = self._receive() or item is None
        return self._next(most) if self._is_due(most, hold) else []

    def _receive(self) -> bool:
        """Move the inbox into the queue. True if one entry was only a wake-up."""
        woken = False
        with contextlib.suppress(queue.Empty):
            while True:
                item = self._inbox.get_nowait()
                self._accept(item)
                woken |= item is None
        return woken

    def _accept(self, item: RecordItem | None) -> None:
        if item is not None:
            self._kept.append(item)

    def _is_due(self, most: int, hold: bool) -> bool:
        """Whether something must be written now.

        Followers leave room for one more item in the batch, so that a grant never waits for a batch of them.
        """
        if not self._kept:
            return False
        if not hold or self._hold_ms == 0 or self._outage.lasts or len(self._kept) >= most - 1:
            return True
        return self._hold_left_ms() <= 0 or not all(map(is_follower, self._kept))

    def _hold_left_ms(self) -> int:
        return event_of(self._kept[0]).at.mono_ms + self._hold_ms - self._now_ms()

    def _wait_s(self) -> float:
        return min(_IDLE_S, max(0, self._hold_left_ms()) / 1000) if self._kept else _IDLE_S

    def _next(self, most: int) -> list[RecordItem]:
        batch: list[RecordItem] = []
        unnumbered: set[int] = (
            set()
        )  # remembered grants of this batch: their outcomes wait for the next batch
        while self._kept and len(batch) < most:
            item = self._kept.popleft()
            if isinstance(item, PendingGrant):
                if item.fate is Fate.REFUSED:
                    continue  # the person is refused, and the log has its own record of that
                if item.fate is Fate.REMEMBERED and item.number is not None:
                    unnumbered.add(item.number)
            elif isinstance(item, Event) and item.codes.get("of") in unnumbered:
                self._kept.appendleft(item)
                break
            batch.append(item)
        return batch

    def requeue(self, items: Iterable[RecordItem]) -> None:
        """Write these items before everything else."""
        self._kept.extendleft(reversed(list(items)))

    def judge_again(self, judge: Callable[[Moment], Moment]) -> None:
        """Judge the moment of every waiting event again: the log says what the clock had reached before."""
        self._receive()
        self._kept = deque(
            replace(item, at=judge(item.at)) if isinstance(item, Event) else item for item in self._kept
        )

    def settle_grants(self, batch: Sequence[RecordItem]) -> None:
        """The journal fails: admit or refuse every waiting person now, and keep other events within
        bounds.
        """
        for item in batch:
            self._give_up(item)
        with contextlib.suppress(queue.Empty):
            while True:
                waiting = self._inbox.get_nowait()
                if waiting is not None and self._give_up(waiting):
                    self._kept.append(waiting)
        if len(self._kept) > KEEP:
            self._drop(len(self._kept) - KEEP)

    def insert(self, event: Event | None) -> None:
        """Queue an event of the journal itself, after all events that happened before it."""
        if event is None:
            return
        later: list[RecordItem] = []
        while self._kept and event_of(self._kept[-1]).at.mono_ms > event.at.mono_ms:
            later.append(self._kept.pop())
        self._kept.append(event)
        self._kept.extend(reversed(later))

    def _give_up(self, item: RecordItem) -> bool:
        """Settle a grant. Return whether the item must still be recorded."""
        if isinstance(item, PendingGrant):
            if item.fate is Fate.PENDING and not self._outage.grant(item, self._now_ms()):
                item.refuse()
            return item.fate is Fate.REMEMBERED
        if isinstance(item, OrderItem):
            item.pending.refuse()
            return False
        return True

    def _drop(self, count: int) -> None:
        """Drop the oldest events, but never a released entry or an event of the journal itself."""
        kept: deque[RecordItem] = deque()
        for item in self._kept:
            if count and isinstance(item, Event) and is_site_event(item):
                count -= 1
                self._outage.drop()
            else:
                kept.append(item)
        self._kept = kept
