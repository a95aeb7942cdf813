"""Writes a batch of records and settles the grants in it. After an error it knows which items are in
doubt.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from controller.journal.append import Journal
from controller.model.events import Event, EventType, Outcome
from controller.model.moment import Moment
from controller.runtime.grants import Fate, PendingGrant
from controller.runtime.outage import Outage
from controller.runtime.record_item import OrderItem, RecordItem, event_of, is_still_wanted, pending_of

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Unsure:
    """Items written with an unknown result: numbers `first` and up, all on the disk or none."""

    first: int
    items: list[RecordItem]


class BatchWriter:
    """Belongs to the record thread."""

    def __init__(
        self,
        journal: Journal,
        outage: Outage,
        record: Callable[[Event], None],
        now: Callable[[], Moment],
        now_ms: Callable[[], int],
    ) -> None:
        """`record` queues the outcome of a grant that became durable too late."""
        self._journal = journal
        self._outage = outage
        self._record = record
        self._now = now
        self._now_ms = now_ms
        self._unsure: _Unsure | None = None
        self._numbers: dict[int, int] = {}  # of remembered grants: provisional number → record number

    @property
    def tried(self) -> list[RecordItem]:
        """The items that were being written when the journal failed."""
        return [] if self._unsure is None else self._unsure.items

    def write(self, batch: list[RecordItem]) -> bool:
        """Write plain events and grants together; each order has a transaction of its own with its own key.

        Written items leave `batch`. True if the batch had a grant: idle work then waits for the next batch.
        """
        together = [item for item in batch if not isinstance(item, OrderItem)]
        orders = [item for item in batch if isinstance(item, OrderItem)]
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

    def write_one_by_one(self, batch: list[RecordItem]) -> None:
        """An item in the batch cannot be a record (a bug of ours). Write the others; log and drop this
        one.
        """
        self._unsure = None
        while batch:
            try:
                self.write([batch[0]])
            except ValueError:
                log.exception(
                    "an event cannot be written as a record and is lost: %s", event_of(batch[0]).type
                )
                self._unsure = None
                if not isinstance(batch[0], Event):
                    pending_of(batch[0]).refuse()
            del batch[0]

    def settle_unsure(self) -> list[RecordItem]:
        """After a reopen: settle the items that are on the disk after all, and return the rest."""
        unsure, self._unsure = self._unsure, None
        if unsure is None:
            return []
        if self._journal.newest_seq >= unsure.first + len(unsure.items) - 1:
            self._settle((item, unsure.first + place) for place, item in enumerate(unsure.items))
            return []
        return [item for item in unsure.items if is_still_wanted(item)]

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

    def _settle(self, written: Iterable[tuple[RecordItem, int]]) -> None:
        for item, seq in written:
            if isinstance(item, Event):
                continue
            grant = pending_of(item)
            if grant.fate is Fate.REMEMBERED and grant.number is not None:
                self._numbers[grant.number] = seq
                self._outage.written()
            elif not grant.durable(seq, self._now_ms()):
                event = grant.event
                self._record(
                    Event(
                        EventType.ACCESS_OUTCOME,
                        self._now(),
                        door=event.door,
                        access_point=event.access_point,
                        result=Outcome.NOT_RELEASED,
                        codes={"of": seq},
                    )
                )
