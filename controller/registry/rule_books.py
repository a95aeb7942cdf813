"""Published rule books as rows: every version, who published it and why. The door reads them."""

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
    """0 while none was published."""
    return int(db.execute("SELECT coalesce(max(version), 0) FROM rule_books").fetchone()[0])


def book(db: sqlite3.Connection, version: int) -> RuleBook | None:
    """Raises ValueError for one that this program does not understand."""
    row = db.execute("SELECT body FROM rule_books WHERE version = ?", (version,)).fetchone()
    return None if row is None else from_plain(json.loads(row[0]), version)


def version_at(db: sqlite3.Connection, utc: datetime) -> int:
    """The one in force at that moment; 0 where none was published by then."""
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
    assert row.lastrowid is not None  # noqa: S101 - it is, after an INSERT
    return row.lastrowid


def versions(db: sqlite3.Connection) -> list[PublishedBook]:
    """Newest first."""
    rows = db.execute("SELECT version, utc, operator_name, note FROM rule_books ORDER BY version DESC")
    return [PublishedBook(row[0], utc_moment(row[1]), row[2], row[3]) for row in rows]


def lockdowns(db: sqlite3.Connection) -> frozenset[str]:
    """Names of areas, or "*" for the whole site."""
    return frozenset(row[0] for row in db.execute("SELECT area FROM lockdowns"))
