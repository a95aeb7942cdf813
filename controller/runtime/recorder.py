"""The record thread: the only thread that uses the journal.

It writes all waiting records in one transaction with one sync, in the order in which they arrive. Followers
of a grant (released, opened, closed, secured) wait up to 0.8 s for others to share that sync. A grant never
waits for that and takes waiting followers along. Chores (copying operators' actions, erasing, retention …)
take turns, one step at a time, and only while no record waits. After its commit this thread releases a grant
by queueing it to the drive thread.

After any error it closes the handle, reopens the file and compares it with the records it had acknowledged.
Only then does it acknowledge anything else. The file decides whether the records in flight are on the disk.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from controller.errors import CorruptDatabase, JournalUnavailable
from controller.journal.append import Journal
from controller.journal.writing import JournalLocked, RecordsLost
from controller.model.events import Event, EventType
from controller.model.moment import Moment
from controller.runtime.backlog import Backlog
from controller.runtime.batch_writer import BatchWriter
from controller.runtime.chores import Chore, Chores
from controller.runtime.grants import PendingGrant
from controller.runtime.outage import Outage
from controller.runtime.record_item import OrderItem, RecordItem, is_still_wanted
from controller.runtime.sealing import Sealer

log = logging.getLogger(__name__)

BATCH = 256
_RETRY_S = 0.5
_TRIES_AT_STOP = 6
WhenOpened = Callable[[Journal], Iterable[Event]]


class Recorder:
    def __init__(
        self,
        journal: Journal,
        woken: Sequence[Chore],
        idle: Sequence[Chore],
        now: Callable[[], Moment],
        now_ms: Callable[[], int],
        sealer: Sealer | None = None,
        outage: Outage | None = None,
        hold_ms: int = 0,
    ) -> None:
        """Without a `sealer` the log is not signed. Without an `outage` every door refuses entries while the
        journal fails.

        `hold_ms`: see Backlog.
        """
        self._journal = journal
        self._sealer = sealer
        self._now = now
        self._now_ms = now_ms
        self._outage = outage or Outage(Path())
        self._chores = Chores(woken, idle if sealer is None else (sealer, *idle), now_ms)
        self._backlog = Backlog(self._outage, now_ms, hold_ms)
        self._writer = BatchWriter(
            journal=journal, outage=self._outage, record=self.record, now=now, now_ms=now_ms
        )
        self._reopen = False  # the handle has failed and must not be used again
        self._retrying = False  # the next turn waits a while first
        self._is_locked = False  # another program has locked the journal; nobody has tried to write yet
        self._when_opened: WhenOpened | None = None
        self._judge_again: Callable[[Moment], Moment] = lambda moment: moment
        self._tried = threading.Event()
        self._stopping = False
        self._tries_at_stop = _TRIES_AT_STOP
        self._pause = threading.Event()
        self.beat = 0

    @property
    def failing(self) -> bool:
        return self._outage.lasts

    def record(self, event: Event) -> None:
        """Queue an event. From any thread; never blocks."""
        self._backlog.add(event)

    def grant(self, grant: PendingGrant) -> None:
        """Queue a grant. From any thread. While the journal fails, a door that remembers entries releases
        immediately.
        """
        self._outage.grant(grant, self._now_ms())
        self._backlog.add(grant)

    def order(self, registry_id: str, order_id: int, pending: PendingGrant) -> None:
        """Queue an operator's order. The journal records and releases each order at most once."""
        self._backlog.add(OrderItem(registry_id, order_id, pending))

    def wake(self) -> None:
        """Run the woken chores when no record waits: the registry has changed."""
        self._chores.wake()
        self._backlog.add(None)

    def fail(self) -> None:
        """Begin an outage: another program has locked the journal. From any thread. Only a write ends it."""
        self._is_locked = True
        self._backlog.add(None)

    def begin(self, when_opened: WhenOpened, judge_again: Callable[[Moment], Moment]) -> None:
        """Have the thread's first turn open the journal; called before the thread runs.

        `when_opened` is called once, when the journal opens and before anything is written. It returns events
        to add to the log. If that is at the first try, `judge_again` judges the moments of all events so far.
        """
        self._when_opened = when_opened
        self._judge_again = judge_again
        self._reopen = True

    def wait_for_first_try(self, seconds: float) -> bool:
        """Wait until the journal is open or could not be opened, at most this long. From another thread."""
        return self._tried.wait(seconds)

    def stop(self) -> None:
        """Write the waiting records, then end the thread."""
        self._stopping = True
        self._backlog.add(None)
        self._pause.set()

    def run(self) -> None:
        """The thread's body."""
        while self.turn():
            pass

    @property
    def is_busy(self) -> bool:
        """Whether the next turn has work and need not wait."""
        return not self._retrying and (self._backlog.is_busy or self._may_do_chores)

    @property
    def _may_do_chores(self) -> bool:
        """Chores append. No chore starts before the signing code is imported: a tap would wait for that
        import.
        """
        is_prepared = self._sealer is None or self._sealer.is_prepared or self._stopping
        return is_prepared and self._chores.are_due

    def turn(self, wait: bool = True) -> bool:
        """Write one batch or take one step of a chore; `wait` for work. False ends the thread."""
        self.beat += 1
        batch: list[RecordItem] = []
        if self._retrying and wait:
            self._wait()
        self._retrying = False
        try:
            self._refuse_locked()
            if self._reopen and not self._reopened():
                return not self._is_out_of_tries()
            if self._sealer is not None:
                self._sealer.keep_up(self._journal)
            self._chores.add_woken()
            most = BATCH if self._sealer is None else min(BATCH, self._journal.batch_limit)
            wait = wait and not self._may_do_chores and not self._stopping
            batch = self._backlog.batch(most, wait, hold=not self._stopping)
            return self._work(batch)
        except JournalUnavailable as error:
            self._failed(error, batch)
            return not self._is_out_of_tries()
        except ValueError:
            try:
                self._writer.write_one_by_one(batch)
            except JournalUnavailable as error:
                self._failed(error, batch)
        return True

    def _refuse_locked(self) -> None:
        is_locked, self._is_locked = self._is_locked, False
        if is_locked and not self._outage.lasts:
            raise JournalLocked

    def _work(self, batch: list[RecordItem]) -> bool:
        """One round. False when everything is done and the thread must end."""
        if batch:
            kept = self._backlog.count_site_events(batch) if self._outage.lasts else 0
            granted = self._writer.write(batch)
            if self._outage.lasts:
                self._backlog.insert(self._outage.end(self._now(), kept))
            if not granted and self._backlog.is_empty:
                self._journal.empty_wal_if_idle()
        elif self._may_do_chores and (self._stopping or self._outage.lasts or not self._chores.is_round_due):
            self._chores.step(self._journal, self._stopping)
        elif self._stopping:
            if not self._backlog.is_empty:
                return True  # held when `stop` was called
            if self._sealer is not None:
                self._sealer.stop()
            return False
        elif self._outage.lasts:
            # A chore failed and no record waits. Only a write shows whether the journal works again.
            self._backlog.insert(Event(EventType.HEARTBEAT, self._now()))
        else:
            self._journal.empty_wal_if_idle()
            self._backlog.insert(self._outage.tend(self._now()))
            if self._sealer is not None:
                self._sealer.prepare()
            self._chores.idle()
        return True

    def _failed(self, error: JournalUnavailable, batch: list[RecordItem]) -> None:
        """Never use the failed handle again: a second sync on it may report success for lost data. Refuse or
        remember the waiting grants and keep the other items.

        If the reserve makes room on a full disk, no grant is refused before a second try.
        """
        self._reopen = True
        self._chores.failed()
        now, again = self._now(), self._outage.lasts
        event = self._outage.makes_room(error, now)
        if event is None:
            event = self._outage.begin(error, now)
            self._backlog.settle_grants(batch)
        self._backlog.insert(event)
        tried = {id(item) for item in self._writer.tried}
        self._backlog.requeue(item for item in batch if id(item) not in tried and is_still_wanted(item))
        self._retrying = again

    def _wait(self) -> None:
        (threading.Event() if self._stopping else self._pause).wait(_RETRY_S)

    def _reopened(self) -> bool:
        """Open a new handle and compare it with the disk. False: the journal still fails, and every waiting
        grant is settled.
        """
        try:
            try:
                self._journal.reopen()
            except RecordsLost as lost:
                self._backlog.insert(self._outage.lost(lost.first, lost.last, self._now()))
                self._journal.accept_lost_records()
                self._journal.reopen()
            if self._when_opened is not None:
                self._opened_first(self._when_opened)
                self._when_opened = None
        except JournalUnavailable as error:
            log.debug("journal still failing: %s", error)
            lasted = self._outage.lasts
            self._failed(error, list(self._writer.tried))
            self._retrying = lasted
            if self._outage.lasts:  # else the reserve freed room, and the next turn tries again
                self._tried.set()
            return False
        self._tried.set()
        self._reopen = False
        self._backlog.requeue(self._writer.settle_unsure())
        return True

    def _opened_first(self, when_opened: WhenOpened) -> None:
        """Raises JournalUnavailable, also for a log with values that nobody wrote."""
        try:
            events = list(when_opened(self._journal))
        except (ValueError, TypeError, LookupError, ArithmeticError) as error:
            raise JournalUnavailable(f"The journal has values that nobody wrote ({error}).") from (
                CorruptDatabase(str(error))
            )
        if not self._outage.lasts:
            self._backlog.judge_again(self._judge_again)
        for event in events:
            self._backlog.insert(event)

    def _is_out_of_tries(self) -> bool:
        """Whether the service ends although items are left: the disk has had all its tries."""
        self._tries_at_stop -= self._stopping
        if self._tries_at_stop > 0:
            return False
        log.error("the journal cannot be written; %d events are lost", len(self._backlog))
        return True
