"""Which reader learns its next badge, for which order."""

from collections.abc import Iterator

from controller.model.orders import Order


class Learning:
    """One order per reader; a newer order replaces it."""

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
