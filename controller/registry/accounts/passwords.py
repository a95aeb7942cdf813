"""The hash of each operator's password."""

import sqlite3


def password_hash(db: sqlite3.Connection, operator_id: str) -> str | None:
    """None for an operator without a password, who cannot sign in."""
    row = db.execute("SELECT hash FROM passwords WHERE operator_id = ?", (operator_id,)).fetchone()
    return None if row is None else row[0]


def save_password_hash(db: sqlite3.Connection, operator_id: str, hashed: str) -> None:
    db.execute("INSERT OR REPLACE INTO passwords (operator_id, hash) VALUES (?, ?)", (operator_id, hashed))
