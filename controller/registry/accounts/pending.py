"""The part of an operator's request that belongs into accounts.db, while the registry commits its own part.

SQLite commits no two files together. So the change lies here first, under an id; the registry's transaction
that contains the id decides that it holds (see registry/account_changes.py); then it is applied. A process
killed in between leaves a change that is either decided, and applied later, or not, and dropped.
"""

import json
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

from controller.model.plain_values import from_plain, to_plain
from controller.registry.accounts import passwords, sessions, sign_in_failures
from controller.registry.accounts.database import Accounts


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChange:
    """What changes for one operator. Hashes are hex text."""

    operator_id: str
    password_hash: str | None = field(default=None, repr=False)
    ends_sessions: bool = False
    kept_session: str = ""  # the session that goes on when the others end
    ended_session: str = ""
    forgets_browsers: bool = False
    forgiven_account: str = ""  # whose failed sign-ins no longer count
    forgiven_browser: str = ""
    uses_set_up_code: bool = False


def add(db: sqlite3.Connection, id_: str, change: AccountChange) -> None:
    db.execute("INSERT INTO pending (id, change) VALUES (?, ?)", (id_, json.dumps(to_plain(change))))


def ids(db: sqlite3.Connection) -> list[str]:
    return [id_ for (id_,) in db.execute("SELECT id FROM pending ORDER BY rowid")]


def drop(db: sqlite3.Connection, id_: str) -> None:
    db.execute("DELETE FROM pending WHERE id = ?", (id_,))


def settle(db: sqlite3.Connection, decided: Collection[str]) -> None:
    """Apply the changes of these ids, oldest first. One that was applied already is not there any more."""
    for id_ in ids(db):
        if id_ in decided:
            row = db.execute("DELETE FROM pending WHERE id = ? RETURNING change", (id_,)).fetchone()
            _apply(db, from_plain(AccountChange, json.loads(row[0])))


@contextmanager
def settled_copy(accounts: Accounts, decided: Collection[str]) -> Iterator[sqlite3.Connection]:
    """A copy in memory with the changes of these ids applied, for a disk that takes no write."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as copy:
        with accounts.read() as db:
            db.backup(copy)
        settle(copy, decided)
        yield copy


def _apply(db: sqlite3.Connection, change: AccountChange) -> None:
    whose = change.operator_id
    if change.password_hash is not None:
        passwords.save_password_hash(db, whose, change.password_hash)
    if change.ends_sessions:
        sessions.end_sessions_of(db, whose, but=bytes.fromhex(change.kept_session))
    if change.ended_session:
        sessions.end_session(db, bytes.fromhex(change.ended_session))
    if change.forgets_browsers:
        sessions.forget_browsers_of(db, whose)
    if change.forgiven_account:
        sign_in_failures.forgive(db, bytes.fromhex(change.forgiven_account))
    if change.forgiven_browser:
        sign_in_failures.forgive_browser(db, bytes.fromhex(change.forgiven_browser))
    if change.uses_set_up_code:
        sessions.remove_set_up_code(db)
