"""The draft of the rule book: one per site, with the version it is based on."""

import hashlib
import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime

from controller.model.rule_book import RuleBook
from controller.model.rule_book_form import from_plain, to_plain
from controller.registry.moments import utc_moment, utc_text


@dataclass(frozen=True)
class Draft:
    book: RuleBook
    based_on: int
    utc: datetime
    operator_name: str  # of the last change

    @property
    def mark(self) -> str:
        """A fingerprint of the content; it differs after each change."""
        return hashlib.sha256(_body(self.book).encode()).hexdigest()[:16]


def draft(db: sqlite3.Connection) -> Draft | None:
    row = db.execute("SELECT body, based_on, utc, operator_name FROM rule_draft").fetchone()
    return None if row is None else Draft(from_plain(json.loads(row[0])), row[1], utc_moment(row[2]), row[3])


def save_draft(db: sqlite3.Connection, draft: Draft) -> None:
    db.execute(
        "INSERT INTO rule_draft (only, body, based_on, utc, operator_name) VALUES (1, ?, ?, ?, ?)"
        " ON CONFLICT (only) DO UPDATE SET body = excluded.body, utc = excluded.utc,"
        " operator_name = excluded.operator_name",
        (_body(draft.book), draft.based_on, utc_text(draft.utc), draft.operator_name),
    )


def remove_draft(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM rule_draft")


def _body(book: RuleBook) -> str:
    return json.dumps(to_plain(book), ensure_ascii=False, sort_keys=True)
