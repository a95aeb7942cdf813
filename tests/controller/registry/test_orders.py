from controller.model.orders import OrderType
from controller.registry import door_rows, orders
from controller.registry.database import Registry
from tests.sample_site import ADMIN, NOW


def test_orders_come_oldest_first_after_a_specified_one(registry: Registry):
    with registry.write() as db:
        first = orders.add_order(db, ADMIN, NOW, OrderType.UNLOCK_ONCE, 5000, door="entrance", reason="why")
        second = orders.add_order(db, ADMIN, NOW, OrderType.LEARN_BADGE, 30_000, reader="entrance-in")
        assert [order.id for order in door_rows.orders_after(db, 0)] == [first, second]
        assert [order.id for order in door_rows.orders_after(db, first)] == [second]
        learn = orders.order(db, second)
        assert learn is not None
        assert (learn.type, learn.door, learn.reader) == (OrderType.LEARN_BADGE, None, "entrance-in")
        assert (learn.boot, learn.boottime_ms, learn.limit_ms) == (NOW.boot, NOW.mono_ms, 30_000)


def test_number_of_a_removed_order_is_never_used_again(registry: Registry):
    with registry.write() as db:
        first = orders.add_order(db, ADMIN, NOW, OrderType.UNLOCK_ONCE, 5000, door="entrance")
        db.execute("DELETE FROM orders")
        assert orders.add_order(db, ADMIN, NOW, OrderType.UNLOCK_ONCE, 5000, door="entrance") > first
