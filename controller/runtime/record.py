"""The record thread: the only one that touches the journal.

What waits is written in one transaction with one sync, in the order it was told. Chores (copying operators'
actions, erasing, removing old months …) are done a step at a time and only when nothing waits. A grant is
released from here, by queueing, once its commit has returned.
"""

import logging
import queue
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from controller.errors import JournalUnavailable
from controller.journal.append import Journal
from controller.model.events import Event, EventType, Outcome
from controller.model.moment import Moment
from controller.runtime.grants import PendingGrant
from controller.runtime.sealing import Sealer

log = logging.getLogger(__name__)

BATCH = 256
KEEP = 10_000  # events held while the journal fails; beyond it the oldest go, counted in the service log
_IDLE_S = 0.5
_RETRY_S = 0.5

# Does one short step of its work; returns True when there may be more to do at once.
Chore = Callable[[Journal], bool]


@dataclass(frozen=True)
class _Order:
    registry_id: str
    order_id: int
    pending: PendingGrant


_Item = Event | PendingGrant | _Order


class Record:
    def __init__(
        self,
        journal: Journal,
        woken: Sequence[Chore],
        idle: Sequence[Chore],
        now: Callable[[], Moment],
        now_ms: Callable[[], int],
        sealer: Sealer | None = None,
    ) -> None:
        """`woken` chores are looked at after `wake`; `idle` ones twice a second as well.

        Without a `sealer` the log is not signed.
        """
        self._journal = journal
        self._woken = tuple(woken)
        self._idle: tuple[Chore, ...] = tuple(idle) if sealer is None else (sealer, *idle)
        self._sealer = sealer
        self._now = now
        self._now_ms = now_ms
        self._inbox: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._kept: deque[Event] = deque()  # written first once the journal can be written again
        self._due: deque[Chore] = deque(self._woken)
        self._woke = False
        self._stopping = False
        self._lost = 0
        self._pause = threading.Event()
        self.failing = False
        self.beat = 0

    def put(self, event: Event) -> None:
        """From any thread; never blocks."""
        self._inbox.put(event)

    def grant(self, grant: PendingGrant) -> None:
        self._inbox.put(grant)

    def order(self, registry_id: str, order_id: int, pending: PendingGrant) -> None:
        """At most once: an order already in the journal is neither recorded nor released again."""
        self._inbox.put(_Order(registry_id, order_id, pending))

    def wake(self) -> None:
        """The registry changed; the chores it may have work for are looked at when nothing else waits."""
        self._woke = True
        self._inbox.put(None)

    def stop(self) -> None:
        """Write what waits, then end."""
        self._stopping = True
        self._inbox.put(None)
        self._pause.set()

    def run(self) -> None:
        """The thread's body."""
        while True:
            batch: list[_Item] = []
            try:
                if self._sealer is not None and not self.failing:  # whoever waits is refused first
                    self._sealer.keep_up(self._journal)
                batch = self._next()
                self.beat += 1
                if batch:
                    granted = self._write(batch)
                    self._recovered()
                    if not granted and self._inbox.empty():
                        self._journal.empty_wal_if_idle()
                elif self._due:
                    chore = self._due.popleft()
                    if self._stopping and chore not in self._woken:
                        continue
                    if chore(self._journal):
                        self._due.append(chore)
                elif self._stopping:
                    if self._sealer is not None:
                        self._sealer.stop()
                    return
                else:
                    self._journal.empty_wal_if_idle()
                    self._due.extend(self._idle)
            except JournalUnavailable as error:
                self._failed(error, batch)
                if self._stopping:
                    return
            except ValueError:
                self._write_one_by_one(batch)

    def _next(self) -> list[_Item]:
        """What waits, in the order it was told; empty after a while, or when something else is to be done."""
        if self._woke:
            self._woke = False
            self._due.extend(chore for chore in self._woken if chore not in self._due)
        batch: list[_Item] = []
        most = BATCH if self._sealer is None else min(BATCH, self._journal.room)
        while self._kept and len(batch) < most:
            batch.append(self._kept.popleft())
        if not batch and not self._due and not self._stopping:
            try:
                item = self._inbox.get(timeout=_IDLE_S)
            except queue.Empty:
                return []
            if item is not None:
                batch.append(item)
        while len(batch) < most:
            try:
                item = self._inbox.get_nowait()
            except queue.Empty:
                break
            if item is not None:
                batch.append(item)
        return batch

    def _write(self, batch: list[_Item]) -> bool:
        """Plain events and grants go together; each order has its own transaction with its own key.

        True when somebody was waiting: what may be done later is then left for the next batch.
        """
        together = [item for item in batch if not isinstance(item, _Order)]
        orders = [item for item in batch if isinstance(item, _Order)]
        granted = any(isinstance(item, PendingGrant) for item in together)
        if together:
            events = [item.event if isinstance(item, PendingGrant) else item for item in together]
            seqs = self._journal.append(events, file_later=granted)
            batch[:] = orders
            self._settle(list(zip(together, seqs, strict=True)))
        for order in orders:
            seq = self._journal.append_once_for_order(order.registry_id, order.order_id, order.pending.event)
            batch.remove(order)
            if seq is not None:
                self._settle([(order.pending, seq)])
        return granted

    def _write_one_by_one(self, batch: list[_Item]) -> None:
        """Something in the batch is no record (a bug of ours): left out, loudly; the others are written."""
        for item in batch:
            try:
                self._write([item])
            except ValueError:
                log.exception("an event could not be written as a record and is lost: %s", _type_of(item))
                if not isinstance(item, Event):
                    (item.pending if isinstance(item, _Order) else item).refuse()
            except JournalUnavailable as error:
                self._failed(error, [item])

    def _settle(self, written: list[tuple[Event | PendingGrant, int]]) -> None:
        for item, seq in written:
            if isinstance(item, PendingGrant) and not item.durable(seq, self._now_ms()):
                grant = item.event
                self.put(
                    Event(
                        EventType.ACCESS_OUTCOME,
                        self._now(),
                        door=grant.door,
                        access_point=grant.access_point,
                        result=Outcome.NOT_RELEASED,
                        codes={"of": seq},
                    )
                )

    def _failed(self, error: Exception, batch: list[_Item]) -> None:
        """Refuse whoever waits, keep the plain events, and never use the failed handle again (faults A5)."""
        if not self.failing:
            log.error("journal failing: %s; entries are refused until it can be written again", error)
        self.failing = True
        for item in batch:
            if isinstance(item, PendingGrant):
                item.refuse()
            elif isinstance(item, _Order):
                item.pending.refuse()
        self._kept.extendleft(item for item in reversed(batch) if isinstance(item, Event))
        while len(self._kept) > KEEP:
            self._kept.popleft()
            self._lost += 1
        self._woke = True
        try:
            self._journal.reopen()
        except JournalUnavailable as again:
            log.debug("journal still failing: %s", again)
        self._pause.wait(_RETRY_S)

    def _recovered(self) -> None:
        if self.failing:
            log.warning("journal can be written again; %d events had to be dropped meanwhile", self._lost)
            self.failing, self._lost = False, 0


def _type_of(item: _Item) -> str:
    if isinstance(item, _Order):
        return item.pending.event.type
    return item.event.type if isinstance(item, PendingGrant) else item.type
