"""Badges as rows. The registry never holds a card number, only its keyed hash and last four digits."""

import json
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from controller.errors import CorruptDatabase
from controller.model.credentials import Assurance, CredentialKind, CredentialStatus
from controller.registry.moments import utc_moment_or_none, utc_text
from controller.registry.schema import unreadable_row


@dataclass(frozen=True)
class BadgeRow:
    id: str
    person_id: str
    person_name: str
    last_four: str
    kind: CredentialKind
    assurance: Assurance
    status: CredentialStatus
    valid_from: datetime | None
    valid_until: datetime | None


@dataclass(frozen=True)
class UnreadableBadge:
    """`problem`: the sentence that names its row."""

    id: str
    problem: str


_ROW = """
    SELECT c.id, c.cardholder_id, h.name, c.last_four, c.kind, c.assurance, c.status,
           c.valid_from, c.valid_until
    FROM published_credentials AS c JOIN cardholders AS h ON h.id = c.cardholder_id"""
_ONE = _ROW + " WHERE c.id = ?"
_WITH_HASH = _ROW + " WHERE c.card_hash = ?"
_HELD = """
    SELECT c.id, c.cardholder_id, h.name, c.last_four, c.kind, c.assurance, c.status,
           c.valid_from, c.valid_until
    FROM json_each(?) AS wanted
    CROSS JOIN cardholders AS h ON h.id = wanted.value
    CROSS JOIN published_credentials AS c ON c.cardholder_id = h.id ORDER BY c.last_four, c.id"""
_NAMES = """
    SELECT c.id, substr(h.name, 1, 200) || ' …' || substr(c.last_four, 1, 4)
    FROM published_credentials AS c JOIN cardholders AS h ON h.id = c.cardholder_id
    WHERE c.id IN (SELECT value FROM json_each(?))"""
_ENDING = _ROW + " WHERE c.last_four = ? AND c.id > ? ORDER BY c.id LIMIT ?"
_PAGE = _ROW + " WHERE (c.last_four, c.id) > (?, ?) ORDER BY c.last_four, c.id LIMIT ?"


def add_badge(
    db: sqlite3.Connection, badge: BadgeRow, card_hash: bytes, import_id: str | None = None
) -> None:
    """Add a badge; a card hash that another badge has raises sqlite3.IntegrityError."""
    db.execute(
        "INSERT INTO credentials (card_hash, id, cardholder_id, last_four, kind, assurance, status,"
        " valid_from, valid_until, import_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            card_hash,
            badge.id,
            badge.person_id,
            badge.last_four,
            badge.kind.value,
            int(badge.assurance),
            badge.status.value,
            _text(badge.valid_from),
            _text(badge.valid_until),
            import_id,
        ),
    )


def change_badge(db: sqlite3.Connection, badge: BadgeRow) -> None:
    db.execute(
        "UPDATE credentials SET status = ?, valid_from = ?, valid_until = ? WHERE id = ?",
        (badge.status.value, _text(badge.valid_from), _text(badge.valid_until), badge.id),
    )


def badge(db: sqlite3.Connection, badge_id: str) -> BadgeRow | None:
    return _one(db.execute(_ONE, (badge_id,)))


def badge_with_hash(db: sqlite3.Connection, card_hash: bytes) -> BadgeRow | None:
    return _one(db.execute(_WITH_HASH, (card_hash,)))


def hash_of(db: sqlite3.Connection, badge_id: str) -> bytes | None:
    row = db.execute("SELECT card_hash FROM published_credentials WHERE id = ?", (badge_id,)).fetchone()
    return None if row is None else bytes(row[0])


def is_staged(db: sqlite3.Connection, card_hash: bytes) -> bool:
    """Return whether a badge of an unpublished import has this hash."""
    row = db.execute(
        "SELECT 1 FROM credentials AS c JOIN imports AS i ON i.id = c.import_id"
        " WHERE c.card_hash = ? AND i.published_utc IS NULL",
        (card_hash,),
    ).fetchone()
    return row is not None


def badges_of(db: sqlite3.Connection, person_id: str) -> list[BadgeRow]:
    """The person's badges, in order of their last four digits."""
    return badges_of_all(db, [person_id]).get(person_id, [])


def badges_of_all(db: sqlite3.Connection, person_ids: Collection[str]) -> dict[str, list[BadgeRow]]:
    """The badges of several people, by person; without those who have none."""
    held: dict[str, list[BadgeRow]] = {}
    for row in db.execute(_HELD, (json.dumps(list(person_ids)),)):
        found = _badge(row)
        held.setdefault(found.person_id, []).append(found)
    return held


def names(db: sqlite3.Connection, badge_ids: Collection[str]) -> dict[str, str]:
    """Name of the holder and last four digits by id, also of badges whose other values cannot be read."""
    return dict(db.execute(_NAMES, (json.dumps(list(badge_ids)),)))


def badges_page(
    db: sqlite3.Connection, last_four: str, after: str | None, limit: int
) -> list[BadgeRow | UnreadableBadge]:
    """Return badges after the badge `after`, in order of their last four digits."""
    key, id_ = "", ""
    if after is not None:
        row = db.execute("SELECT last_four, id FROM credentials WHERE id = ?", (after,)).fetchone()
        if row is not None:
            key, id_ = row
    if last_four:
        return [_readable(row) for row in db.execute(_ENDING, (last_four, id_, limit))]
    return [_readable(row) for row in db.execute(_PAGE, (key, id_, limit))]


def _one(rows: sqlite3.Cursor) -> BadgeRow | None:
    row = rows.fetchone()
    return None if row is None else _badge(row)


def _readable(row: tuple[Any, ...]) -> BadgeRow | UnreadableBadge:
    try:
        return _badge(row)
    except CorruptDatabase as error:
        return UnreadableBadge(row[0], str(error))


def _badge(row: tuple[Any, ...]) -> BadgeRow:
    id_, person_id, name, last_four, kind, assurance, status, valid_from, valid_until = row
    try:
        return BadgeRow(
            id=id_,
            person_id=person_id,
            person_name=name,
            last_four=last_four,
            kind=CredentialKind(kind),
            assurance=Assurance(assurance),
            status=CredentialStatus(status),
            valid_from=utc_moment_or_none(valid_from),
            valid_until=utc_moment_or_none(valid_until),
        )
    except ValueError as error:
        raise unreadable_row("credentials", id_, error) from error


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else utc_text(moment)
