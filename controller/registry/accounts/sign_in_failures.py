"""Failed sign-ins as rows, so that the throttle survives a restart."""

import hashlib
import sqlite3
from datetime import datetime, timedelta

from controller.registry.moments import utc_moment_or_none, utc_text

KEPT = timedelta(days=1)  # for names without an account


def account_hash(name: str) -> bytes:
    """Hash the name: people type passwords into the name field, so the name itself is never stored."""
    return hashlib.sha256(name.encode("utf-8", "replace")).digest()


def add_failure(
    db: sqlite3.Connection,
    account: bytes,
    operator_id: str | None,
    browser: bytes | None,
    utc: datetime,
) -> int:
    """Record a failure. `operator_id` is None for a name without an account."""
    row = db.execute(
        "INSERT INTO sign_in_failures (account, operator_id, address, browser, utc) VALUES (?, ?, '', ?, ?)"
        " RETURNING id",
        (account, operator_id, browser, utc_text(utc)),
    ).fetchone()
    failure_id: int = row[0]
    return failure_id


def count_at_address(db: sqlite3.Connection, failure_id: int, address: str) -> None:
    """Count a failure at its address too, once the password was found wrong.

    Tries under way do not count there: forty people who sign in at nine o'clock hold nobody back.
    """
    db.execute("UPDATE sign_in_failures SET address = ? WHERE id = ?", (address, failure_id))


def drop_failure(db: sqlite3.Connection, failure_id: int) -> None:
    db.execute("DELETE FROM sign_in_failures WHERE id = ?", (failure_id,))


Counted = tuple[int, datetime | None]  # count, and time of the oldest (for an address: the newest)


def account_failures(db: sqlite3.Connection, account: bytes, since: datetime | None = None) -> Counted:
    """Failures from unknown browsers; known browsers have their own counts."""
    return _counted(
        db.execute(
            "SELECT count(*), min(utc) FROM sign_in_failures"
            " WHERE account = ? AND browser IS NULL AND utc > ?",
            (account, _text(since)),
        )
    )


def browser_failures(db: sqlite3.Connection, browser: bytes, since: datetime | None = None) -> Counted:
    return _counted(
        db.execute(
            "SELECT count(*), min(utc) FROM sign_in_failures WHERE browser = ? AND utc > ?",
            (browser, _text(since)),
        )
    )


def address_failures(db: sqlite3.Connection, address: str, since: datetime, until: datetime) -> Counted:
    """Failures from unknown browsers. Later ones than `until` were recorded before the clock was set back."""
    return _counted(
        db.execute(
            "SELECT count(*), max(utc) FROM sign_in_failures"
            " WHERE address = ? AND browser IS NULL AND utc > ? AND utc <= ?",
            (address, utc_text(since), utc_text(until)),
        )
    )


def forgive(db: sqlite3.Connection, account: bytes) -> None:
    db.execute("DELETE FROM sign_in_failures WHERE account = ?", (account,))


def forgive_browser(db: sqlite3.Connection, browser: bytes) -> None:
    db.execute("DELETE FROM sign_in_failures WHERE browser = ?", (browser,))


def drop_old(db: sqlite3.Connection, utc: datetime) -> None:
    """Delete old failures, but not of real accounts: only success or an administrator resets their count."""
    db.execute("DELETE FROM sign_in_failures WHERE operator_id IS NULL AND utc < ?", (utc_text(utc - KEPT),))


def _text(since: datetime | None) -> str:
    return "" if since is None else utc_text(since)


def _counted(rows: sqlite3.Cursor) -> Counted:
    count, oldest = rows.fetchone()
    return count, utc_moment_or_none(oldest)
