"""The accounts of a registry from before accounts.db, copied before a migration removes them there."""

import sqlite3
from pathlib import Path

from controller.registry.accounts.database import accounts_file, new_file
from controller.registry.accounts.schema import create_tables

_COPIED = {
    "SELECT id, password_hash FROM operators": "INSERT INTO passwords VALUES (?, ?)",
    "SELECT token_hash, operator_id, created_utc, last_seen_utc, confirmed_utc FROM sessions": (
        "INSERT INTO sessions VALUES (?, ?, ?, ?, ?)"
    ),
    "SELECT token_hash, operator_id, last_used_utc FROM known_browsers": (
        "INSERT INTO known_browsers VALUES (?, ?, ?)"
    ),
    "SELECT id, account, operator_id, address, browser, utc FROM sign_in_failures": (
        "INSERT INTO sign_in_failures VALUES (?, ?, ?, ?, ?, ?)"
    ),
    "SELECT only, hash, expires_utc FROM set_up_code WHERE used_utc IS NULL": (
        "INSERT INTO set_up_code VALUES (?, ?, ?)"
    ),
}


def copy_accounts(registry: sqlite3.Connection) -> None:
    """Durably, in place of anything that is in accounts.db: until the migration is done, the registry's rows
    are the accounts. A new registry has none.
    """
    if registry.execute("PRAGMA user_version").fetchone()[0] == 0:
        return
    name = registry.execute("SELECT file FROM pragma_database_list WHERE name = 'main'").fetchone()[0]
    with new_file(accounts_file(Path(name))) as db:
        create_tables(db)
        for read, write in _COPIED.items():
            db.executemany(write, registry.execute(read))
