"""The record thread: the only one that touches the journal.

What waits is written in one transaction with one sync, in the order it was told. Chores (copying operators'
actions, erasing, removing old months …) are done a step at a time and only when nothing waits. A grant is
released from here, by queueing, once its commit has returned.

After any error the handle is closed and the file opened anew and held against what had been acknowledged;
only then is anything acknowledged again. Whether what was being written is on the disk is read from there.
"""

import contextlib
import logging
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from controller.errors import JournalUnavailable
from controller.journal.append import Journal
from controller.journal.writing import RecordsLost
from controller.model.events import Event, EventType, Outcome
from controller.model.moment import Moment
from controller.runtime.grants import Fate, PendingGrant
from controller.runtime.outage import Outage
from controller.runtime.sealing import Sealer

log = logging.getLogger(__name__)

BATCH = 256
KEEP = 10_000  # events held while the journal fails; beyond it the oldest go, and are counted
_IDLE_S = 0.5
_RETRY_S = 0.5
_TRIES_AT_STOP = 6
_CHORE_AGAIN_MS = 60_000  # after one that failed: what it needs may be broken while the rest is not

# Does one short step of its work; returns True when there may be more to do at once.
Chore = Callable[[Journal], bool]


@dataclass(frozen=True)
class _Order:
    registry_id: str
    order_id: int
    pending: PendingGrant


_Item = Event | PendingGrant | _Order


@dataclass(frozen=True)
class _Unsure:
    """Written, and not known whether it is on the disk: numbers `first` and up, all or none."""

    first: int
    items: list[_Item]


class Record:
    def __init__(
        self,
        journal: Journal,
        woken: Sequence[Chore],
        idle: Sequence[Chore],
        now: Callable[[], Moment],
        now_ms: Callable[[], int],
        sealer: Sealer | None = None,
        outage: Outage | None = None,
    ) -> None:
        """`woken` chores are looked at after `wake`; `idle` ones twice a second as well.

        Without a `sealer` the log is not signed; without an `outage` every door refuses while it lasts.
        """
        self._journal = journal
        self._woken = tuple(woken)
        self._idle: tuple[Chore, ...] = tuple(idle) if sealer is None else (sealer, *idle)
        self._sealer = sealer
        self._now = now
        self._now_ms = now_ms
        self._outage = outage or Outage(Path())
        self._inbox: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._kept: deque[_Item] = deque()  # written first
        self._unsure: _Unsure | None = None
        self._reopen = False  # the handle has failed and is not used again
        self._numbers: dict[int, int] = {}  # of remembered grants: what stood for the number → the number
        self._due: deque[Chore] = deque(self._woken)
        self._barred: dict[Chore, int] = {}  # until when a chore that failed is left alone
        self._chore: Chore | None = None  # the one at work
        self._woke = False
        self._stopping = False
        self._tries_at_stop = _TRIES_AT_STOP
        self._pause = threading.Event()
        self.beat = 0

    @property
    def failing(self) -> bool:
        return self._outage.lasts

    def put(self, event: Event) -> None:
        """From any thread; never blocks."""
        self._inbox.put(event)

    def grant(self, grant: PendingGrant) -> None:
        """From any thread. While the journal fails, a door that remembers releases here and now."""
        self._outage.grant(grant, self._now_ms())
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
            self.beat += 1
            batch: list[_Item] = []
            try:
                if self._reopen and not self._reopened():
                    if self._gives_up():
                        return
                    continue
                if self._sealer is not None:
                    self._sealer.keep_up(self._journal)
                batch = self._next()
                if not self._work(batch):
                    return
            except JournalUnavailable as error:
                self._failed(error, batch)
                if self._stopping and self._gives_up():
                    return
            except ValueError:
                self._write_one_by_one(batch)

    def _work(self, batch: list[_Item]) -> bool:
        """One round; False when all is done and the thread is to end."""
        if batch:
            kept = sum(_counts(item) for item in (*batch, *self._kept)) if self._outage.lasts else 0
            granted = self._write(batch)
            if self._outage.lasts:
                self._tell(self._outage.end(self._now(), kept))
            if not granted and self._inbox.empty():
                self._journal.empty_wal_if_idle()
        elif self._due:
            self._do(self._due.popleft())
        elif self._stopping:
            if self._sealer is not None:
                self._sealer.stop()
            return False
        else:
            self._journal.empty_wal_if_idle()
            self._tell(self._outage.tend(self._now()))
            self._due.extend(self._idle)
        return True

    def _do(self, chore: Chore) -> None:
        if self._stopping and chore not in self._woken:
            return
        if self._barred.get(chore, 0) > self._now_ms():
            return
        self._chore = chore
        if chore(self._journal):
            self._due.append(chore)
        self._chore = None

    def _next(self) -> list[_Item]:
        """What waits, in the order it was told; empty after a while, or when something else is to be done."""
        if self._woke:
            self._woke = False
            self._due.extend(chore for chore in self._woken if chore not in self._due)
        batch: list[_Item] = []
        most = BATCH if self._sealer is None else min(BATCH, self._journal.room)
        unnumbered: set[int] = set()  # remembered grants of this batch: their outcomes wait for the next
        for item in self._waiting():
            if isinstance(item, PendingGrant):
                if item.fate is Fate.REFUSED:
                    continue  # the person was told, and so is the log
                if item.fate is Fate.REMEMBERED and item.number is not None:
                    unnumbered.add(item.number)
            elif isinstance(item, Event) and item.codes.get("of") in unnumbered:
                self._kept.appendleft(item)
                break
            batch.append(item)
            if len(batch) >= most:
                break
        return batch

    def _waiting(self) -> Iterator[_Item]:
        """The first is waited for, where nothing else is to be done."""
        any_yet = False
        while True:
            if self._kept:
                any_yet = True
                yield self._kept.popleft()
                continue
            wait = not any_yet and not self._due and not self._stopping
            try:
                item = self._inbox.get(timeout=_IDLE_S) if wait else self._inbox.get_nowait()
            except queue.Empty:
                return
            any_yet = True
            if item is not None:
                yield item

    def _write(self, batch: list[_Item]) -> bool:
        """Plain events and grants go together; each order has its own transaction with its own key.

        True when somebody was waiting: what may be done later is then left for the next batch.
        """
        together = [item for item in batch if not isinstance(item, _Order)]
        orders = [item for item in batch if isinstance(item, _Order)]
        granted = any(isinstance(item, PendingGrant) for item in together)
        if together:
            events = [self._event(item) for item in together]
            self._unsure = _Unsure(self._journal.newest_seq + 1, list(together))
            seqs = self._journal.append(events, file_later=granted)
            batch[:] = orders
            self._settle(zip(together, seqs, strict=True))
        for order in orders:
            self._unsure = _Unsure(self._journal.newest_seq + 1, [order])
            seq = self._journal.append_once_for_order(order.registry_id, order.order_id, order.pending.event)
            batch.remove(order)
            if seq is not None:
                self._settle([(order, seq)])
        self._unsure = None
        return granted

    def _event(self, item: Event | PendingGrant) -> Event:
        if isinstance(item, PendingGrant):
            if item.fate is not Fate.REMEMBERED:
                return item.event
            return replace(item.event, codes={**item.event.codes, "volatile": 1})
        of = item.codes.get("of")
        if not isinstance(of, int) or of >= 0:
            return item
        codes = {name: value for name, value in item.codes.items() if name != "of"}
        if of in self._numbers:
            codes["of"] = self._numbers.pop(of)
        return replace(item, codes=codes)

    def _write_one_by_one(self, batch: list[_Item]) -> None:
        """Something in the batch is no record (a bug of ours): left out, loudly; the others are written."""
        self._unsure = None
        for place, item in enumerate(batch):
            try:
                self._write([item])
            except ValueError:
                log.exception("an event could not be written as a record and is lost: %s", _type_of(item))
                self._unsure = None
                if not isinstance(item, Event):
                    _pending(item).refuse()
            except JournalUnavailable as error:
                self._failed(error, batch[place:])
                return

    def _settle(self, written: Iterable[tuple[_Item, int]]) -> None:
        for item, seq in written:
            if isinstance(item, Event):
                continue
            grant = _pending(item)
            if grant.fate is Fate.REMEMBERED and grant.number is not None:
                self._numbers[grant.number] = seq
                self._outage.written()
            elif not grant.durable(seq, self._now_ms()):
                event = grant.event
                self.put(
                    Event(
                        EventType.ACCESS_OUTCOME,
                        self._now(),
                        door=event.door,
                        access_point=event.access_point,
                        result=Outcome.NOT_RELEASED,
                        codes={"of": seq},
                    )
                )

    def _failed(self, error: JournalUnavailable, batch: list[_Item]) -> None:
        """Never use the failed handle again (faults A5); refuse or remember whoever waits, keep the rest.

        Where the reserve makes room on a full disk, nobody is refused before a second try.
        """
        self._reopen = self._woke = True
        if self._chore is not None:
            self._barred[self._chore] = self._now_ms() + _CHORE_AGAIN_MS
            self._chore = None
        now, again = self._now(), self._outage.lasts
        news = self._outage.makes_room(error, now)
        if news is None:
            news = self._outage.begin(error, now)
            self._take_in(batch)
        self._tell(news)
        tried = {id(item) for item in self._tried()}
        self._kept.extendleft(
            item for item in reversed(batch) if id(item) not in tried and _still_wanted(item)
        )
        if again:
            self._wait()

    def _tried(self) -> list[_Item]:
        return [] if self._unsure is None else self._unsure.items

    def _wait(self) -> None:
        (threading.Event() if self._stopping else self._pause).wait(_RETRY_S)

    def _take_in(self, batch: Sequence[_Item]) -> None:
        """Everybody who waits is let in or refused now; what has happened is kept, within bounds."""
        for item in batch:
            self._give_up(item)
        with contextlib.suppress(queue.Empty):
            while True:
                waiting = self._inbox.get_nowait()
                if waiting is not None and self._give_up(waiting):
                    self._kept.append(waiting)
        if len(self._kept) > KEEP:
            self._drop(len(self._kept) - KEEP)

    def _give_up(self, item: _Item) -> bool:
        """Whether it is still to be recorded."""
        if isinstance(item, PendingGrant):
            if item.fate is Fate.PENDING and not self._outage.grant(item, self._now_ms()):
                item.refuse()
            return item.fate is Fate.REMEMBERED
        if isinstance(item, _Order):
            item.pending.refuse()
            return False
        return True

    def _drop(self, count: int) -> None:
        """The oldest go; never an entry that was released, nor what is told of the journal itself."""
        kept: deque[_Item] = deque()
        for item in self._kept:
            if count and isinstance(item, Event) and _counts(item):
                count -= 1
                self._outage.drop()
            else:
                kept.append(item)
        self._kept = kept

    def _tell(self, news: Event | None) -> None:
        """To be recorded behind what happened before it."""
        if news is None:
            return
        later: list[_Item] = []
        while self._kept and _mono_ms(self._kept[-1]) > news.at.mono_ms:
            later.append(self._kept.pop())
        self._kept.append(news)
        self._kept.extend(reversed(later))

    def _reopened(self) -> bool:
        """On a new handle, with what is on the disk; False: not yet, and nobody is kept waiting."""
        try:
            try:
                self._journal.reopen()
            except RecordsLost as lost:
                self._tell(self._outage.lost(lost.first, lost.last, self._now()))
                self._journal.go_on_without_lost()
                self._journal.reopen()
        except JournalUnavailable as error:
            self._tell(self._outage.begin(error, self._now()))
            self._take_in(self._tried())
            log.debug("journal still failing: %s", error)
            self._wait()
            return False
        self._reopen = False
        unsure, self._unsure = self._unsure, None
        if unsure is not None:
            if self._journal.newest_seq >= unsure.first + len(unsure.items) - 1:
                self._settle((item, unsure.first + place) for place, item in enumerate(unsure.items))
            else:
                self._kept.extendleft(item for item in reversed(unsure.items) if _still_wanted(item))
        return True

    def _gives_up(self) -> bool:
        """The service ends; the disk has had its chances."""
        if not self._stopping:
            return False
        self._tries_at_stop -= 1
        if self._tries_at_stop > 0:
            return False
        log.error("the journal cannot be written; %d events are lost", len(self._kept))
        return True


_OF_THE_JOURNAL = frozenset(
    {EventType.JOURNAL_FAILED, EventType.JOURNAL_RECOVERED, EventType.RESERVE_RELEASED}
)


def _counts(item: _Item) -> bool:
    """Whether it is something that happened, rather than news of the journal itself."""
    return not isinstance(item, Event) or item.type not in _OF_THE_JOURNAL


def _pending(item: PendingGrant | _Order) -> PendingGrant:
    return item.pending if isinstance(item, _Order) else item


def _still_wanted(item: _Item) -> bool:
    return isinstance(item, Event) or _pending(item).fate is not Fate.REFUSED


def _mono_ms(item: _Item) -> int:
    return item.at.mono_ms if isinstance(item, Event) else _pending(item).event.at.mono_ms


def _type_of(item: _Item) -> str:
    return item.type if isinstance(item, Event) else _pending(item).event.type
