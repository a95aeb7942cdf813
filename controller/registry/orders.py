"""Orders to the door, as rows. The door carries out each at most once."""

import sqlite3
from typing import Any

from controller.model.moment import Moment
from controller.model.operators import Operator
from controller.model.orders import Order, OrderType
from controller.registry.moments import utc_moment, utc_text

_ROW = """
    SELECT id, type, door, reader, operator_id, operator_name, reason, boot, boottime_ms, limit_ms, utc
    FROM orders"""
_ONE = _ROW + " WHERE id = ?"


def add_order(
    db: sqlite3.Connection,
    operator: Operator,
    now: Moment,
    type_: OrderType,
    limit_ms: int,
    door: str | None = None,
    reader: str | None = None,
    reason: str | None = None,
) -> int:
    """Add an order and return its id. Ids are never reused, so the journal can remember them."""
    row = db.execute(
        "INSERT INTO orders (type, door, reader, operator_id, operator_name, reason, boot, boottime_ms,"
        " limit_ms, utc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (
            type_.value,
            door,
            reader,
            operator.id,
            operator.display_name,
            reason,
            now.boot,
            now.mono_ms,
            limit_ms,
            utc_text(now.utc),
        ),
    ).fetchone()
    order_id: int = row[0]
    return order_id


def unlocks_since(db: sqlite3.Connection, operator: Operator, boot: str, mono_ms: int) -> list[int]:
    """Times (`boottime_ms`) of this operator's unlock orders since `mono_ms` of this boot, oldest first."""
    rows = db.execute(
        "SELECT boottime_ms FROM (SELECT * FROM orders ORDER BY id DESC LIMIT 200)"
        " WHERE type = 'unlock_once' AND operator_id = ? AND boot = ? AND boottime_ms > ? ORDER BY id",
        (operator.id, boot, mono_ms),
    )
    return [row[0] for row in rows]


def order(db: sqlite3.Connection, order_id: int) -> Order | None:
    row = db.execute(_ONE, (order_id,)).fetchone()
    return None if row is None else _order(row)


def _order(row: tuple[Any, ...]) -> Order:
    id_, type_, door, reader, operator_id, operator_name, reason, boot, boottime_ms, limit_ms, utc = row
    return Order(
        id=id_,
        type=OrderType(type_),
        door=door,
        reader=reader,
        operator_id=operator_id,
        operator_name=operator_name,
        reason=reason,
        boot=boot,
        boottime_ms=boottime_ms,
        limit_ms=limit_ms,
        utc=utc_moment(utc),
    )
