"""Operators' accounts as rows."""

import sqlite3

from controller.model.operators import Operator, OperatorRole, OperatorStatus

_ROW = "SELECT id, name, display_name, role, language, status FROM operators"
_ALL = _ROW + " ORDER BY name"
_ONE = _ROW + " WHERE id = ?"
_NAMED = _ROW + " WHERE name = ?"


def all_operators(db: sqlite3.Connection) -> list[Operator]:
    return [_operator(row) for row in db.execute(_ALL)]


def operator(db: sqlite3.Connection, operator_id: str) -> Operator | None:
    row = db.execute(_ONE, (operator_id,)).fetchone()
    return None if row is None else _operator(row)


def operator_named(db: sqlite3.Connection, name: str) -> Operator | None:
    row = db.execute(_NAMED, (name,)).fetchone()
    return None if row is None else _operator(row)


def any_administrator(db: sqlite3.Connection) -> bool:
    return db.execute("SELECT 1 FROM operators WHERE role = 'admin' LIMIT 1").fetchone() is not None


def add_operator(db: sqlite3.Connection, added: Operator) -> None:
    """Add an operator; a name in use raises sqlite3.IntegrityError."""
    db.execute(
        "INSERT INTO operators (id, name, display_name, role, language, status) VALUES (?, ?, ?, ?, ?, ?)",
        (
            added.id,
            added.name,
            added.display_name,
            added.role.value,
            added.language,
            added.status.value,
        ),
    )


def change_operator(db: sqlite3.Connection, changed: Operator) -> None:
    db.execute(
        "UPDATE operators SET display_name = ?, role = ?, language = ?, status = ? WHERE id = ?",
        (changed.display_name, changed.role.value, changed.language, changed.status.value, changed.id),
    )


def other_administrators(db: sqlite3.Connection, operator_id: str) -> int:
    """Count of active administrators other than this one."""
    count: int = db.execute(
        "SELECT count(*) FROM operators WHERE role = 'admin' AND status = 'active' AND id <> ?",
        (operator_id,),
    ).fetchone()[0]
    return count


def _operator(row: tuple[str, str, str, str, str, str]) -> Operator:
    id_, name, display_name, role, language, status = row
    return Operator(
        id=id_,
        name=name,
        display_name=display_name,
        role=OperatorRole(role),
        language=language,
        status=OperatorStatus(status),
    )
