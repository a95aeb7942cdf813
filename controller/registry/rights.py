"""The digests of the rights that decide about people: SHA-256, its first 16 bytes.

The writer of the registry records the digest of everything a change touched; the door computes the same
digests from what it reads. A digest covers no name, so erasing a person needs no new one.
"""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

from controller.model.pins import StoredPin
from controller.model.recorded_rights import ALL, DIGEST_SIZE, Subject, SubjectDigest, SubjectKind
from controller.sqlite.limits import concerns_a_value

Content = list[Any]
UNREADABLE = b""  # no record gives this digest
_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def digest(subject: Subject, content: Content) -> bytes:
    text = f"genkan-rights-1\0{subject.kind}\0{_json(content)}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:DIGEST_SIZE]


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


def readable_rights(db: sqlite3.Connection, subjects: Collection[Subject]) -> dict[Subject, bytes | None]:
    """As `rights_now`, with UNREADABLE for a subject with a value that nobody can read."""
    try:
        return rights_now(db, subjects)
    except sqlite3.Error as error:
        if not concerns_a_value(error):
            raise
    if len(subjects) == 1:
        return dict.fromkeys(subjects, UNREADABLE)
    return {one: found for subject in subjects for one, found in readable_rights(db, [subject]).items()}


def rights_of_import(db: sqlite3.Connection, kind: SubjectKind, ids: Collection[str]) -> dict[str, bytes]:
    """The digests of people or badges as they will be once their import is published, by id."""
    contents = _people if kind is SubjectKind.PERSON else _badges
    return {id_: digest(Subject(kind, id_), content) for id_, content in contents(db, ids, unpublished=True)}


def rights_of_tap(
    badge: tuple[Any, ...], holder: tuple[Any, ...], qualifications: Content, levels: Content
) -> tuple[SubjectDigest, SubjectDigest]:
    """The digests of a badge and its holder, from the rows that a tap has just read."""
    of_badge, of_person = Subject(SubjectKind.BADGE, badge[0]), Subject(SubjectKind.PERSON, holder[0])
    return (
        SubjectDigest(of_badge, digest(of_badge, _badge(badge))),
        SubjectDigest(of_person, digest(of_person, [*holder, qualifications, levels])),
    )


def rights_of_pin(person: str, pin: StoredPin) -> SubjectDigest:
    """The digest of the PIN that a tap has just found."""
    subject = Subject(SubjectKind.PIN, person)
    content = _pin(person, pin.hash, pin.digits, pin.duress_hash, duress_digits=pin.duress_digits)
    return SubjectDigest(subject, digest(subject, content))


def key_source(version: int, wrapped: bytes | None, door: str, chip: str) -> bytes:
    """The digest of all that a badge's digest covers of its key; empty without a key."""
    if wrapped is None:
        return b""
    return hashlib.sha256(_json(_key(version, wrapped, door, chip)).encode()).digest()


Contents = Iterator[tuple[str, Content]]

_PERSON = "SELECT id, status, category, overrides, more_time FROM cardholders"
_BADGE = """
    SELECT c.id, c.card_hash, c.cardholder_id, c.status, c.valid_from, c.valid_until, c.assurance,
           k.key_version, k.wrapped, k.door, k.chip
    FROM credentials AS c LEFT JOIN card_keys AS k ON k.card_hash = c.card_hash"""
_QUALIFICATION = "SELECT cardholder_id, qualification, holds_until FROM cardholder_qualifications"
_LEVEL_HELD = "SELECT cardholder_id, level_id, valid_from, valid_until FROM cardholder_levels"
# The first parameter says whether rows of an unpublished import count as well, the second names the ids.
_PEOPLE = (
    _PERSON  # noqa: S608
    + """
    WHERE id IN (SELECT value FROM json_each(?2)) AND (?1 OR import_id IS NULL
          OR EXISTS (SELECT 1 FROM imports AS i WHERE i.id = import_id AND published_utc IS NOT NULL))"""
)
_BADGES = (
    _BADGE  # noqa: S608
    + """
    WHERE c.id IN (SELECT value FROM json_each(?2)) AND (?1 OR c.import_id IS NULL
          OR EXISTS (SELECT 1 FROM imports AS i WHERE i.id = c.import_id AND i.published_utc IS NOT NULL))"""
)
_QUALIFICATIONS = (
    _QUALIFICATION  # noqa: S608
    + " WHERE cardholder_id IN (SELECT value FROM json_each(?)) ORDER BY cardholder_id, qualification"
)
_LEVELS_HELD = (
    _LEVEL_HELD  # noqa: S608
    + " WHERE cardholder_id IN (SELECT value FROM json_each(?)) ORDER BY cardholder_id, level_id"
)
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
        yield row[0], _badge(row)


def _badge(row: tuple[Any, ...]) -> Content:
    id_, card_hash, person, status, first, last, assurance, version, wrapped, door, chip = row
    key = None if wrapped is None else _key(version, wrapped, door, chip)
    return [id_, card_hash.hex(), person, status, first, last, assurance, key]


def _key(version: int, wrapped: bytes, door: str, chip: str) -> Content:
    return [version, hashlib.sha256(wrapped).hexdigest(), door, chip]


def _pins(db: sqlite3.Connection, ids: Collection[str]) -> Contents:
    for id_, *pin in db.execute(_PINS, (json.dumps(list(ids)),)):
        yield id_, _pin(id_, *pin)


def _pin(person: str, hash_: bytes, digits: int, duress: bytes | None, duress_digits: int | None) -> Content:
    return [person, hash_.hex(), digits, None if duress is None else duress.hex(), duress_digits]


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
    yield ALL, [] if row is None else book_content(*row)


def book_content(version: int, body: str) -> Content:
    return [version, hashlib.sha256(body.encode()).hexdigest()]


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
    SubjectKind.FOUND: lambda db, ids: iter((one, [one]) for one in ids),
    SubjectKind.STATION: _whole("SELECT public_key FROM issuing_station"),
}
