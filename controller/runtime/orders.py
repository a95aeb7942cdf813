"""Operators' orders: carried out at most once, and the result recorded.

The journal's key (registry id, order id) guarantees "at most once" over restarts. `order_limits.py` refuses
an order of another boot or past its time limit, so no restart ever opens a door.
"""

import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace

from controller.model.credentials import CardNumber
from controller.model.events import Event, EventType, Json
from controller.model.moment import Moment
from controller.model.orders import Order, OrderType, UnreadableOrder
from controller.model.reasons import FORGED_ORDERS, OrderRefusal
from controller.runtime.carry_out import CarryOut

log = logging.getLogger(__name__)

_FORGED_EVERY_MS = 600_000
_FORGED_RECORDED = 50  # of forged orders, within that time
_COUNTED_FOR_MS = 60_000


class Orders:
    def __init__(
        self,
        carry_out: CarryOut,
        doors: Collection[str],
        readers: Collection[str],
        install: Mapping[str, Callable[[], None]] | None = None,
    ) -> None:
        """`install` opens the install window of each reader that has one."""
        self._carry_out = carry_out
        self._doors = doors
        self._readers = readers
        self._install = install or {}
        self._learning = _Learning()
        self._forged = _Forged(carry_out.record)

    def refuse(self, registry_id: str, order: Order, reason: OrderRefusal, now: Moment) -> None:
        """Record the refusal of an order, and a forged one as an alarm, as `_Forged` bounds both."""
        if reason in FORGED_ORDERS:
            if not self._forged.counts(_forged(order, reason, now)):
                return
            order = replace(order, operator_name="", reason=None)  # nobody of this name gave it
        self._refuse(registry_id, order, reason, now)

    def refuse_unreadable(self, registry_id: str, order: UnreadableOrder, now: Moment) -> None:
        codes: dict[str, str | int] = {"order": order.id}
        reason = OrderRefusal.UNREADABLE.value
        if self._forged.counts(Event(EventType.ORDER_FORGED, now, reason=reason, codes=codes)):
            refused = Event(EventType.ORDER_REFUSED, now, reason=reason, codes=codes)
            self._carry_out.order(registry_id, order.id, refused)

    def accept(self, registry_id: str, order: Order, now: Moment, locked_since: bool = False) -> None:
        """An order that nothing speaks against. `locked_since`: a lockdown behind its door began after the
        order, so the operator cannot have known of it.
        """
        if order.type is OrderType.UNLOCK_ONCE and locked_since:
            self._refuse(registry_id, order, OrderRefusal.LOCKDOWN, now)
        elif order.type is OrderType.UNLOCK_ONCE:
            self._unlock(registry_id, order, now)
        elif order.reader is None or order.reader not in self._readers:
            self._refuse(registry_id, order, OrderRefusal.NO_SUCH_READER, now)
        elif order.type is OrderType.OPEN_INSTALL:
            self._open_install(registry_id, order, order.reader, now)
        else:
            replaced = self._learning.begin(order.reader, order)
            if replaced is not None:
                self._refuse(registry_id, replaced, OrderRefusal.REPLACED, now)

    def _unlock(self, registry_id: str, order: Order, now: Moment) -> None:
        door = order.door
        if door not in self._doors or door is None:
            self._refuse(registry_id, order, OrderRefusal.NO_SUCH_DOOR, now)
            return
        done = _result(EventType.ORDER_DONE, order, now)
        self._carry_out.order(registry_id, order.id, done, door=door)

    def _open_install(self, registry_id: str, order: Order, reader: str, now: Moment) -> None:
        opens = self._install.get(reader)
        if opens is None:
            self._refuse(registry_id, order, OrderRefusal.NO_SUCH_READER, now)
            return
        self._carry_out.order(
            registry_id, order.id, _result(EventType.ORDER_DONE, order, now), lambda seq: opens()
        )

    def learns(
        self, registry_id: str, reader: str, number: CardNumber, card_hash: bytes, now: Moment
    ) -> bool:
        """True if an operator was waiting for the next card at `reader` and has it now.

        A badge that somebody already holds is learned too (the page shows its holder), and is then decided as
        usual.
        """
        order = self._learning.claim(reader, now.mono_ms)
        if order is None:
            return False
        details: dict[str, Json] = {
            "card_hash": card_hash.hex(),
            "last_four": number.last_four,
            "kind": number.kind.value,
        }
        self._record(registry_id, order, _result(EventType.ORDER_DONE, order, now, details=details))
        return True

    def cannot_learn(self, registry_id: str, reader: str, reason: OrderRefusal, now: Moment) -> bool:
        """The presented card is not a badge, or not yet."""
        order = self._learning.claim(reader, now.mono_ms)
        if order is None:
            return False
        self._refuse(registry_id, order, reason, now)
        return True

    def tick(self, registry_id: str, now: Moment) -> None:
        for order in self._learning.expired(now.mono_ms):
            self._refuse(registry_id, order, OrderRefusal.NOBODY_TAPPED, now)
        self._forged.tick(now)

    def _refuse(self, registry_id: str, order: Order, reason: OrderRefusal, now: Moment) -> None:
        self._record(registry_id, order, _result(EventType.ORDER_REFUSED, order, now, reason=reason))

    def _record(self, registry_id: str, order: Order, event: Event) -> None:
        self._carry_out.order(registry_id, order.id, event)


class _Forged:
    """Records and alarms about forged orders: some tell as much as a million. The first of each reason in ten
    minutes is an alarm of its own; the others are counted in one a minute.
    """

    def __init__(self, record: Callable[[Event], None]) -> None:
        self._record = record
        self._until_ms = 0
        self._count = 0  # until then
        self._alarms: dict[str, int] = {}  # when each reason was an alarm of its own
        self._more: dict[str, int] = {}  # orders of each reason for the next alarms
        self._more_from_ms = 0

    def counts(self, alarm: Event) -> bool:
        """Whether the refusal of this one is recorded. `alarm` is about it."""
        mono_ms, reason = alarm.at.mono_ms, alarm.reason or ""
        raised = self._alarms.get(reason)
        if raised is None or mono_ms - raised >= _FORGED_EVERY_MS:
            self._alarms[reason] = mono_ms
            self._record(alarm)
        else:
            if not self._more:
                self._more_from_ms = mono_ms
            self._more[reason] = self._more.get(reason, 0) + 1
        if mono_ms >= self._until_ms:
            self._until_ms, self._count = mono_ms + _FORGED_EVERY_MS, 0
        self._count += 1
        if self._count == _FORGED_RECORDED + 1:
            log.error("forged orders in the registry; further ones are only counted for ten minutes")
        return self._count <= _FORGED_RECORDED

    def tick(self, now: Moment) -> None:
        if self._more and now.mono_ms - self._more_from_ms >= _COUNTED_FOR_MS:
            for reason, count in self._more.items():
                self._record(Event(EventType.ORDER_FORGED, now, reason=reason, codes={"count": count}))
            self._more = {}


class _Learning:
    """Which reader learns its next badge, for which order. A newer order replaces the one before."""

    def __init__(self) -> None:
        self._orders: dict[str, Order] = {}

    def begin(self, reader: str, order: Order) -> Order | None:
        """Return the replaced order."""
        replaced = self._orders.get(reader)
        self._orders[reader] = order
        return replaced

    def claim(self, reader: str, mono_ms: int) -> Order | None:
        """Return the order that waits at `reader`, and end it."""
        order = self._orders.get(reader)
        if order is None or mono_ms > order.boottime_ms + order.limit_ms:
            return None
        return self._orders.pop(reader)

    def expired(self, mono_ms: int) -> Iterator[Order]:
        for reader, order in list(self._orders.items()):
            if mono_ms > order.boottime_ms + order.limit_ms:
                del self._orders[reader]
                yield order


def _result(
    type_: EventType,
    order: Order,
    now: Moment,
    reason: OrderRefusal | None = None,
    details: dict[str, Json] | None = None,
) -> Event:
    basics: dict[str, Json] = {"operator": order.operator_name} if order.operator_name else {}
    if order.reason:
        basics["reason"] = order.reason
    return Event(
        type_,
        now,
        door=order.door,
        reader=order.reader,
        reason=None if reason is None else reason.value,
        actor=order.operator_id,
        codes={"order": order.id, "order_type": order.type.value},
        details=basics | (details or {}),
    )


def _forged(order: Order, reason: OrderRefusal, now: Moment) -> Event:
    codes: dict[str, str | int] = {"order": order.id, "order_type": order.type.value}
    return Event(
        EventType.ORDER_FORGED, now, door=order.door, reader=order.reader, reason=reason.value, codes=codes
    )
