"""Requests to erase people from the log: what the door needs to find their records, but no name.

The row stays, so that pages can explain a reference to an erased person. Its card hashes are deleted once the
door has recorded the erasure.
"""

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime

from controller.model.operators import Operator
from controller.registry.moments import utc_moment, utc_text

_ROW = (
    "SELECT id, person, badges, card_hashes, actions_before, asked_utc, operator_name, reason FROM erasures"
)
# card_hashes: the hashes; '[]' once the door is done; NULL once they are scrubbed from the file as well.
_WAITING = _ROW + " WHERE card_hashes IS NOT NULL ORDER BY id LIMIT ?"
_OF = _ROW + " WHERE person = ?"
_HAS_TABLE = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'erasures'"

# All actions on the person or the badges: `before` and `after` hold names, and reasons may.
_BLANK = (
    "UPDATE operator_actions SET before = NULL, after = NULL, reason = NULL WHERE action <> 'erasure_asked' "
    "AND (object_id IN (SELECT value FROM json_each(?1)) OR EXISTS (SELECT 1 FROM json_each(?1) AS wanted "
    "WHERE instr(coalesce(before, '') || coalesce(after, ''), '\"' || wanted.value || '\"') > 0))"
)


@dataclass(frozen=True)
class ErasureRow:
    """`card_hashes` are hex, empty once the door is done; `actions_before`: the last action by then."""

    id: int
    person: str
    badges: tuple[str, ...]
    card_hashes: tuple[str, ...]
    actions_before: int
    asked_utc: datetime
    operator_name: str
    reason: str

    @property
    def references(self) -> tuple[str, ...]:
        """All texts that identify this person in a record or its details."""
        return (self.person, *self.badges, *self.card_hashes)


def erase_person(db: sqlite3.Connection, person: str, operator: Operator, utc: datetime, reason: str) -> None:
    """Delete the person, the badges and texts about them from the registry; add the request."""
    held = db.execute("SELECT id, card_hash FROM credentials WHERE cardholder_id = ?", (person,)).fetchall()
    badges = [id_ for id_, _ in held]
    db.execute("DELETE FROM cardholders WHERE id = ?", (person,))  # badges and levels go with it
    db.execute(_BLANK, (json.dumps([person, *badges]),))
    db.execute(
        "INSERT INTO erasures (person, badges, card_hashes, actions_before, asked_utc, operator_id,"
        " operator_name, reason) VALUES (?, ?, ?, (SELECT coalesce(max(id), 0) FROM operator_actions),"
        " ?, ?, ?, ?)",
        (
            person,
            json.dumps(badges),
            json.dumps([card_hash.hex() for _, card_hash in held]),
            utc_text(utc),
            operator.id,
            operator.display_name,
            reason,
        ),
    )


def unfinished(db: sqlite3.Connection, limit: int) -> list[ErasureRow]:
    """Requests not known to be done, oldest first; empty for a registry of an older program."""
    if db.execute(_HAS_TABLE).fetchone() is None:
        return []
    return [_row(row) for row in db.execute(_WAITING, (limit,))]


def erasure_of(db: sqlite3.Connection, person: str) -> ErasureRow | None:
    row = db.execute(_OF, (person,)).fetchone()
    return None if row is None else _row(row)


def forget_cards(db: sqlite3.Connection, erasure_ids: list[int]) -> None:
    """Delete the card hashes of erasures that the door has done; the file must still be scrubbed."""
    db.execute(
        "UPDATE erasures SET card_hashes = '[]' WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(erasure_ids),),
    )


def settle(db: sqlite3.Connection, erasure_ids: list[int]) -> None:
    """Mark these erasures complete: the file is scrubbed."""
    db.execute(
        "UPDATE erasures SET card_hashes = NULL WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(erasure_ids),),
    )


def _row(row: tuple[int, str, str, str | None, int, str, str, str]) -> ErasureRow:
    id_, person, badges, card_hashes, actions_before, asked_utc, operator_name, reason = row
    return ErasureRow(
        id=id_,
        person=person,
        badges=tuple(json.loads(badges)),
        card_hashes=tuple(json.loads(card_hashes or "[]")),
        actions_before=actions_before,
        asked_utc=utc_moment(asked_utc),
        operator_name=operator_name,
        reason=reason,
    )
