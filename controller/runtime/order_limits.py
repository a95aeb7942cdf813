"""What an order must be, by the limits of the door: it does not trust the file that holds the row."""

from collections import deque
from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType

from controller.errors import GenkanError
from controller.model.moment import Moment
from controller.model.operators import MACHINE, OperatorRole
from controller.model.orders import ActionType, Order, OrderType
from controller.model.reasons import OrderRefusal
from controller.model.rights import RIGHTS, Right
from controller.registry.lookup import Lookup
from controller.registry.schema import FIRST_WITH_RIGHTS
from controller.runtime.rights_check import RECORDED_WITHIN_MS, RightsCheck

UNLOCKS_A_MINUTE = 6  # of one operator
ORDERS_A_MINUTE = 20  # of all operators together
_MINUTE_MS = 60_000
_CLOCK_SLACK_MS = 1000  # the door read its clock just before it read the registry
_CLOCK_SLACK = timedelta(minutes=1)
_LONGEST_MS: Mapping[OrderType, int] = MappingProxyType(
    {OrderType.UNLOCK_ONCE: 5000, OrderType.OPEN_INSTALL: 5000, OrderType.LEARN_BADGE: 30_000}
)
_NEEDS: Mapping[OrderType, tuple[Right, ActionType]] = MappingProxyType(
    {
        OrderType.UNLOCK_ONCE: (Right.UNLOCK_ONCE, ActionType.UNLOCK_ORDERED),
        OrderType.OPEN_INSTALL: (Right.INSTALL_READERS, ActionType.INSTALL_ORDERED),
        OrderType.LEARN_BADGE: (Right.EDIT_PEOPLE, ActionType.LEARN_ORDERED),
    }
)


class OrderLimits:
    """Counts the accepted orders of the last minute."""

    def __init__(
        self, read_key: Callable[[], bytes], is_rolled_back: Callable[[], bool], rights: RightsCheck
    ) -> None:
        """`read_key` returns the card number key, for the MACs of actions, or raises a GenkanError.
        `is_rolled_back`: the registry is not the accepted one, so its operators may be others.
        """
        self._read_key = read_key
        self._is_rolled_back = is_rolled_back
        self._rights = rights
        self._accepted: deque[Order] = deque(maxlen=ORDERS_A_MINUTE)

    def waits(self, order: Order, lookup: Lookup, now: Moment) -> bool:
        """Whether the log may yet give the operator's role, which has just changed. Raises a GenkanError."""
        age_ms = now.mono_ms - order.boottime_ms
        if order.boot != now.boot or not 0 <= age_ms <= order.limit_ms <= _LONGEST_MS[order.type]:
            return False
        if self._is_operator_on_record(order, lookup):
            return False
        return age_ms < RECORDED_WITHIN_MS or self._rights.lacks_records(lookup)

    def _is_operator_on_record(self, order: Order, lookup: Lookup) -> bool:
        """The command line has no account; only an authentic action proves its order."""
        if order.operator_id == MACHINE.id:
            return True
        return self._rights.gives(lookup.operator_rights(order.operator_id))

    def refusal(self, order: Order, lookup: Lookup, now: Moment) -> OrderRefusal | None:
        """Why the door does not carry the order out; None counts it as accepted. Raises a GenkanError."""
        if order.boot != now.boot:
            return OrderRefusal.ANOTHER_BOOT
        if order.boottime_ms > now.mono_ms + _CLOCK_SLACK_MS or order.utc > now.utc + _CLOCK_SLACK:
            return OrderRefusal.FROM_THE_FUTURE
        if order.limit_ms > _LONGEST_MS[order.type]:
            return OrderRefusal.LIMIT_TOO_LONG
        if now.mono_ms > order.boottime_ms + order.limit_ms:
            return OrderRefusal.TOO_OLD
        if self._is_rolled_back():
            return OrderRefusal.REGISTRY_ROLLED_BACK
        right, action = _NEEDS[order.type]
        role = (
            OperatorRole.ADMIN if order.operator_id == MACHINE.id else lookup.active_role(order.operator_id)
        )
        if role is None or right not in RIGHTS[role]:
            return OrderRefusal.NOT_PERMITTED
        if not self._has_action(order, action, lookup):
            return OrderRefusal.NO_ACTION
        if not self._is_operator_on_record(order, lookup):
            self._rights.report([lookup.operator_rights(order.operator_id)], now)
            return OrderRefusal.NOT_PERMITTED
        if self._is_one_too_many(order):
            return OrderRefusal.TOO_MANY
        self._accepted.append(order)
        return None

    def _has_action(self, order: Order, action: ActionType, lookup: Lookup) -> bool:
        """A registry of a program that wrote no MACs gives no orders once all rights are on record."""
        if lookup.schema < FIRST_WITH_RIGHTS and self._rights.are_complete:
            return False
        return lookup.has_order_action(order, action, self._key())

    def _key(self) -> bytes | None:
        """None while it cannot be read, which is an alarm of its own."""
        try:
            return self._read_key()
        except GenkanError:
            return None

    def _is_one_too_many(self, order: Order) -> bool:
        recent = [one for one in self._accepted if one.boottime_ms > order.boottime_ms - _MINUTE_MS]
        if len(recent) >= ORDERS_A_MINUTE:
            return True
        own = [one for one in recent if one.operator_id == order.operator_id and one.type is order.type]
        return order.type is OrderType.UNLOCK_ONCE and len(own) >= UNLOCKS_A_MINUTE
