"""Published rule books as rows: every version, its publisher and note. The door reads the newest."""

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime

from controller.model.operators import Operator
from controller.model.rule_book import RuleBook
from controller.model.rule_book_form import from_plain, to_plain
from controller.registry.moments import utc_moment, utc_text


@dataclass(frozen=True)
class PublishedBook:
    version: int
    utc: datetime
    operator_name: str
    note: str


def newest_version(db: sqlite3.Connection) -> int:
    """The newest version; 0 if none is published."""
    return int(db.execute("SELECT coalesce(max(version), 0) FROM rule_books").fetchone()[0])


def book(db: sqlite3.Connection, version: int) -> RuleBook | None:
    """Return the book. Raises ValueError for one that this program does not understand."""
    row = db.execute("SELECT body FROM rule_books WHERE version = ?", (version,)).fetchone()
    return None if row is None else from_plain(json.loads(row[0]), version)


def version_at(db: sqlite3.Connection, utc: datetime) -> int:
    """The version in force at that moment; 0 if none was published by then."""
    row = db.execute("SELECT coalesce(max(version), 0) FROM rule_books WHERE utc <= ?", (utc_text(utc),))
    return int(row.fetchone()[0])


def newest_book(db: sqlite3.Connection) -> RuleBook:
    return book(db, newest_version(db)) or RuleBook()


def publish(db: sqlite3.Connection, book: RuleBook, operator: Operator, utc: datetime, note: str) -> int:
    """Return the new version's number."""
    row = db.execute(
        "INSERT INTO rule_books (body, utc, operator_id, operator_name, note) VALUES (?, ?, ?, ?, ?)",
        (
            json.dumps(to_plain(book), ensure_ascii=False, sort_keys=True),
            utc_text(utc),
            operator.id,
            operator.display_name,
            note,
        ),
    )
    assert row.lastrowid is not None  # noqa: S101 - never None after an INSERT
    return row.lastrowid


def versions(db: sqlite3.Connection) -> list[PublishedBook]:
    """All versions, newest first."""
    rows = db.execute("SELECT version, utc, operator_name, note FROM rule_books ORDER BY version DESC")
    return [PublishedBook(row[0], utc_moment(row[1]), row[2], row[3]) for row in rows]


def lockdowns(db: sqlite3.Connection) -> frozenset[str]:
    """Areas under lockdown by name; "*" is the whole site."""
    return frozenset(row[0] for row in db.execute("SELECT area FROM lockdowns"))
