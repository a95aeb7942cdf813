"""Notes what a transaction changes, and puts the digests of the rights it leaves on its operator actions.

TEMP triggers of the writing connection note each subject, so that no service names them. A transaction that
changes rights without an operator action is refused: nobody could tell who gave them.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from controller.model.orders import ActionType
from controller.model.recorded_rights import (
    IN_ONE_ACTION,
    Subject,
    SubjectDigest,
    SubjectKind,
    rights_text,
    rights_texts,
)
from controller.registry import staged_rights
from controller.registry.action_mac import action_mac, is_authentic
from controller.registry.rights import rights_now
from controller.registry.rights_triggers import begin_noting


def begin(db: sqlite3.Connection) -> int:
    """Call within a transaction that writes. Return the newest action's id, for `finish`."""
    begin_noting(db)
    newest: int = db.execute("SELECT coalesce(max(id), 0) FROM operator_actions").fetchone()[0]
    return newest


def finish(
    db: sqlite3.Connection,
    newest_action: int,
    key: bytes,
    read_before: AbstractContextManager[sqlite3.Connection],
) -> None:
    """Call before COMMIT: complete the actions that the transaction has added.

    `read_before` opens a connection that reads what was committed before. Raises RuntimeError if rights
    changed without an action.
    """
    added = db.execute(_ADDED, (newest_action,)).fetchall()
    changed = _changed_rights(db, read_before)
    published = [row[0] for row in db.execute("SELECT id FROM published_imports")]
    if (changed or published) and not added:
        raise RuntimeError(f"rights change without an operator's action: {rights_text(changed) or published}")
    for action_id, rights in _by_action(changed, added).items():
        if len(rights) <= IN_ONE_ACTION:
            db.execute(
                "UPDATE operator_actions SET rights = ? WHERE id = ?", (rights_text(rights), action_id)
            )
        else:
            _add_rows(db, action_id, rights_texts(rights))
    for import_id in published:
        _add_rows(db, added[-1][0], staged_rights.published(db, import_id))
    _authenticate(db, newest_action, key)
    _authenticate_rewritten(db, key)
    for forget in _FORGET:
        db.execute(forget)


# The columns of a row that its MAC covers, in the order of action_mac.py.
_SELECT_COVERED = (
    "SELECT id, utc, operator_id, role, action, object_type, object_id, operator_name, before, after, reason,"
    " rights"
)
_TOUCHED = "SELECT DISTINCT kind, id FROM touched_rights"
_ADDED = "SELECT id, object_id FROM operator_actions WHERE id > ? ORDER BY id"
_ADD_LIKE = (
    "INSERT INTO operator_actions (utc, operator_id, operator_name, role, action, object_type, object_id,"
    " rights) SELECT utc, operator_id, operator_name, role, ?, object_type, object_id, ?"
    " FROM operator_actions WHERE id = ?"
)
_TO_AUTHENTICATE = _SELECT_COVERED + " FROM operator_actions WHERE id > ? AND mac IS NULL ORDER BY id"
_REWRITTEN = _SELECT_COVERED + ", mac FROM rewritten_actions ORDER BY rowid"
_REWRITTEN_NOW = _SELECT_COVERED + " FROM operator_actions WHERE id = ?"
_FORGET = ("DELETE FROM touched_rights", "DELETE FROM published_imports", "DELETE FROM rewritten_actions")
_SAVE_MAC = "UPDATE operator_actions SET mac = ? WHERE id = ?"


def _changed_rights(
    db: sqlite3.Connection, read_before: AbstractContextManager[sqlite3.Connection]
) -> list[SubjectDigest]:
    touched = [
        Subject(SubjectKind(kind), id_)
        for kind, id_ in db.execute("SELECT DISTINCT kind, id FROM touched_rights")
    ]
    if not touched:
        return []
    now = rights_now(db, touched)
    with read_before as committed:
        before = rights_now(committed, touched)
    return [
        SubjectDigest(subject, digest) for subject, digest in sorted(now.items()) if digest != before[subject]
    ]


def _by_action(
    changed: Iterable[SubjectDigest], added: list[tuple[int, str | None]]
) -> Mapping[int, list[SubjectDigest]]:
    """Each right goes to the action on that subject, or else to the transaction's last one."""
    about = {object_id: id_ for id_, object_id in added if object_id is not None}
    found: dict[int, list[SubjectDigest]] = {}
    for right in changed:
        found.setdefault(about.get(right.subject.id, added[-1][0]), []).append(right)
    return found


def _add_rows(db: sqlite3.Connection, action_id: int, texts: Iterable[str]) -> None:
    """Add an action for each text, by the same operator and on the same object as `action_id`."""
    db.executemany(_ADD_LIKE, ((ActionType.RIGHTS_RECORDED.value, text, action_id) for text in texts))


def _authenticate(db: sqlite3.Connection, newest_action: int, key: bytes) -> None:
    for row in db.execute(_TO_AUTHENTICATE, (newest_action,)).fetchall():
        db.execute(_SAVE_MAC, (action_mac(key, row), row[0]))


def _authenticate_rewritten(db: sqlite3.Connection, key: bytes) -> None:
    """Keep authentic what was authentic before, and nothing else."""
    before: dict[int, tuple[Any, ...]] = {}
    for row in db.execute(_REWRITTEN):
        before.setdefault(row[0], row)
    for id_, (*covered, mac) in before.items():
        now = db.execute(_REWRITTEN_NOW, (id_,)).fetchone()
        if now is not None:
            db.execute(_SAVE_MAC, (action_mac(key, now) if is_authentic(key, covered, mac) else None, id_))
