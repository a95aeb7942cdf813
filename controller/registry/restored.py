"""Prepare a registry to go on in place of another: a new id, no orders and no pending erasures."""

import secrets
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from controller.errors import CorruptDatabase
from controller.model.operators import MACHINE
from controller.model.orders import ActionType
from controller.registry import actions, erasures
from controller.registry.database import Registry
from controller.registry.lockdowns import Lockdown, in_force

# Actions of the replaced registry that the log may lack: since the backup, or while the door was stopped.
_MOST_UNKNOWN_ACTIONS = 1_000_000


@dataclass(frozen=True)
class RestoredRegistry:
    """`before` and `now` are registry ids; `newest_action` is an action id; `lockdowns` are in force."""

    before: str
    now: str
    newest_action: int
    cancelled_erasures: int
    lockdowns: tuple[Lockdown, ...] = ()


class InPlace(NamedTuple):
    """`before` and `now` are registry ids; `cancelled` are the people whose erasure was pending."""

    before: str
    now: str
    cancelled: tuple[str, ...]


def begin_in_place_of(db: sqlite3.Connection, replaced: str | None, newest_known: int = 0) -> InPlace:
    """Give the registry a new id, so that the log can tell its rows from those of the one that it replaces.

    `replaced`: the id of the accepted registry; None if the log knows none: then this one's. `newest_known`:
    the newest action that the log has from it. In the same transaction the caller records the acceptance, and
    then each cancelled erasure: somebody may have cancelled it after this state of the registry.

    The acceptance gets a higher number than any action of the replaced registry. A MAC covers the number, so
    none of those actions can be put behind the acceptance, where it would give rights.
    """
    newest = db.execute("SELECT coalesce(max(id), 0) FROM operator_actions").fetchone()[0]
    next_after = (max(newest, newest_known) + _MOST_UNKNOWN_ACTIONS,)
    db.execute("DELETE FROM sqlite_sequence WHERE name = 'operator_actions'")
    db.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('operator_actions', ?)", next_after)
    db.execute("DELETE FROM orders")
    cancelled = erasures.remove_all_pending(db)
    before = replaced or db.execute("SELECT registry_id FROM meta").fetchone()[0]
    now = secrets.token_hex(16)
    db.execute("UPDATE meta SET registry_id = ?", (now,))
    return InPlace(before, now, cancelled)


def begin_restored(file: Path, key: bytes, replaced: str | None, utc: datetime) -> RestoredRegistry:
    """Migrate the file, and accept it in place of the registry that the restored log knows.

    `key` is the card number key. Raises CorruptDatabase or NewerDatabase.
    """
    registry = Registry.open(file, key)
    try:
        with registry.housekeeping() as db:
            result = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if result != "ok":
                raise CorruptDatabase(
                    f"The registry in the backup is damaged ({result}); take another backup."
                )
            own = db.execute("SELECT registry_id FROM meta").fetchone()[0]
            newest = db.execute("SELECT coalesce(max(id), 0) FROM operator_actions").fetchone()[0]
            before, now, cancelled = begin_in_place_of(db, replaced)
            db.execute("UPDATE meta SET registry_version = registry_version + 1")
            actions.record(
                db,
                MACHINE,
                utc,
                action=ActionType.REGISTRY_ACCEPTED,
                object_type="registry",
                object_id=now,
                before={"registry": before},
                after={"restored": True},
            )
            for person in cancelled:
                actions.record(
                    db,
                    MACHINE,
                    utc,
                    action=ActionType.ERASURE_CANCELLED,
                    object_type="person",
                    object_id=person,
                )
            lockdowns = tuple(in_force(db))
        registry.use_wal()
    finally:
        registry.close()
    return RestoredRegistry(own, now, newest, cancelled_erasures=len(cancelled), lockdowns=lockdowns)


def remove_acknowledgements_after(file: Path, records: int) -> None:
    """The restored log goes on after `records`: acknowledgements of later numbers belong to other alarms."""
    registry = Registry.open(file)
    try:
        with registry.housekeeping() as db:
            db.execute("DELETE FROM alarm_acknowledgements WHERE alarm_seq > ?", (records,))
        registry.use_wal()
    finally:
        registry.close()
