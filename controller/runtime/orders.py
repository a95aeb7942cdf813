"""Operators' orders: checked for age and boot, carried out at most once, and the result recorded.

The journal's key (registry id, order id) guarantees "at most once" over restarts. An order of another boot or
past its time limit is refused, so no restart ever opens a door.
"""

from collections.abc import Callable, Collection, Iterator, Mapping

from controller.model.credentials import CardNumber
from controller.model.events import Event, EventType, Json
from controller.model.moment import Moment
from controller.model.orders import Order, OrderType
from controller.model.reasons import OrderRefusal
from controller.runtime.carry_out import CarryOut


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

    def accept(self, registry_id: str, order: Order, now: Moment, locked_since: bool = False) -> None:
        """A new row of the registry's `orders`. `locked_since`: a lockdown behind its door began after the
        order, so the operator cannot have known of it.
        """
        if order.boot != now.boot:
            self._refuse(registry_id, order, OrderRefusal.ANOTHER_BOOT, now)
        elif now.mono_ms > order.boottime_ms + order.limit_ms:
            self._refuse(registry_id, order, OrderRefusal.TOO_OLD, now)
        elif order.type is OrderType.UNLOCK_ONCE and locked_since:
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

    def _refuse(self, registry_id: str, order: Order, reason: OrderRefusal, now: Moment) -> None:
        self._record(registry_id, order, _result(EventType.ORDER_REFUSED, order, now, reason=reason))

    def _record(self, registry_id: str, order: Order, event: Event) -> None:
        self._carry_out.order(registry_id, order.id, event)


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
    basics: dict[str, Json] = {"operator": order.operator_name}
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
