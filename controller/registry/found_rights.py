"""Reads every right in a registry, in pieces of one action each: at the first start with
rights on record, and after a restore.

A piece continues after the newest recorded one, so a start that is cut short loses nothing. What operators
change meanwhile has an action of its own, which comes after the piece.
"""

import contextlib
import sqlite3
from collections.abc import Iterator

from controller.model.recorded_rights import (
    ALL,
    IN_ONE_ACTION,
    Subject,
    SubjectDigest,
    SubjectKind,
    parsed_rights,
)
from controller.registry.rights import readable_rights, rights_now
from controller.sqlite.limits import concerns_a_value

_IDS = {
    SubjectKind.PERSON: "SELECT id FROM published_cardholders WHERE id > ? ORDER BY id LIMIT ?",
    SubjectKind.BADGE: "SELECT id FROM published_credentials WHERE id > ? ORDER BY id LIMIT ?",
    SubjectKind.PIN: "SELECT cardholder_id FROM pins WHERE cardholder_id > ? ORDER BY cardholder_id LIMIT ?",
    SubjectKind.LEVEL: "SELECT id FROM access_levels WHERE id > ? ORDER BY id LIMIT ?",
    SubjectKind.SCHEDULE: "SELECT id FROM schedules WHERE id > ? ORDER BY id LIMIT ?",
    SubjectKind.OPERATOR: "SELECT id FROM operators WHERE id > ? ORDER BY id LIMIT ?",
}
_IDS_AS_BYTES = {
    kind: sql.replace("SELECT id", "SELECT CAST(id AS BLOB)").replace(
        "SELECT cardholder_id", "SELECT CAST(cardholder_id AS BLOB)"
    )
    for kind, sql in _IDS.items()
}
_SINGLE = (SubjectKind.DAYS, SubjectKind.RULES, SubjectKind.LOCKDOWNS, SubjectKind.STATION)
_NEWEST = "SELECT action, rights FROM operator_actions WHERE object_type = 'registry' AND object_id = ?"
_NEWEST_PIECE = _NEWEST + " AND action IN ('rights_recorded', 'rights_found') ORDER BY id DESC LIMIT 1"


def rights_page(db: sqlite3.Connection, kind: SubjectKind, after: str, limit: int) -> list[SubjectDigest]:
    """The rights of this kind after an id, in the order of ids; see model/compared_rights.py."""
    if kind in _IDS:
        subjects = [Subject(kind, row[0]) for row in db.execute(_IDS[kind], (after, limit))]
    else:
        subjects = [] if after else [Subject(kind, ALL)]
    return [SubjectDigest(subject, digest) for subject, digest in rights_now(db, subjects).items()]


def readable_rights_page(
    db: sqlite3.Connection, kind: SubjectKind, after: str, limit: int
) -> list[SubjectDigest]:
    """As `rights_page`, for a door that must not stop at damage: what cannot be read is UNREADABLE. A row
    whose id is not UTF-8 is left out, because no tap can use it.
    """
    try:
        return rights_page(db, kind, after, limit)
    except sqlite3.Error as error:
        if not concerns_a_value(error):
            raise
    ids = _readable_ids(db, kind, after, limit) if kind in _IDS else [] if after else [ALL]
    rights = readable_rights(db, [Subject(kind, id_) for id_ in ids])
    return [SubjectDigest(subject, digest) for subject, digest in rights.items()]


def _readable_ids(db: sqlite3.Connection, kind: SubjectKind, after: str, limit: int) -> list[str]:
    found: list[str] = []
    for (id_,) in db.execute(_IDS_AS_BYTES[kind], (after, -1)):
        with contextlib.suppress(UnicodeDecodeError):
            found.append(id_.decode())
        if len(found) == limit:
            break
    return found


def next_piece(db: sqlite3.Connection, registry_id: str) -> list[SubjectDigest] | None:
    """The rights for the next action; the last piece ends with the subject FOUND. None once that is there."""
    row = db.execute(_NEWEST_PIECE, (registry_id,)).fetchone()
    last = None if row is None or row[1] is None else parsed_rights(row[1])[-1].subject
    if last is not None and last.kind is SubjectKind.FOUND:
        return None
    subjects = []
    for subject in _after(db, last, registry_id):
        subjects.append(subject)
        if len(subjects) == IN_ONE_ACTION:
            break
    return [SubjectDigest(subject, digest) for subject, digest in rights_now(db, subjects).items()]


def _after(db: sqlite3.Connection, last: Subject | None, registry_id: str) -> Iterator[Subject]:
    kinds = list(_IDS)
    after = ""
    if last is not None and last.kind in _IDS:
        kinds, after = kinds[kinds.index(last.kind) :], last.id
    for kind in kinds:
        while ids := [row[0] for row in db.execute(_IDS[kind], (after, IN_ONE_ACTION))]:
            yield from (Subject(kind, id_) for id_ in ids)
            after = ids[-1]
        after = ""
    yield from (Subject(kind, ALL) for kind in _SINGLE)
    yield Subject(SubjectKind.FOUND, registry_id)
