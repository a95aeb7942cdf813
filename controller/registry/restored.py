"""Prepare a registry from a backup: a new id, no sessions and no orders."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from controller.errors import CorruptDatabase
from controller.registry.database import Registry
from controller.registry.lockdowns import Lockdown, in_force


@dataclass(frozen=True)
class RestoredRegistry:
    """`before` and `now` are registry ids; `newest_action` is an action id; `lockdowns` are in force."""

    before: str
    now: str
    newest_action: int
    lockdowns: tuple[Lockdown, ...] = ()


def begin_restored(file: Path) -> RestoredRegistry:
    """Migrate the file and give it a new id, so that the journal can tell its rows from the old registry's.

    Deletes sessions, known browsers, the set-up code and orders. Raises CorruptDatabase or NewerDatabase.
    """
    registry = Registry.open(file)
    try:
        with registry.housekeeping() as db:
            result = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if result != "ok":
                raise CorruptDatabase(
                    f"The registry in the backup is damaged ({result}); take another backup."
                )
            for sql in (
                "DELETE FROM sessions",
                "DELETE FROM known_browsers",
                "DELETE FROM set_up_code",
                "DELETE FROM orders",
            ):
                db.execute(sql)
            before = db.execute("SELECT registry_id FROM meta").fetchone()[0]
            now = secrets.token_hex(16)
            db.execute("UPDATE meta SET registry_id = ?, registry_version = registry_version + 1", (now,))
            newest = db.execute("SELECT coalesce(max(id), 0) FROM operator_actions").fetchone()[0]
            lockdowns = tuple(in_force(db))
        registry.use_wal()
    finally:
        registry.close()
    return RestoredRegistry(before, now, newest, lockdowns)


def remove_acknowledgements_after(file: Path, records: int) -> None:
    """The restored log goes on after `records`: acknowledgements of later numbers belong to other alarms."""
    registry = Registry.open(file)
    try:
        with registry.housekeeping() as db:
            db.execute("DELETE FROM alarm_acknowledgements WHERE alarm_seq > ?", (records,))
        registry.use_wal()
    finally:
        registry.close()
