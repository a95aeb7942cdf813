"""Card keys as rows, wrapped to the door's public key: a reader of the registry can't unwrap them."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from controller.model.credentials import Assurance
from controller.registry.moments import utc_text


@dataclass(frozen=True)
class WrappedKey:
    """`door` is the id of the public key that wraps the key; `chip` and `bought` identify the card."""

    version: int
    wrapped: bytes = field(repr=False)
    door: str
    chip: str = ""
    bought: int | None = None


@dataclass(frozen=True)
class HeldKey:
    """A line of the inventory; `key` is None for a badge that is checked by its number only."""

    badge_id: str
    key: WrappedKey | None


_BY_HASH = "SELECT key_version, wrapped, door, chip, bought FROM card_keys WHERE card_hash = ?"
_ALL = """
    SELECT c.id, k.key_version, k.wrapped, k.door, k.chip, k.bought
    FROM published_credentials AS c JOIN cardholders AS h ON h.id = c.cardholder_id
    LEFT JOIN card_keys AS k ON k.card_hash = c.card_hash
    ORDER BY h.sort_key, h.id, c.last_four, c.id"""


def wrapped_key(db: sqlite3.Connection, card_hash: bytes) -> WrappedKey | None:
    row = db.execute(_BY_HASH, (card_hash,)).fetchone()
    return None if row is None else _wrapped_key(row)


def wrapped_key_of_badge(db: sqlite3.Connection, badge_id: str) -> WrappedKey | None:
    row = db.execute(
        "SELECT k.key_version, k.wrapped, k.door, k.chip, k.bought"
        " FROM card_keys AS k JOIN credentials AS c ON c.card_hash = k.card_hash WHERE c.id = ?",
        (badge_id,),
    ).fetchone()
    return None if row is None else _wrapped_key(row)


def all_held(db: sqlite3.Connection) -> list[HeldKey]:
    """Every badge, ordered by its holder's name."""
    return [
        HeldKey(badge_id, None if key[0] is None else _wrapped_key(key))
        for badge_id, *key in db.execute(_ALL)
    ]


def all_keys(db: sqlite3.Connection) -> list[tuple[bytes, WrappedKey]]:
    """Card hash and key of every badge with a key."""
    found = db.execute("SELECT card_hash, key_version, wrapped, door, chip, bought FROM card_keys")
    return [(bytes(card_hash), _wrapped_key(key)) for card_hash, *key in found]


def wrapped_elsewhere(db: sqlite3.Connection, door: str) -> int:
    number: int = db.execute("SELECT count(*) FROM card_keys WHERE door <> ?", (door,)).fetchone()[0]
    return number


def save_key(db: sqlite3.Connection, card_hash: bytes, key: WrappedKey, utc: datetime) -> None:
    """Set the badge's key; from the next tap on, the badge must prove it."""
    db.execute(
        "INSERT OR REPLACE INTO card_keys (card_hash, key_version, wrapped, door, chip, bought, imported_utc)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (card_hash, key.version, key.wrapped, key.door, key.chip, key.bought, utc_text(utc)),
    )
    _set_assurance(db, card_hash, Assurance.CARD_KEY)


def remove_key(db: sqlite3.Connection, card_hash: bytes) -> bool:
    """Check the badge by its number again. Return False if it had no key."""
    removed = db.execute("DELETE FROM card_keys WHERE card_hash = ?", (card_hash,)).rowcount > 0
    if removed:
        _set_assurance(db, card_hash, Assurance.NUMBER_ONLY)
    return removed


def stage(
    db: sqlite3.Connection,
    import_id: str,
    operator_id: str,
    utc: datetime,
    content_hash: str,
    keys: Iterable[tuple[bytes, WrappedKey]],
) -> None:
    """Stage card hashes and keys.

    This drops all earlier staged keys: only one such import exists at a time.
    """
    forget_all_staged(db)
    db.execute(
        "INSERT INTO card_key_imports (id, operator_id, started_utc, content_hash) VALUES (?, ?, ?, ?)",
        (import_id, operator_id, utc_text(utc), content_hash),
    )
    db.executemany(
        "INSERT INTO staged_card_keys (import_id, card_hash, key_version, wrapped, door, chip, bought)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(import_id, hash_, k.version, k.wrapped, k.door, k.chip, k.bought) for hash_, k in keys],
    )


def staged(
    db: sqlite3.Connection, import_id: str, operator_id: str
) -> tuple[str, list[tuple[bytes, WrappedKey]]] | None:
    """The file's hash and its staged keys; None if this operator has no such import."""
    head = db.execute(
        "SELECT content_hash FROM card_key_imports WHERE id = ? AND operator_id = ?", (import_id, operator_id)
    ).fetchone()
    if head is None:
        return None
    rows = db.execute(
        "SELECT card_hash, key_version, wrapped, door, chip, bought FROM staged_card_keys"
        " WHERE import_id = ?",
        (import_id,),
    )
    return head[0], [(bytes(card_hash), _wrapped_key(key)) for card_hash, *key in rows]


def forget_staged(db: sqlite3.Connection, import_id: str) -> None:
    db.execute("DELETE FROM card_key_imports WHERE id = ?", (import_id,))


def forget_all_staged(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM card_key_imports")


def _wrapped_key(columns: Sequence[Any]) -> WrappedKey:
    version, wrapped, door, chip, bought = columns
    return WrappedKey(version=version, wrapped=wrapped, door=door, chip=chip, bought=bought)


def _set_assurance(db: sqlite3.Connection, card_hash: bytes, assurance: Assurance) -> None:
    db.execute("UPDATE credentials SET assurance = ? WHERE card_hash = ?", (int(assurance), card_hash))
