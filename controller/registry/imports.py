"""Imports: rows written in small transactions, invisible until one UPDATE publishes them all.

No door and no page waits for an import. A killed import leaves nothing visible; the next start or import
deletes its rows.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from controller.registry import staged_rights
from controller.registry.badges import BadgeRow, add_badge
from controller.registry.database import Registry
from controller.registry.lock import private_lock, try_lock
from controller.registry.moments import utc_moment, utc_text
from controller.registry.people import PersonRow, add_person, set_levels
from controller.registry.standing import Standing, save_standing

AT_ONCE = 500  # rows per transaction
_RIGHTS_AT_ONCE = 50  # texts of up to 8 KiB per transaction
KEPT = timedelta(hours=1)  # how long a checked but unpublished import stays


@dataclass(frozen=True)
class StagedRow:
    person: PersonRow
    badge: BadgeRow
    card_hash: bytes
    level_ids: tuple[str, ...]
    category: str | None = None


@dataclass(frozen=True)
class StagedImport:
    id: str
    operator_id: str
    content_hash: str
    rows: int


def import_lock(registry: Registry) -> Path:
    return private_lock(registry.file.parent, "import")


@contextmanager
def one_import(registry: Registry) -> Iterator[bool]:
    """Yield whether no other import is running now."""
    with try_lock(import_lock(registry)) as free:
        yield free


def stage(registry: Registry, staged: StagedImport, utc: datetime, rows: Iterable[StagedRow]) -> None:
    """Call within `one_import`. A badge added in the meantime raises sqlite3.IntegrityError."""
    with registry.housekeeping() as db:
        db.execute(
            "INSERT INTO imports (id, operator_id, started_utc, content_hash, rows) VALUES (?, ?, ?, ?, ?)",
            (staged.id, staged.operator_id, utc_text(utc), staged.content_hash, staged.rows),
        )
    remaining = iter(rows)
    while batch := list(islice(remaining, AT_ONCE)):
        with registry.housekeeping() as db:
            for row in batch:
                add_person(db, row.person, staged.id)
                add_badge(db, row.badge, row.card_hash, staged.id)
                if row.level_ids:
                    set_levels(db, row.person.id, row.level_ids)
                if row.category is not None:
                    save_standing(db, row.person.id, Standing(row.category))
    _stage_rights(registry, staged.id)
    with registry.housekeeping() as db:
        db.execute("UPDATE imports SET staged = 1 WHERE id = ?", (staged.id,))


def _stage_rights(registry: Registry, import_id: str) -> None:
    first = 0
    with registry.read() as staged:
        texts = staged_rights.texts(staged, import_id)
        while batch := list(islice(texts, _RIGHTS_AT_ONCE)):
            with registry.housekeeping() as db:
                staged_rights.keep(db, import_id, first, batch)
            first += len(batch)


def staged_import(db: sqlite3.Connection, import_id: str) -> StagedImport | None:
    """Return the import if it is completely staged and unpublished."""
    row = db.execute(
        "SELECT id, operator_id, content_hash, rows FROM imports"
        " WHERE id = ? AND staged = 1 AND published_utc IS NULL",
        (import_id,),
    ).fetchone()
    if row is None:
        return None
    id_, operator_id, content_hash, rows = row
    return StagedImport(id=id_, operator_id=operator_id, content_hash=content_hash, rows=rows)


def publish(db: sqlite3.Connection, import_id: str, utc: datetime) -> None:
    db.execute("UPDATE imports SET published_utc = ? WHERE id = ?", (utc_text(utc), import_id))


def unpublished(registry: Registry, utc: datetime | None = None) -> list[str]:
    """Ids of imports to delete: all unpublished ones, or (with `utc`) only unfinished and old ones."""
    with registry.read() as db:
        rows = db.execute(
            "SELECT id, staged, started_utc FROM imports WHERE published_utc IS NULL"
        ).fetchall()
    return [
        id_ for id_, staged, started in rows if utc is None or not staged or utc_moment(started) < utc - KEPT
    ]


def remove(registry: Registry, import_ids: Iterable[str]) -> None:
    """Delete imports in small transactions, never a published one. Call within `one_import`."""
    for import_id in import_ids:
        removed = 1
        while removed:
            with registry.housekeeping() as db:
                removed = db.execute(
                    "DELETE FROM cardholders WHERE id IN (SELECT id FROM cardholders WHERE import_id = ?"
                    " AND import_id IN (SELECT id FROM imports WHERE published_utc IS NULL) LIMIT ?)",
                    (import_id, AT_ONCE),
                ).rowcount
        with registry.housekeeping() as db:
            db.execute("DELETE FROM imports WHERE id = ? AND published_utc IS NULL", (import_id,))
