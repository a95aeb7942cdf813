"""What the registry holds of one card: the badge, its holder and the holder's levels, with their digests.

One statement reads meta, badge, key and holder; LEFT JOINs force SQLite to this order: from the one row of
meta to the one card, its key and its holder. What a level opens is a definition (`definitions.py`).
"""

import sqlite3
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from controller.model.access import AccessRecord, LevelMembership
from controller.model.credentials import (
    Assurance,
    Cardholder,
    CardholderStatus,
    Credential,
    CredentialStatus,
)
from controller.registry.moments import utc_moment
from controller.registry.rights import key_source, rights_of_tap
from controller.registry.schema import FIRST_WITH_CARD_KEYS, FIRST_WITH_RULES
from controller.registry.typed import MOMENT, blob, text, text_or_none, whole
from controller.sqlite.limits import concerns_a_value

_CARD = """
    SELECT m.registry_version, m.min_reader, m.registry_id, c.last_four, h.name,
           c.id, c.card_hash, c.cardholder_id, c.status, c.valid_from, c.valid_until, c.assurance, {key},
           h.id, h.status, {person}
    FROM meta AS m
    LEFT JOIN credentials AS c ON c.card_hash = ?
         AND (c.import_id IS NULL
              OR EXISTS (SELECT 1 FROM imports WHERE id = c.import_id AND published_utc IS NOT NULL))
    {keys}
    LEFT JOIN cardholders AS h ON h.id = c.cardholder_id"""
_KEYS = "LEFT JOIN card_keys AS k ON k.card_hash = c.card_hash"
_KEY, _NO_KEY = "k.key_version, k.wrapped, k.door, k.chip", "NULL, NULL, NULL, NULL"
_PERSON, _PLAIN_PERSON = "h.category, h.overrides, h.more_time", "NULL, 0, 0"
_FIND = _CARD.format(key=_KEY, keys=_KEYS, person=_PERSON)
# Of registries that the registrar has not migrated yet.
_FIND_WITHOUT_KEYS = _CARD.format(key=_NO_KEY, keys="", person=_PERSON)
_FIND_WITHOUT_RULES = _CARD.format(key=_NO_KEY, keys="", person=_PLAIN_PERSON)
_ID = "SELECT id FROM credentials WHERE card_hash = ?"
_HASHES = "SELECT card_hash FROM credentials WHERE card_hash > ? ORDER BY card_hash LIMIT ?"
_META, _NAMES, _BADGE, _HOLDER = slice(0, 3), slice(3, 5), slice(5, 16), slice(16, 21)
_KEY_OF_BADGE = slice(7, 11)
_LEVELS = """
    SELECT level_id, valid_from, valid_until FROM cardholder_levels
    WHERE cardholder_id = ? ORDER BY level_id LIMIT ?"""
_LEVELS_WITHOUT_TIMES = _LEVELS.replace("valid_from, valid_until", "NULL, NULL")
_MOST_LEVELS = 1000
_QUALIFICATIONS = """
    SELECT qualification, holds_until FROM cardholder_qualifications
    WHERE cardholder_id = ? ORDER BY qualification LIMIT ?"""
_MOST_QUALIFICATIONS = 100
_LONGEST_KEY = 4096  # bytes


class BadgeRefused(Exception):
    """The data of this badge or its holder cannot be used; other badges can. `badge` is "" where not even
    its id can be read.
    """

    badge: str

    def __init__(self, badge: object, why: Exception) -> None:
        self.badge = badge if isinstance(badge, str) else ""
        super().__init__(f"badge {self.badge} ({why})")


@dataclass(frozen=True)
class Meta:
    version: int
    min_reader: int
    registry_id: str


@dataclass(frozen=True)
class Found:
    """Meta and record come from one snapshot; `meta` is None while the registry is being created."""

    meta: Meta | None
    record: AccessRecord | None


def meta_of(row: tuple[Any, ...]) -> Meta:
    """Raise ValueError for a row that no Genkan writes."""
    version, min_reader, registry_id = row
    return Meta(whole(version), whole(min_reader), text(registry_id))


def find(db: sqlite3.Connection, schema: int, card_hash: bytes) -> Found:
    """The record without its access rules.

    Raise BadgeRefused, or ValueError if meta has a value that no Genkan writes.
    """
    question = _FIND
    if schema < FIRST_WITH_CARD_KEYS:
        question = _FIND_WITHOUT_KEYS if schema >= FIRST_WITH_RULES else _FIND_WITHOUT_RULES
    try:
        row = db.execute(question, (card_hash,)).fetchone()
    except sqlite3.Error as error:
        if concerns_a_value(error):
            raise BadgeRefused(_id_of(db, card_hash), error) from error
        raise
    if row is None:
        return Found(None, None)
    meta = meta_of(row[_META])
    badge, holder = row[_BADGE], row[_HOLDER]
    badge_id, person = badge[0], holder[0]
    if badge_id is None or person is None:
        return Found(meta, None)
    try:
        return Found(meta, _record(db, schema, row))
    except (ValueError, TypeError, sqlite3.Error) as error:
        if isinstance(error, sqlite3.Error) and not concerns_a_value(error):
            raise
        raise BadgeRefused(badge_id, error) from error


def _id_of(db: sqlite3.Connection, card_hash: bytes) -> str:
    try:
        row = db.execute(_ID, (card_hash,)).fetchone()
    except sqlite3.Error as error:
        if concerns_a_value(error):
            return ""
        raise
    return "" if row is None else row[0]


def hashes_after(db: sqlite3.Connection, card_hash: bytes, limit: int) -> list[bytes]:
    """Of all badges, also those of an unpublished import, in order."""
    return [row[0] for row in db.execute(_HASHES, (card_hash, limit))]


def _record(db: sqlite3.Connection, schema: int, row: tuple[Any, ...]) -> AccessRecord:
    (last_four, name), badge, holder = row[_NAMES], row[_BADGE], row[_HOLDER]
    has_rules = schema >= FIRST_WITH_RULES
    person = holder[0]
    held = _few(db, _QUALIFICATIONS, person, _MOST_QUALIFICATIONS) if has_rules else []
    levels = _few(db, _LEVELS if has_rules else _LEVELS_WITHOUT_TIMES, person, _MOST_LEVELS)
    return AccessRecord(
        _credential(badge, last_four),
        _cardholder(holder, name, held),
        rules=(),
        rights=rights_of_tap(badge, holder, held, levels),
        levels=tuple(
            LevelMembership(text(id_), _moment(first), _moment(last)) for id_, first, last in levels
        ),
        key_source=key_source(*badge[_KEY_OF_BADGE]),
    )


def _few(db: sqlite3.Connection, question: str, person: str, most: int) -> list[tuple[Any, ...]]:
    rows = db.execute(question, (person, most + 1)).fetchall()
    if len(rows) > most:
        raise ValueError(f"more than {most} levels or qualifications")
    return rows


def _credential(badge: tuple[Any, ...], last_four: Any) -> Credential:
    badge_id, card_hash, person, status, valid_from, valid_until, assurance, version, wrapped, *_ = badge
    blob(card_hash, 32, 32)
    text(person)
    if wrapped is not None:
        blob(wrapped, 1, _LONGEST_KEY)
        whole(version)
    return Credential(
        text(badge_id),
        CredentialStatus(status),
        text(last_four),
        _moment(valid_from),
        valid_until=_moment(valid_until),
        assurance=Assurance(whole(assurance)),
    )


def _cardholder(holder: tuple[Any, ...], name: Any, held: list[tuple[Any, ...]]) -> Cardholder:
    person, status, category, overrides, more_time = holder
    return Cardholder(
        text(person),
        text(name),
        CardholderStatus(status),
        text_or_none(category),
        qualifications=tuple((text(one), date.fromisoformat(text(until, MOMENT))) for one, until in held),
        overrides=bool(whole(overrides, 0, 1)),
        more_time=bool(whole(more_time, 0, 1)),
    )


def _moment(value: Any) -> datetime | None:
    return None if value is None else utc_moment(text(value, MOMENT))
