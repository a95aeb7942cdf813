"""Sessions, known browsers and the set-up code, stored only as hashes of the secrets."""

import hashlib
import sqlite3
from dataclasses import dataclass
from datetime import datetime

from controller.registry.moments import utc_moment, utc_text

MAX_BROWSERS = 20  # per operator; beyond it the least recently used is deleted


@dataclass(frozen=True)
class SessionRow:
    operator_id: str
    created: datetime
    last_seen: datetime


def token_hash(token: str) -> bytes:
    """Plain SHA-256 is enough: tokens are 256 random bits."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def add_session(db: sqlite3.Connection, token: str, operator_id: str, utc: datetime) -> None:
    db.execute(
        "INSERT INTO sessions (token_hash, operator_id, created_utc, last_seen_utc) VALUES (?, ?, ?, ?)",
        (token_hash(token), operator_id, utc_text(utc), utc_text(utc)),
    )


def session(db: sqlite3.Connection, token: str) -> SessionRow | None:
    row = db.execute(
        "SELECT operator_id, created_utc, last_seen_utc FROM sessions WHERE token_hash = ?",
        (token_hash(token),),
    ).fetchone()
    return None if row is None else SessionRow(row[0], utc_moment(row[1]), utc_moment(row[2]))


def touch_session(db: sqlite3.Connection, token: str, utc: datetime) -> None:
    db.execute(
        "UPDATE sessions SET last_seen_utc = ? WHERE token_hash = ?", (utc_text(utc), token_hash(token))
    )


def confirmed(db: sqlite3.Connection, token: str, operator_id: str) -> datetime | None:
    """When the operator last entered the password in this session."""
    row = db.execute(
        "SELECT coalesce(confirmed_utc, created_utc) FROM sessions WHERE token_hash = ? AND operator_id = ?",
        (token_hash(token), operator_id),
    ).fetchone()
    return None if row is None else utc_moment(row[0])


def confirm(db: sqlite3.Connection, token: str, utc: datetime) -> None:
    db.execute(
        "UPDATE sessions SET confirmed_utc = ? WHERE token_hash = ?", (utc_text(utc), token_hash(token))
    )


def end_session(db: sqlite3.Connection, hashed: bytes) -> None:
    """`hashed` is the hash of its token."""
    db.execute("DELETE FROM sessions WHERE token_hash = ?", (hashed,))


def end_sessions_of(db: sqlite3.Connection, operator_id: str, but: bytes = b"") -> None:
    """All but the one with this hash of its token."""
    db.execute("DELETE FROM sessions WHERE operator_id = ? AND token_hash <> ?", (operator_id, but))


def end_sessions_before(db: sqlite3.Connection, created: datetime, last_seen: datetime) -> None:
    db.execute(
        "DELETE FROM sessions WHERE created_utc < ? OR last_seen_utc < ?",
        (utc_text(created), utc_text(last_seen)),
    )


def is_registered_browser(db: sqlite3.Connection, device: str, operator_id: str) -> bool:
    row = db.execute(
        "SELECT 1 FROM known_browsers WHERE token_hash = ? AND operator_id = ?",
        (token_hash(device), operator_id),
    ).fetchone()
    return row is not None


def remember_browser(db: sqlite3.Connection, device: str, operator_id: str, utc: datetime) -> None:
    db.execute(
        "INSERT INTO known_browsers (token_hash, operator_id, last_used_utc) VALUES (?, ?, ?)"
        " ON CONFLICT (token_hash) DO UPDATE SET last_used_utc = excluded.last_used_utc",
        (token_hash(device), operator_id, utc_text(utc)),
    )
    db.execute(
        "DELETE FROM known_browsers WHERE operator_id = ? AND token_hash NOT IN (SELECT token_hash FROM"
        " known_browsers WHERE operator_id = ? ORDER BY last_used_utc DESC LIMIT ?)",
        (operator_id, operator_id, MAX_BROWSERS),
    )


def forget_browsers_of(db: sqlite3.Connection, operator_id: str) -> None:
    db.execute("DELETE FROM known_browsers WHERE operator_id = ?", (operator_id,))


def save_set_up_code(db: sqlite3.Connection, code: str, expires: datetime) -> None:
    remove_set_up_code(db)
    db.execute("INSERT INTO set_up_code VALUES (1, ?, ?)", (token_hash(code), utc_text(expires)))


def is_set_up_code(db: sqlite3.Connection, code: str, utc: datetime) -> bool:
    row = db.execute(
        "SELECT 1 FROM set_up_code WHERE hash = ? AND expires_utc > ?", (token_hash(code), utc_text(utc))
    ).fetchone()
    return row is not None


def remove_set_up_code(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM set_up_code")
