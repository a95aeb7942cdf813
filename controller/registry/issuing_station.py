"""The public key of the one issuing station whose files this door accepts."""

import sqlite3
from datetime import datetime

from controller.registry.moments import utc_text


def trusted_station(db: sqlite3.Connection) -> str | None:
    """The station's public key as hex; None without a trusted station."""
    row = db.execute("SELECT public_key FROM issuing_station").fetchone()
    return None if row is None else row[0]


def trust(db: sqlite3.Connection, public_key: str, utc: datetime) -> None:
    """Trust this station instead of any earlier one."""
    db.execute(
        "INSERT OR REPLACE INTO issuing_station (only, public_key, trusted_utc) VALUES (1, ?, ?)",
        (public_key, utc_text(utc)),
    )
