import pytest

from controller.model.orders import OrderType
from controller.registry import orders
from controller.registry.database import Registry
from tests.sample_house import ADMIN, NOW


def test_orders_come_oldest_first_after_a_given_one(registry: Registry):
    with registry.write() as db:
        first = orders.add_order(db, ADMIN, NOW, OrderType.UNLOCK_ONCE, 5000, door="entrance", reason="why")
        second = orders.add_order(db, ADMIN, NOW, OrderType.LEARN_BADGE, 30_000, reader="entrance-in")
        assert [order.id for order in orders.orders_after(db, 0)] == [first, second]
        assert [order.id for order in orders.orders_after(db, first)] == [second]
        learn = orders.order(db, second)
        assert learn is not None
        assert (learn.type, learn.door, learn.reader) == (OrderType.LEARN_BADGE, None, "entrance-in")
        assert (learn.boot, learn.boottime_ms, learn.limit_ms) == (NOW.boot, NOW.mono_ms, 30_000)


def test_number_of_a_removed_order_is_never_given_again(registry: Registry):
    with registry.write() as db:
        first = orders.add_order(db, ADMIN, NOW, OrderType.UNLOCK_ONCE, 5000, door="entrance")
        db.execute("DELETE FROM orders")
        assert orders.add_order(db, ADMIN, NOW, OrderType.UNLOCK_ONCE, 5000, door="entrance") > first


def test_order_nobody_here_understands_is_left_out_and_told_once(
    registry: Registry, caplog: pytest.LogCaptureFixture
):
    with registry.write() as db:
        ids = [
            orders.add_order(db, ADMIN, NOW, OrderType.UNLOCK_ONCE, 5000, door="entrance") for _ in range(5)
        ]
        db.execute("UPDATE orders SET type = 'open_roof' WHERE id = ?", (ids[1],))
        db.execute("UPDATE orders SET utc = 'yesterday' WHERE id = ?", (ids[2],))
        db.execute("UPDATE orders SET utc = '2026-11-24T06:00:00' WHERE id = ?", (ids[4],))
        for _ in range(2):
            assert [order.id for order in orders.orders_after(db, 0)] == [ids[0], ids[3]]
    translate_sqlite_errors = [record.getMessage().split(" is ")[0] for record in caplog.records]
    assert translate_sqlite_errors == [f"order {ids[n]}" for n in (1, 2, 4)]
