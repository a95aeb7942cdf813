"""Polls the registry for changes: operators' orders and actions, rules, lockdowns.

Belongs to the decide thread.
"""

from collections.abc import Callable, Collection

from controller.errors import GenkanError
from controller.journal.append import ORDERS_KEPT
from controller.model.events import Event, EventType
from controller.model.moment import Moment
from controller.model.orders import UnreadableOrder
from controller.registry.lookup import Lookup
from controller.runtime.door_modes import DoorModes
from controller.runtime.live_facts import LiveFacts
from controller.runtime.order_limits import OrderLimits
from controller.runtime.orders import Orders
from controller.runtime.registry_source import RegistrySource
from controller.runtime.rights_check import RightsCheck

_COPYING_ALARM_EVERY_MS = 600_000


class RegistryWatch:
    def __init__(
        self,
        registry: RegistrySource,
        orders: Orders,
        live_facts: LiveFacts,
        modes: DoorModes,
        rights: RightsCheck,
        record: Callable[[Event], None],
        registry_changed: Callable[[int], None],
        orders_done: Callable[[str], Collection[int] | None],
        order_limits: OrderLimits,
        is_copying_stuck: Callable[[], bool],
    ) -> None:
        """`registry_changed` receives each new version. `orders_done` returns the newest orders of a registry
        that have a record in the journal (ORDERS_KEPT), or None while the journal cannot be read.
        `is_copying_stuck`: the log gets no operators' actions, although this thread can read the registry.
        """
        self._registry = registry
        self._orders = orders
        self._live_facts = live_facts
        self._modes = modes
        self._rights = rights
        self._record = record
        self._registry_changed = registry_changed
        # Orders from before a restart still need an answer, so the newest number alone is not enough.
        self._orders_done = orders_done
        self._order_limits = order_limits
        self._is_copying_stuck = is_copying_stuck
        self._next_copying_alarm_ms = 0
        self._last_orders: dict[str, int] = {}  # by registry id
        self._orders_pending = False  # the log has not yet reported which are done, or who may give one
        self._seen: tuple[int, int] | None = None  # the newest data version read, and of which opening

    def poll(self, now: Moment) -> None:
        """At every tick."""
        lookup = self._registry.lookup
        if lookup is None:
            return
        try:
            self._poll(lookup, now)
        except GenkanError as error:
            self._registry.fail(error, now)

    def _poll(self, lookup: Lookup, now: Moment) -> None:
        seen = self._registry.openings, lookup.data_version()
        if seen != self._seen:
            self._seen = seen
            lookup.refresh()
            self._registry_changed(lookup.version)
            lockdowns = self._live_facts.facts.lockdowns
            self.accept_orders(lookup, now)
            self._read_again(lookup)
            if self._live_facts.facts.lockdowns != lockdowns:
                self._registry.request_copy(lookup)  # a start from the copy must know of the lockdown
        elif self._orders_pending:
            self.accept_orders(lookup, now)
        else:
            self._live_facts.refresh(lookup)
        for alarm in self._live_facts.lockdown_alarms(now):
            self._record(alarm)
        self._watch_copying(now)
        definitions = self._live_facts.definitions
        self._rights.watch(definitions.found(definitions.unaccounted), lookup, now)
        self._orders.tick(lookup.registry_id, now)

    def _watch_copying(self, now: Moment) -> None:
        if self._is_copying_stuck() and now.mono_ms >= self._next_copying_alarm_ms:
            self._next_copying_alarm_ms = now.mono_ms + _COPYING_ALARM_EVERY_MS
            self._record(Event(EventType.ACTIONS_NOT_COPIED, now))

    def _read_again(self, lookup: Lookup) -> None:
        lookup.refresh()
        lookup.definitions()
        self._live_facts.refresh(lookup)

    def accept_orders(self, lookup: Lookup, now: Moment) -> None:
        """Accept the orders that are newer than the last one accepted and have no record yet."""
        registry_id = lookup.registry_id
        done = self._orders_done(registry_id)
        self._orders_pending = done is None
        if done is None:
            return
        orders = lookup.orders_after(
            self._last_orders.get(registry_id, max(0, max(done, default=0) - ORDERS_KEPT))
        )
        if orders:
            # Read lockdowns after the orders: a later lockdown then begins after these orders are done.
            self._read_again(lookup)
        for order in orders:
            if isinstance(order, UnreadableOrder):
                self._last_orders[registry_id] = order.id
                if order.id not in done:
                    self._orders.refuse_unreadable(registry_id, order, now)
                continue
            if order.id not in done and self._order_limits.waits(order, lookup, now):
                self._orders_pending = True
                return
            self._last_orders[registry_id] = order.id
            if order.id in done:
                continue
            refusal = self._order_limits.refusal(order, lookup, now)
            if refusal is not None:
                self._orders.refuse(registry_id, order, refusal, now)
                continue
            locked = self._live_facts.has_lockdown_since(self._modes.entries(order.door), order.utc)
            self._orders.accept(registry_id, order, now, locked)

    def last_order(self, registry_id: str) -> int:
        """The newest accepted order of this registry. A restored registry counts from the beginning."""
        return self._last_orders.get(registry_id, 0)
