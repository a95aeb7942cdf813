"""Orders, operators' actions and erasures as the door reads them: row by row where a batch cannot be read.

One row that no Genkan wrote must not keep the door from the rows behind it.
"""

import json
import logging
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from controller.model.operators import OperatorRole, OperatorStatus
from controller.model.orders import ActionType, OperatorAction, Order, OrderType, UnreadableOrder
from controller.model.recorded_rights import parsed_rights
from controller.registry.action_mac import action_key, is_authentic
from controller.registry.actions import action_of
from controller.registry.erasures import ErasureRow
from controller.registry.moments import utc_moment
from controller.registry.schema import FIRST_WITH_ERASURES, FIRST_WITH_RIGHTS
from controller.registry.typed import LARGEST, MOMENT, TEXT, text, text_or_none, whole
from controller.sqlite.limits import concerns_a_value

log = logging.getLogger(__name__)

MOST_ORDERS = 100  # in one step
_CELLS = 65_536  # characters of `before` or `after`
# Of each table: a batch; the ids of the same rows; one cell of one row, by its position among the columns.
_ORDERS = (
    """
    SELECT id, type, door, reader, operator_id, operator_name, reason, boot, boottime_ms, limit_ms, utc
    FROM orders WHERE id > ? ORDER BY id DESC LIMIT ?""",
    "SELECT id FROM orders WHERE id > ? ORDER BY id DESC LIMIT ?",
    """
    SELECT CASE ?1 WHEN 0 THEN type WHEN 1 THEN door WHEN 2 THEN reader WHEN 3 THEN operator_id
        WHEN 4 THEN operator_name WHEN 5 THEN reason WHEN 6 THEN boot WHEN 7 THEN boottime_ms
        WHEN 8 THEN limit_ms WHEN 9 THEN utc END
    FROM orders WHERE id = ?2""",
)
_ACTIONS = (
    """
    SELECT id, utc, operator_id, operator_name, role, action, object_type, object_id, before, after, reason
    FROM operator_actions WHERE id > ? ORDER BY id LIMIT ?""",
    "SELECT id FROM operator_actions WHERE id > ? ORDER BY id LIMIT ?",
    """
    SELECT CASE ?1 WHEN 0 THEN utc WHEN 1 THEN operator_id WHEN 2 THEN operator_name WHEN 3 THEN role
        WHEN 4 THEN action WHEN 5 THEN object_type WHEN 6 THEN object_id WHEN 7 THEN before
        WHEN 8 THEN after WHEN 9 THEN reason END
    FROM operator_actions WHERE id = ?2""",
)
_ACTIONS_WITH_RIGHTS = (
    """
    SELECT id, utc, operator_id, operator_name, role, action, object_type, object_id, before, after, reason,
           rights, mac
    FROM operator_actions WHERE id > ? ORDER BY id LIMIT ?""",
    _ACTIONS[1],
    """
    SELECT CASE ?1 WHEN 0 THEN utc WHEN 1 THEN operator_id WHEN 2 THEN operator_name WHEN 3 THEN role
        WHEN 4 THEN action WHEN 5 THEN object_type WHEN 6 THEN object_id WHEN 7 THEN before
        WHEN 8 THEN after WHEN 9 THEN reason WHEN 10 THEN rights WHEN 11 THEN mac END
    FROM operator_actions WHERE id = ?2""",
)
_ERASURES = (
    """
    SELECT id, person, badges, card_hashes, actions_before, asked_utc, operator_name, reason
    FROM erasures WHERE card_hashes IS NOT NULL AND id > ? ORDER BY id LIMIT ?""",
    "SELECT id FROM erasures WHERE card_hashes IS NOT NULL AND id > ? ORDER BY id LIMIT ?",
    """
    SELECT CASE ?1 WHEN 0 THEN person WHEN 1 THEN badges WHEN 2 THEN card_hashes
        WHEN 3 THEN actions_before WHEN 4 THEN asked_utc WHEN 5 THEN operator_name WHEN 6 THEN reason END
    FROM erasures WHERE id = ?2""",
)
_ACTION_COLUMNS = (
    "utc",
    "operator_id",
    "operator_name",
    "role",
    "action",
    "object_type",
    "object_id",
    "before",
    "after",
    "reason",
)
_IDENTIFYING = ("utc", "operator_id", "action", "object_type", "object_id")
_ROLE = "SELECT role FROM operators WHERE id = ? AND status = ?"
_NEWEST_ACTIONS = 1000  # an order and its action are written together, seconds ago
_ORDER_ACTIONS = """
    SELECT id, after FROM operator_actions
    WHERE id > (SELECT max(id) FROM operator_actions) - ? AND action = ? AND operator_id = ? AND object_id = ?
    ORDER BY id DESC LIMIT 100"""
_ORDER_WIDTH, _ERASURE_WIDTH = 10, 7
_logged: set[tuple[str, int]] = set()  # skipped rows already logged
_MOST_LOGGED = 1000


class _Unreadable:
    def __repr__(self) -> str:
        return "unreadable"  # also as text to hash, so it must stay the same


_UNREADABLE = _Unreadable()  # in place of a value that is too long, or of a text that is not UTF-8


def orders_after(db: sqlite3.Connection, order_id: int) -> list[Order | UnreadableOrder]:
    """Orders newer than `order_id`, oldest first, but at most the newest `MOST_ORDERS`: an order is valid for
    seconds. One whose number no record can hold is skipped.
    """
    orders: list[Order | UnreadableOrder] = []
    newest = list(_rows(db, _ORDERS, _ORDER_WIDTH, (order_id, MOST_ORDERS)))
    for id_, values in reversed(newest):
        try:
            orders.append(_order(id_, values))
        except ValueError as error:
            _skip("order", id_, error)
            if isinstance(id_, int) and id_ <= LARGEST:
                orders.append(UnreadableOrder(id_))
    return orders


def active_role(db: sqlite3.Connection, operator_id: str) -> OperatorRole | None:
    """None if there is no such operator, or a disabled one."""
    row = db.execute(_ROLE, (operator_id, OperatorStatus.ACTIVE.value)).fetchone()
    try:
        return None if row is None else OperatorRole(row[0])
    except ValueError:
        return None


def has_order_action(
    db: sqlite3.Connection, schema: int, order: Order, action: ActionType, key: bytes | None
) -> bool:
    """Whether the newest actions have one of the registrar by this operator that gave this order for this
    door or reader. `key`: the card number key.
    """
    about = order.door if order.type is OrderType.UNLOCK_ONCE else order.reader
    try:
        rows = db.execute(
            _ORDER_ACTIONS, (_NEWEST_ACTIONS, action.value, order.operator_id, about)
        ).fetchall()
    except sqlite3.Error as error:
        if concerns_a_value(error):
            return False
        raise
    giving = [id_ for id_, after in rows if _gave(after, order.id)]
    if schema < FIRST_WITH_RIGHTS:
        return bool(giving)
    return any(
        action.is_authentic
        for id_ in giving
        for action in actions_after(db, schema, id_ - 1, limit=1, key=key)
    )


def _gave(after: Any, order_id: int) -> bool:
    try:
        values = json.loads(text(after))
    except (ValueError, RecursionError):
        return False
    return isinstance(values, dict) and values.get("order") == order_id


def actions_after(
    db: sqlite3.Connection, schema: int, action_id: int, limit: int, key: bytes | None
) -> list[OperatorAction]:
    """Rows oldest first. A damaged row keeps its readable fields, so that the door still copies it.

    `key`: the card number key; without it no row is authentic.
    """
    if schema < FIRST_WITH_RIGHTS:
        rows = _rows(db, _ACTIONS, len(_ACTION_COLUMNS), (action_id, limit))
        return [action_of((id_, *_action_cells(values))) for id_, values in rows]
    found = []
    rows = _rows(db, _ACTIONS_WITH_RIGHTS, len(_ACTION_COLUMNS) + 2, (action_id, limit))
    mac_key = None if key is None else action_key(key)
    for id_, (*values, rights, mac) in rows:
        covered = _covered(id_, values, rights)
        is_known = mac_key is not None and is_authentic(mac_key, covered, mac) and _is_parsed(rights)
        action = action_of((id_, *_action_cells(values)))
        found.append(replace(action, rights=rights if is_known else None, is_authentic=is_known))
    return found


def identifying_cells(db: sqlite3.Connection, action_id: int) -> tuple[Any, ...] | None:
    """The columns of an action that no erasure changes; its texts beside them it does. None without it."""
    for id_, values in _rows(db, _ACTIONS, len(_ACTION_COLUMNS), (action_id - 1, 1)):
        if id_ == action_id:
            cells = dict(zip(_ACTION_COLUMNS, values, strict=True))
            return (id_, *(cells[name] for name in _IDENTIFYING))
    return None


def _is_parsed(rights: Any) -> bool:
    try:
        return rights is None or bool(parsed_rights(rights))
    except (AttributeError, ValueError):
        return False


def _covered(id_: int, values: Sequence[Any], rights: object) -> tuple[Any, ...]:
    """The columns that a MAC covers, in its order."""
    utc, operator_id, name, *identifying, before, after, reason = values
    return (id_, utc, operator_id, *identifying, name, before, after, reason, rights)


def _action_cells(values: Sequence[Any]) -> Iterator[Any]:
    return (_action_cell(name, value) for name, value in zip(_ACTION_COLUMNS, values, strict=True))


def unfinished_erasures(db: sqlite3.Connection, schema: int, limit: int) -> list[ErasureRow]:
    """Requests not known to be done, oldest first; empty for a registry of an older program."""
    if schema < FIRST_WITH_ERASURES:
        return []
    found = []
    for id_, values in _rows(db, _ERASURES, _ERASURE_WIDTH, (0, limit)):
        try:
            found.append(_erasure(id_, values))
        except (ValueError, RecursionError) as error:
            _skip("erasure", id_, error)
    return found


def _rows(
    db: sqlite3.Connection, table: tuple[str, str, str], width: int, values: tuple[int, int]
) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Id and columns of each row; a cell that cannot be read is `_UNREADABLE`."""
    batch, ids, cell = table
    try:
        rows = db.execute(batch, values).fetchall()
    except sqlite3.Error as error:
        if not concerns_a_value(error):
            raise
        for (id_,) in db.execute(ids, values).fetchall():
            yield id_, tuple(_cell(db, cell, position, id_) for position in range(width))
        return
    for id_, *row in rows:
        yield id_, tuple(row)


def _cell(db: sqlite3.Connection, question: str, position: int, id_: int) -> Any:
    try:
        row = db.execute(question, (position, id_)).fetchone()
    except sqlite3.Error as error:
        if not concerns_a_value(error):
            raise
        return _UNREADABLE
    return None if row is None else row[0]


def _order(id_: int, values: tuple[Any, ...]) -> Order:
    type_, door, reader, operator_id, operator_name, reason, boot, boottime_ms, limit_ms, utc = values
    return Order(
        id=whole(id_),
        type=OrderType(text(type_)),
        door=text_or_none(door),
        reader=text_or_none(reader),
        operator_id=text(operator_id),
        operator_name=text(operator_name),
        reason=text_or_none(reason, TEXT),
        boot=text(boot),
        boottime_ms=whole(boottime_ms, -LARGEST),
        limit_ms=whole(limit_ms, -LARGEST),
        utc=utc_moment(text(utc, MOMENT)),
    )


def _erasure(id_: int, values: tuple[Any, ...]) -> ErasureRow:
    person, badges, card_hashes, actions_before, requested_utc, operator_name, reason = values
    return ErasureRow(
        id=whole(id_),
        person=text(person),
        badges=_texts(badges),
        card_hashes=_texts(card_hashes),
        actions_before=whole(actions_before),
        requested_utc=utc_moment(text(requested_utc, MOMENT)),
        operator_name=text(operator_name),
        reason=text(reason, TEXT),
    )


def _texts(value: Any) -> tuple[str, ...]:
    found = json.loads(text(value, _CELLS))
    if not isinstance(found, list):
        raise ValueError("no list of texts")
    return tuple(text(one) for one in found)


def _action_cell(name: str, value: Any) -> Any:
    """The value as the log can hold it."""
    if name in ("before", "after"):
        return value if isinstance(value, str) and len(value) <= _CELLS else None
    if name == "reason":
        return value[:TEXT] if isinstance(value, str) else None
    if name in ("operator_id", "object_type", "object_id"):
        return value[:TEXT] if isinstance(value, str) else None
    return value[:TEXT] if isinstance(value, str) else ""


def _skip(what: str, id_: int, error: Exception) -> None:
    if (what, id_) not in _logged and len(_logged) < _MOST_LOGGED:
        _logged.add((what, id_))
        log.warning("%s %s is skipped: %s", what, id_, error)
