"""PINs as rows of keyed hashes."""

import sqlite3
from datetime import datetime

from controller.model.pins import MOST_DIGITS, StoredPin
from controller.registry.moments import utc_moment, utc_text
from controller.registry.typed import blob, blob_or_none, whole, whole_or_none

_LONGEST_HASH = 64


def pin_of(db: sqlite3.Connection, person_id: str) -> StoredPin | None:
    row = db.execute(
        "SELECT hash, digits, duress_hash, duress_digits, utc FROM pins WHERE cardholder_id = ?", (person_id,)
    ).fetchone()
    if row is None:
        return None
    hash, digits, duress_hash, duress_digits, utc = row
    return StoredPin(
        hash=hash, digits=digits, duress_hash=duress_hash, duress_digits=duress_digits, set_utc=_moment(utc)
    )


def pin_for_door(db: sqlite3.Connection, person_id: str) -> StoredPin | None:
    """Like `pin_of`, of a file that another process wrote. Raises ValueError for values of other types."""
    pin = pin_of(db, person_id)
    if pin is not None:
        blob(pin.hash, 1, _LONGEST_HASH)
        blob_or_none(pin.duress_hash, 1, _LONGEST_HASH)
        whole(pin.digits, 1, MOST_DIGITS)
        whole_or_none(pin.duress_digits, 1, MOST_DIGITS)
    return pin


def _moment(text: str) -> datetime | None:
    """Return None for a damaged time: the PIN stays valid."""
    try:
        return utc_moment(text)
    except (ValueError, TypeError):
        return None


def set_at(db: sqlite3.Connection, person_id: str) -> datetime | None:
    row = db.execute("SELECT utc FROM pins WHERE cardholder_id = ?", (person_id,)).fetchone()
    return None if row is None else utc_moment(row[0])


def save_pin(db: sqlite3.Connection, person_id: str, pin: StoredPin, utc: datetime) -> None:
    db.execute(
        "INSERT OR REPLACE INTO pins (cardholder_id, hash, digits, duress_hash, duress_digits, utc)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (person_id, pin.hash, pin.digits, pin.duress_hash, pin.duress_digits, utc_text(utc)),
    )


def remove_pin(db: sqlite3.Connection, person_id: str) -> None:
    db.execute("DELETE FROM pins WHERE cardholder_id = ?", (person_id,))


def holders(db: sqlite3.Connection) -> int:
    """Count of people with a PIN."""
    return int(db.execute("SELECT count(*) FROM pins").fetchone()[0])


def has_pin(db: sqlite3.Connection, person_id: str) -> bool:
    return db.execute("SELECT 1 FROM pins WHERE cardholder_id = ?", (person_id,)).fetchone() is not None


def shorter_than(db: sqlite3.Connection, digits: int) -> int:
    """Count of people whose PIN or duress PIN has fewer digits."""
    sql = "SELECT count(*) FROM pins WHERE digits < ? OR duress_digits < ?"
    return int(db.execute(sql, (digits, digits)).fetchone()[0])
