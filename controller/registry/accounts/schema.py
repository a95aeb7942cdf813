"""The tables of accounts.db, and which files this program refuses. `user_version` counts the schema."""

import sqlite3
from pathlib import Path

from controller.errors import CorruptDatabase
from controller.registry.schema import newer

ACCOUNTS_SCHEMA = 1
# Operators themselves are in the registry, which the door reads. Tokens, names and codes are hashes: people
# type passwords into the name field. For `pending` see pending.py.
_TABLES = (
    "CREATE TABLE IF NOT EXISTS passwords (operator_id TEXT PRIMARY KEY, hash TEXT NOT NULL) STRICT",
    """CREATE TABLE IF NOT EXISTS sessions (
        token_hash BLOB PRIMARY KEY,
        operator_id TEXT NOT NULL,
        created_utc TEXT NOT NULL,
        last_seen_utc TEXT NOT NULL,
        confirmed_utc TEXT
    ) STRICT""",
    "CREATE INDEX IF NOT EXISTS sessions_held ON sessions (operator_id)",
    """CREATE TABLE IF NOT EXISTS known_browsers (
        token_hash BLOB PRIMARY KEY,
        operator_id TEXT NOT NULL,
        last_used_utc TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX IF NOT EXISTS known_browsers_held ON known_browsers (operator_id, last_used_utc)",
    """CREATE TABLE IF NOT EXISTS sign_in_failures (
        id INTEGER PRIMARY KEY,
        account BLOB NOT NULL,
        operator_id TEXT,
        address TEXT NOT NULL,
        browser BLOB,
        utc TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX IF NOT EXISTS sign_in_failures_account ON sign_in_failures (account, utc)",
    "CREATE INDEX IF NOT EXISTS sign_in_failures_address ON sign_in_failures (address, utc)",
    """CREATE INDEX IF NOT EXISTS sign_in_failures_browser ON sign_in_failures (browser, utc)
        WHERE browser IS NOT NULL""",
    """CREATE TABLE IF NOT EXISTS set_up_code (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        hash BLOB NOT NULL,
        expires_utc TEXT NOT NULL
    ) STRICT""",
    "CREATE TABLE IF NOT EXISTS pending (id TEXT PRIMARY KEY, change TEXT NOT NULL) STRICT",
)


def create_tables(db: sqlite3.Connection) -> None:
    """Within the caller's transaction."""
    for statement in _TABLES:
        db.execute(statement)
    db.execute(f"PRAGMA user_version = {ACCOUNTS_SCHEMA}")


def refuse_other(db: sqlite3.Connection, file: Path) -> None:
    """Raise NewerDatabase for a file of a newer program, CorruptDatabase for one that holds no accounts."""
    found: int = db.execute("PRAGMA user_version").fetchone()[0]
    if found > ACCOUNTS_SCHEMA:
        raise newer(file, found, ACCOUNTS_SCHEMA)
    if found < ACCOUNTS_SCHEMA:
        raise CorruptDatabase(f"{file} is damaged: it holds no accounts; restore it from a backup.")
