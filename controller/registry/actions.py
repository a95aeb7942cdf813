"""Operator actions: rows of `operator_actions`, written in the transaction of the change they describe."""

import json
import sqlite3
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from controller.model.events import Json
from controller.model.operators import Operator
from controller.model.orders import ActionType, OperatorAction
from controller.registry.moments import utc_moment, utc_text

_ROW = """
    SELECT id, utc, operator_id, operator_name, role, action, object_type, object_id, before, after, reason
    FROM operator_actions"""
_AFTER = _ROW + " WHERE id > ? ORDER BY id LIMIT ?"
NOT_CONFIRMED: Mapping[str, str] = {}
_UNKNOWN_UTC = datetime(1970, 1, 1, tzinfo=UTC)
_BEFORE = _ROW + " WHERE id < ? AND action NOT IN ('log_viewed', 'rights_recorded') ORDER BY id DESC LIMIT ?"
_ABOUT = _BEFORE.replace("ORDER", "AND object_id IN (SELECT value FROM json_each(?)) ORDER")


def record(
    db: sqlite3.Connection,
    operator: Operator | None,
    utc: datetime,
    action: ActionType,
    object_type: str | None = None,
    object_id: str | None = None,
    before: Mapping[str, Json] | None = None,
    after: Mapping[str, Json] | None = None,
    reason: str | None = None,
    about: Mapping[str, Json] | None = None,
    confirmation: Mapping[str, str] = NOT_CONFIRMED,
    rights: str | None = None,
) -> int:
    """Add a row and return its id. `operator` is None for a person who has not signed in.

    If both `before` and `after` are present, the row keeps only their differences. `about` identifies the
    object (a name, last four digits) and is added to both. `confirmation` is added to `after`. `rights`: only
    those that no change of this transaction gives.
    """
    if before is not None and after is not None:
        before, after = (
            {key: value for key, value in before.items() if after.get(key) != value},
            {key: value for key, value in after.items() if before.get(key) != value},
        )
    before = None if before is None else {**(about or {}), **before}
    after = None if after is None else {**(about or {}), **after}
    if confirmation:
        after = {**(after or {}), **confirmation}
    row = db.execute(
        "INSERT INTO operator_actions (utc, operator_id, operator_name, role, action, object_type, object_id,"
        " before, after, reason, rights) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            utc_text(utc),
            operator.id if operator else None,
            operator.display_name if operator else "",
            operator.role.value if operator else "",
            action.value,
            object_type,
            object_id,
            _text(before),
            _text(after),
            reason or None,
            rights,
        ),
    )
    assert row.lastrowid is not None  # noqa: S101 - never None after an INSERT
    return row.lastrowid


def actions_after(db: sqlite3.Connection, action_id: int, limit: int) -> list[OperatorAction]:
    """Return rows oldest first. A damaged row keeps its readable fields, so that the door still copies it."""
    return [action_of(row) for row in db.execute(_AFTER, (action_id, limit))]


def actions_before(
    db: sqlite3.Connection, action_id: int | None, limit: int, about: Collection[str] | None = None
) -> list[OperatorAction]:
    """Return rows newest first, without views of the log and rows that only hold rights.

    `about`: only actions on these references.
    """
    newest = 2**63 - 1 if action_id is None else action_id
    if about is not None:
        return [action_of(row) for row in db.execute(_ABOUT, (newest, json.dumps(list(about)), limit))]
    return [action_of(row) for row in db.execute(_BEFORE, (newest, limit))]


def views_since(db: sqlite3.Connection, operator_id: str, since: datetime) -> list[dict[str, Json]]:
    """The newest 50 views of the log by this operator since then."""
    rows = db.execute(
        "SELECT after FROM operator_actions WHERE operator_id = ? AND action = 'log_viewed' AND utc >= ?"
        " ORDER BY utc DESC LIMIT 50",
        (operator_id, utc_text(since)),
    )
    return [values for row in rows if (values := _values(row[0])) is not None]


def newest_backup(db: sqlite3.Connection) -> datetime | None:
    """When the newest recorded backup was created; None without one."""
    row = db.execute(
        "SELECT utc FROM operator_actions WHERE action = 'backup_made' ORDER BY id DESC LIMIT 1"
    ).fetchone()
    return None if row is None else _utc(row[0])


def _text(values: Mapping[str, Json] | None) -> str | None:
    return None if values is None else json.dumps(dict(values), ensure_ascii=False, sort_keys=True)


def _values(text: str | None) -> dict[str, Json] | None:
    """Return None for anything but a JSON object."""
    try:
        values = None if text is None else json.loads(text)
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) else None


def _utc(text: str) -> datetime:
    try:
        return utc_moment(text)
    except ValueError:
        return _UNKNOWN_UTC


def action_of(row: tuple[Any, ...]) -> OperatorAction:
    """From the columns in the order of `_ROW`; a value that cannot be parsed is left out."""
    id_, utc, operator_id, name, role, action, object_type, object_id, before, after, reason = row
    return OperatorAction(
        id=id_,
        utc=_utc(utc),
        operator_id=operator_id,
        operator_name=name,
        role=role,
        action=action,
        object_type=object_type,
        object_id=object_id,
        before=_values(before),
        after=_values(after),
        reason=reason,
    )
