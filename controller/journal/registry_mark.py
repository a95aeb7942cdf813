"""What the log knows of the registry: its newest copied action, and whether an older one took its place."""

import sqlite3
from datetime import datetime

from controller.journal.schema import FIRST_WITH_MARK
from controller.journal.writing import Statement
from controller.model.registry_mark import RegistryMark

_MARK = "SELECT registry_id, version, last_action, action_hash, rolled_back_utc FROM registry_mark"
_SAVE = (
    "INSERT OR REPLACE INTO registry_mark"
    " (id, registry_id, version, last_action, action_hash, rolled_back_utc) VALUES (1, ?, ?, ?, ?, ?)"
)
_COPIED = (
    "INSERT INTO copied (registry_id, last_action) VALUES (?, ?)"
    " ON CONFLICT (registry_id) DO UPDATE SET last_action = excluded.last_action"
)
_BEGIN_AGAIN = "INSERT OR IGNORE INTO copied (registry_id, last_action, repeated_up_to) VALUES (?, 0, ?)"
_POSITIONS = "SELECT registry_id, last_action FROM copied"
_AGAIN = "SELECT repeated_up_to FROM copied WHERE registry_id = ?"


def registry_mark(connection: sqlite3.Connection) -> RegistryMark | None:
    """None for a log that has copied no action yet, or only with a program before this one."""
    if int(connection.execute("PRAGMA user_version").fetchone()[0]) < FIRST_WITH_MARK:
        return None
    row = connection.execute(_MARK).fetchone()
    if row is None:
        return None
    registry_id, version, last_action, action_hash, utc = row
    return RegistryMark(
        registry_id=registry_id,
        version=version,
        last_action=last_action,
        action_hash=action_hash,
        rolled_back_utc=None if utc is None else datetime.fromisoformat(utc),
    )


def save_mark(mark: RegistryMark) -> Statement:
    utc = None if mark.rolled_back_utc is None else mark.rolled_back_utc.isoformat()
    return _SAVE, (mark.registry_id, mark.version, mark.last_action, mark.action_hash, utc)


def save_position(registry_id: str, last_action: int) -> Statement:
    """`last_action`: the newest copied one."""
    return _COPIED, (registry_id, last_action)


def begin_copying_again(registry_id: str, upto: int) -> Statement:
    """Of an accepted registry, from its first action on. A restored one goes on where its log ended."""
    return _BEGIN_AGAIN, (registry_id, upto)


def positions(connection: sqlite3.Connection) -> dict[str, int]:
    """The newest copied action of each registry."""
    return dict(connection.execute(_POSITIONS))


def repeated_up_to(connection: sqlite3.Connection, registry_id: str) -> int:
    """The last action that the log has had before; 0 for a registry that nobody had to accept."""
    if int(connection.execute("PRAGMA user_version").fetchone()[0]) < FIRST_WITH_MARK:
        return 0
    row = connection.execute(_AGAIN, (registry_id,)).fetchone()
    return 0 if row is None else int(row[0])
