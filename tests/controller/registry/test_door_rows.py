"""Rows that no Genkan writes: the door reads those behind them all the same."""

import sqlite3
from collections.abc import Iterator

import pytest

from controller.model.orders import ActionType, OrderType, UnreadableOrder
from controller.registry import actions, door_rows, erasures, orders
from controller.registry.database import Registry
from controller.registry.erasures import ErasureRequest
from controller.registry.lookup import Lookup
from controller.registry.people import add_person
from tests.controller.registry.samples import UTC_NOW, person_row
from tests.sample_site import ADMIN, NOW

LONG = "x" * 1_100_000  # more than a limited connection reads


@pytest.fixture
def lookup(registry: Registry) -> Iterator[Lookup]:
    lookup = Lookup(registry.file)
    yield lookup
    lookup.close()


def add_order(db: sqlite3.Connection) -> int:
    return orders.add_order(db, ADMIN, NOW, OrderType.UNLOCK_ONCE, 5000, door="entrance", reason="why")


def test_order_that_is_not_understood_is_named_and_logged_once(
    registry: Registry,
    lookup: Lookup,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(door_rows, "_logged", set())  # other tests logged such rows
    with registry.write() as db:
        ids = [add_order(db) for _ in range(6)]
        db.execute("UPDATE orders SET type = 'open_roof' WHERE id = ?", (ids[1],))
        db.execute("UPDATE orders SET utc = 'yesterday' WHERE id = ?", (ids[2],))
        db.execute("UPDATE orders SET utc = '2026-11-24T06:00:00' WHERE id = ?", (ids[4],))
    for _ in range(2):
        found = lookup.orders_after(0)
        assert [order.id for order in found] == ids
        assert [order.id for order in found if isinstance(order, UnreadableOrder)] == [
            ids[1],
            ids[2],
            ids[4],
        ]
    logged = [record.getMessage().split(" is ")[0] for record in caplog.records]
    assert logged == [f"order {ids[n]}" for n in (1, 2, 4)]


@pytest.mark.parametrize("reason", [LONG, "x" * 1001, b"\xff\xfe"])
def test_order_with_an_unreadable_reason_is_named(registry: Registry, lookup: Lookup, reason: str) -> None:
    with registry.write() as db:
        spoilt, good = add_order(db), add_order(db)
        db.execute("UPDATE orders SET reason = CAST(? AS TEXT) WHERE id = ?", (reason, spoilt))
    unreadable, read = lookup.orders_after(0)
    assert unreadable == UnreadableOrder(spoilt) and read.id == good


def test_order_with_a_number_that_no_record_can_hold_is_skipped(registry: Registry, lookup: Lookup) -> None:
    with registry.write() as db:
        good, spoilt = add_order(db), add_order(db)
        db.execute("UPDATE orders SET id = ? WHERE id = ?", (2**62, spoilt))
    assert [order.id for order in lookup.orders_after(0)] == [good]


def test_of_very_many_orders_the_newest_are_read(registry: Registry, lookup: Lookup) -> None:
    with registry.write() as db:
        ids = [add_order(db) for _ in range(door_rows.MOST_ORDERS + 5)]
    assert [order.id for order in lookup.orders_after(0)] == ids[5:]


def test_action_with_an_unreadable_cell_keeps_the_others(registry: Registry, lookup: Lookup) -> None:
    with registry.write() as db:
        first = actions.record(db, ADMIN, NOW.utc, ActionType.BADGE_LOST, "badge", "b1", reason=LONG)
        second = actions.record(db, ADMIN, NOW.utc, ActionType.BADGE_LOST, "badge", "b2", reason="lost")
        db.execute("UPDATE operator_actions SET operator_name = CAST(x'ff' AS TEXT) WHERE id = ?", (second,))
    one, other = lookup.actions_after(0)
    assert (one.id, one.object_id, one.reason, one.operator_name) == (first, "b1", None, ADMIN.display_name)
    assert (other.id, other.object_id, other.reason, other.operator_name) == (second, "b2", "lost", "")


def test_action_with_a_long_reason_is_cut(registry: Registry, lookup: Lookup) -> None:
    with registry.write() as db:
        actions.record(db, ADMIN, NOW.utc, ActionType.BADGE_LOST, "badge", "b1", reason="x" * 100_000)
    (action,) = lookup.actions_after(0)
    assert action.reason == "x" * 1000


def test_erasure_that_is_not_understood_is_left_out(registry: Registry, lookup: Lookup) -> None:
    with registry.write() as db:
        for number in range(4):
            add_person(db, person_row(number))
            request = ErasureRequest(f"p{number}", UTC_NOW, UTC_NOW, ADMIN.id, ADMIN.display_name, "asked")
            erasures.erase_person(db, request, erasures.references_of(db, request.person), 1, UTC_NOW)
        db.execute("UPDATE erasures SET badges = '7' WHERE person = 'p0'")
        db.execute("UPDATE erasures SET card_hashes = ? WHERE person = 'p1'", ("[" * 100_000,))
        db.execute("UPDATE erasures SET reason = ? WHERE person = 'p2'", (LONG,))
    assert [one.person for one in lookup.erasures()] == ["p3"]
