"""The rights that decide about people, and their digests: SHA-256, its first 16 bytes.

The writer of the registry records the digest of everything a change touched; the door computes the same
digests from what it reads. A digest covers no name, so erasing a person needs no new one.
"""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

Content = list[Any]
IN_ONE_ACTION = 140  # each takes 52 bytes, and the action's record stays below 8 KiB
_SIZE = 16
_DELETED = "-"


class SubjectKind(StrEnum):
    """What a digest is of, as the log writes it."""

    PERSON = "p"
    BADGE = "b"
    PIN = "n"  # its id is the holder's
    LEVEL = "l"
    SCHEDULE = "s"
    DAYS = "d"  # the dates with a day type of their own
    RULES = "r"  # the newest published rule book
    LOCKDOWNS = "k"
    OPERATOR = "o"
    STATION = "t"  # the issuing station


class Subject(NamedTuple):
    """What has rights, or defines them. `id` is ALL for a kind with a single subject."""

    kind: SubjectKind
    id: str


ALL = "all"


class SubjectDigest(NamedTuple):
    """The rights of one subject after a change. `digest` is None once the subject is deleted."""

    subject: Subject
    digest: bytes | None


def digest(subject: Subject, content: Content) -> bytes:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    of = b"genkan-rights-1\0" + subject.kind.encode() + b"\0"
    return hashlib.sha256(of + text.encode("utf-8", "surrogatepass")).digest()[:_SIZE]


def rights_now(db: sqlite3.Connection, subjects: Iterable[Subject]) -> dict[Subject, bytes | None]:
    """The digest of each subject as this connection reads it; None for one that is not there or not
    published.
    """
    by_kind: dict[SubjectKind, list[str]] = {}
    found: dict[Subject, bytes | None] = {}
    for subject in subjects:
        by_kind.setdefault(subject.kind, []).append(subject.id)
        found[subject] = None
    for kind, ids in by_kind.items():
        for id_, content in _CONTENTS[kind](db, ids):
            subject = Subject(kind, id_)
            found[subject] = digest(subject, content)
    return found


def rights_of_import(db: sqlite3.Connection, kind: SubjectKind, ids: Collection[str]) -> dict[str, bytes]:
    """The digests of people or badges as they will be once their import is published, by id."""
    contents = _people if kind is SubjectKind.PERSON else _badges
    return {id_: digest(Subject(kind, id_), content) for id_, content in contents(db, ids, unpublished=True)}


def rights_text(rights: Iterable[SubjectDigest]) -> str:
    """As an operator's action holds them: `b:<id>:<digest in hex>`, separated by spaces."""
    return " ".join(
        f"{kind}:{id_}:{_DELETED if digest is None else digest.hex()}" for (kind, id_), digest in rights
    )


def parsed_rights(text: str) -> list[SubjectDigest]:
    """Raises ValueError for a text that `rights_text` did not write."""
    rights = []
    for entry in text.split():
        kind, _, rest = entry.partition(":")
        id_, _, digest = rest.rpartition(":")
        if digest != _DELETED and len(digest) != 2 * _SIZE:
            raise ValueError(f"{digest!r} is not a digest of rights")
        rights.append(
            SubjectDigest(
                Subject(SubjectKind(kind), id_), None if digest == _DELETED else bytes.fromhex(digest)
            )
        )
    return rights


def rights_texts(rights: Sequence[SubjectDigest]) -> Iterator[str]:
    """Texts of IN_ONE_ACTION rights each, ordered so that neighbours are stored together."""
    for start in range(0, len(rights), IN_ONE_ACTION):
        yield rights_text(rights[start : start + IN_ONE_ACTION])


Contents = Iterator[tuple[str, Content]]

# The first parameter says whether rows of an unpublished import count as well, the second names the ids.
_PEOPLE = """
    SELECT id, status, category, overrides, more_time FROM cardholders
    WHERE id IN (SELECT value FROM json_each(?2)) AND (?1 OR import_id IS NULL
          OR EXISTS (SELECT 1 FROM imports AS i WHERE i.id = import_id AND published_utc IS NOT NULL))"""
_BADGES = """
    SELECT c.id, c.card_hash, c.cardholder_id, c.status, c.valid_from, c.valid_until, c.assurance,
           k.key_version, k.wrapped, k.door, k.chip
    FROM credentials AS c LEFT JOIN card_keys AS k ON k.card_hash = c.card_hash
    WHERE c.id IN (SELECT value FROM json_each(?2)) AND (?1 OR c.import_id IS NULL
          OR EXISTS (SELECT 1 FROM imports AS i WHERE i.id = c.import_id AND i.published_utc IS NOT NULL))"""
_QUALIFICATIONS = """
    SELECT cardholder_id, qualification, holds_until FROM cardholder_qualifications
    WHERE cardholder_id IN (SELECT value FROM json_each(?)) ORDER BY cardholder_id, qualification"""
_LEVELS_HELD = """
    SELECT cardholder_id, level_id, valid_from, valid_until FROM cardholder_levels
    WHERE cardholder_id IN (SELECT value FROM json_each(?)) ORDER BY cardholder_id, level_id"""
_PINS = """
    SELECT cardholder_id, hash, digits, duress_hash, duress_digits FROM pins
    WHERE cardholder_id IN (SELECT value FROM json_each(?))"""
_ACCESS_RULES = """
    SELECT level_id, access_point, schedule_id FROM access_rules
    WHERE level_id IN (SELECT value FROM json_each(?)) ORDER BY level_id, access_point, schedule_id"""
_WINDOWS = """
    SELECT schedule_id, weekday, start, end FROM schedule_windows
    WHERE schedule_id IN (SELECT value FROM json_each(?)) ORDER BY schedule_id, weekday, start, end"""
_SPECIAL_WINDOWS = """
    SELECT schedule_id, day_type, start, end FROM special_windows
    WHERE schedule_id IN (SELECT value FROM json_each(?)) ORDER BY schedule_id, day_type, start, end"""
_LEVELS = "SELECT id FROM access_levels WHERE id IN (SELECT value FROM json_each(?))"
_SCHEDULES = "SELECT id, name, always FROM schedules WHERE id IN (SELECT value FROM json_each(?))"
_OPERATORS = "SELECT id, role, status FROM operators WHERE id IN (SELECT value FROM json_each(?))"


def _people(db: sqlite3.Connection, ids: Collection[str], unpublished: bool = False) -> Contents:
    wanted = json.dumps(list(ids))
    qualifications = _grouped(db.execute(_QUALIFICATIONS, (wanted,)))
    levels = _grouped(db.execute(_LEVELS_HELD, (wanted,)))
    for id_, *row in db.execute(_PEOPLE, (unpublished, wanted)):
        yield id_, [id_, *row, qualifications.get(id_, []), levels.get(id_, [])]


def _badges(db: sqlite3.Connection, ids: Collection[str], unpublished: bool = False) -> Contents:
    for row in db.execute(_BADGES, (unpublished, json.dumps(list(ids)))):
        id_, card_hash, person, status, first, last, assurance, version, wrapped, door, chip = row
        key = None if wrapped is None else [version, hashlib.sha256(wrapped).hexdigest(), door, chip]
        yield id_, [id_, card_hash.hex(), person, status, first, last, assurance, key]


def _pins(db: sqlite3.Connection, ids: Collection[str]) -> Contents:
    for id_, hash_, digits, duress, duress_digits in db.execute(_PINS, (json.dumps(list(ids)),)):
        yield id_, [id_, hash_.hex(), digits, None if duress is None else duress.hex(), duress_digits]


def _levels(db: sqlite3.Connection, ids: Collection[str]) -> Contents:
    wanted = (json.dumps(list(ids)),)
    rules = _grouped(db.execute(_ACCESS_RULES, wanted))
    for (id_,) in db.execute(_LEVELS, wanted):
        yield id_, [id_, rules.get(id_, [])]


def _schedules(db: sqlite3.Connection, ids: Collection[str]) -> Contents:
    wanted = (json.dumps(list(ids)),)
    windows, special = (_grouped(db.execute(sql, wanted)) for sql in (_WINDOWS, _SPECIAL_WINDOWS))
    for id_, name, always in db.execute(_SCHEDULES, wanted):
        yield id_, [id_, name, always, windows.get(id_, []), special.get(id_, [])]


def _operators(db: sqlite3.Connection, ids: Collection[str]) -> Contents:
    for row in db.execute(_OPERATORS, (json.dumps(list(ids)),)):
        yield row[0], list(row)


def _whole(sql: str) -> Callable[[sqlite3.Connection, Collection[str]], Contents]:
    """All rows of `sql` are the content of the kind's single subject; no row is an empty content."""

    def contents(db: sqlite3.Connection, ids: Collection[str]) -> Contents:
        yield ALL, [list(row) for row in db.execute(sql)]

    return contents


def _rules(db: sqlite3.Connection, ids: Collection[str]) -> Contents:
    row = db.execute("SELECT version, body FROM rule_books ORDER BY version DESC LIMIT 1").fetchone()
    yield ALL, [] if row is None else [row[0], hashlib.sha256(row[1].encode()).hexdigest()]


def _grouped(rows: Iterable[tuple[Any, ...]]) -> dict[str, Content]:
    found: dict[str, Content] = {}
    for id_, *row in rows:
        found.setdefault(id_, []).append(row)
    return found


_CONTENTS: dict[SubjectKind, Callable[[sqlite3.Connection, Collection[str]], Contents]] = {
    SubjectKind.PERSON: _people,
    SubjectKind.BADGE: _badges,
    SubjectKind.PIN: _pins,
    SubjectKind.LEVEL: _levels,
    SubjectKind.SCHEDULE: _schedules,
    SubjectKind.DAYS: _whole("SELECT date, day_type FROM holiday_dates ORDER BY date"),
    SubjectKind.RULES: _rules,
    SubjectKind.LOCKDOWNS: _whole("SELECT area FROM lockdowns ORDER BY area"),
    SubjectKind.OPERATOR: _operators,
    SubjectKind.STATION: _whole("SELECT public_key FROM issuing_station"),
}
