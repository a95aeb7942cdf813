"""The registry's side of a change that also concerns accounts.db: its id, committed with the action."""

import sqlite3
from collections.abc import Collection


def decide(db: sqlite3.Connection, id_: str, waiting: Collection[str]) -> None:
    """The change `id_` holds once this transaction commits. Forget ids that are not `waiting` any more."""
    for (old,) in db.execute("SELECT id FROM account_changes").fetchall():
        if old not in waiting:
            db.execute("DELETE FROM account_changes WHERE id = ?", (old,))
    db.execute("INSERT INTO account_changes (id) VALUES (?)", (id_,))


def decided(db: sqlite3.Connection) -> frozenset[str]:
    return frozenset(id_ for (id_,) in db.execute("SELECT id FROM account_changes"))
