"""The digests of an import's people and badges, computed as it is staged, so that publishing takes no time.

Sorted by id: the door then writes few pages of its own table for each record.
"""

import sqlite3
from collections.abc import Iterator

from controller.model.recorded_rights import IN_ONE_ACTION, Subject, SubjectDigest, SubjectKind, rights_text
from controller.registry.rights import rights_of_import

_PEOPLE = "SELECT id FROM cardholders WHERE import_id = ? AND id > ? ORDER BY id LIMIT ?"
_BADGES = "SELECT id FROM credentials WHERE import_id = ? AND id > ? ORDER BY id LIMIT ?"
_KINDS = ((SubjectKind.PERSON, _PEOPLE), (SubjectKind.BADGE, _BADGES))


def texts(db: sqlite3.Connection, import_id: str) -> Iterator[str]:
    """The rights that publishing this import gives, as operators' actions hold them."""
    for kind, sql in _KINDS:
        last = ""
        while ids := [row[0] for row in db.execute(sql, (import_id, last, IN_ONE_ACTION))]:
            last = ids[-1]
            digests = rights_of_import(db, kind, ids)
            yield rights_text(SubjectDigest(Subject(kind, id_), digests[id_]) for id_ in ids)


def keep(db: sqlite3.Connection, import_id: str, first: int, texts: list[str]) -> None:
    """Keep these for `published`, from the place `first` on."""
    db.executemany(
        "INSERT INTO staged_rights (import_id, place, rights) VALUES (?, ?, ?)",
        [(import_id, place, text) for place, text in enumerate(texts, first)],
    )


def published(db: sqlite3.Connection, import_id: str) -> list[str]:
    """The kept texts, which are deleted; computed here if a change since then has deleted them."""
    sql = "SELECT rights FROM staged_rights WHERE import_id = ? ORDER BY place"
    kept = [row[0] for row in db.execute(sql, (import_id,))]
    db.execute("DELETE FROM staged_rights WHERE import_id = ?", (import_id,))
    return kept or list(texts(db, import_id))
