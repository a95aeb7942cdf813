"""Erasures: pending ones, and people whom the registry no longer holds and the door erases from the log.

A row of `erasures` has what the door needs to find the person's records, but no name. It stays, so that pages
can explain a reference to an erased person. Its card hashes are deleted once the door has recorded the
erasure.
"""

import hashlib
import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from controller.model.orders import ActionType
from controller.registry.action_mac import action_key, is_authentic
from controller.registry.moments import utc_moment, utc_text

_ROW = (
    "SELECT id, person, badges, card_hashes, actions_before, asked_utc, operator_name, reason FROM erasures"
)
# card_hashes: the hashes; '[]' once the door is done; NULL once they are scrubbed from the file as well.
_WAITING = _ROW + " WHERE card_hashes IS NOT NULL ORDER BY id LIMIT ?"
_OF = _ROW + " WHERE person = ?"
_HAS_TABLE = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'erasures'"

_ACTION, _AFTER = 4, 9  # places in the row of _NEWEST_REQUEST
_PENDING = "SELECT person, asked_utc, due_utc, operator_id, operator_name, reason FROM pending_erasures"
_FIRST_DUE = _PENDING + " ORDER BY due_utc, person"
_COUNT_DUE = "SELECT count(*) FROM pending_erasures WHERE due_utc < ? AND asked_utc < ?"
_PENDING_OF = _PENDING + " WHERE person = ?"

# In the order that a MAC covers; see action_mac.py.
_NEWEST_REQUEST = """
    SELECT id, utc, operator_id, role, action, object_type, object_id, operator_name, before, after, reason,
           rights, mac
    FROM operator_actions WHERE object_id = ? AND action IN ('erasure_asked', 'erasure_cancelled')
    ORDER BY id DESC LIMIT 1"""

# All actions on the person or the badges: `before` and `after` hold names, and reasons may. Those of the
# erasure itself hold neither.
_BLANK = (
    "UPDATE operator_actions SET before = NULL, after = NULL, reason = NULL "
    "WHERE action NOT IN ('erasure_asked', 'erasure_carried_out') AND "
    "(object_id IN (SELECT value FROM json_each(?1)) OR EXISTS (SELECT 1 FROM json_each(?1) AS wanted "
    "WHERE instr(coalesce(before, '') || coalesce(after, ''), '\"' || wanted.value || '\"') > 0))"
)


class References(NamedTuple):
    """What identifies a person in the log; `card_hashes` are hex."""

    person: str
    badges: tuple[str, ...]
    card_hashes: tuple[str, ...]

    @property
    def digest(self) -> str:
        """The registrar's action holds it, so that the door erases these people's names and no others."""
        return hashlib.sha256(json.dumps(self).encode()).hexdigest()


@dataclass(frozen=True)
class ErasureRow:
    """`card_hashes` are hex, empty once the door is done. `actions_before`: the id of the action
    `erasure_carried_out`; `requested_utc`: its time. `operator_name` and `reason` are of the request.
    """

    id: int
    person: str
    badges: tuple[str, ...]
    card_hashes: tuple[str, ...]
    actions_before: int
    requested_utc: datetime
    operator_name: str
    reason: str

    @property
    def references(self) -> References:
        return References(self.person, self.badges, self.card_hashes)

    @property
    def texts(self) -> tuple[str, ...]:
        """All texts that identify this person in a record or its details."""
        return (self.person, *self.badges, *self.card_hashes)


@dataclass(frozen=True)
class ErasureRequest:
    person: str
    requested_utc: datetime
    due_utc: datetime
    operator_id: str
    operator_name: str
    reason: str


def add_pending(db: sqlite3.Connection, one: ErasureRequest) -> None:
    """A person with a pending erasure raises sqlite3.IntegrityError."""
    db.execute(
        "INSERT INTO pending_erasures (person, asked_utc, due_utc, operator_id, operator_name, reason)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (
            one.person,
            utc_text(one.requested_utc),
            utc_text(one.due_utc),
            one.operator_id,
            one.operator_name,
            one.reason,
        ),
    )


def remove_pending(db: sqlite3.Connection, person: str) -> bool:
    """False if there is none."""
    return db.execute("DELETE FROM pending_erasures WHERE person = ?", (person,)).rowcount > 0


def remove_all_pending(db: sqlite3.Connection) -> tuple[str, ...]:
    """Return the people whose erasure was pending."""
    people = tuple(row[0] for row in db.execute("SELECT person FROM pending_erasures ORDER BY person"))
    db.execute("DELETE FROM pending_erasures")
    return people


def all_pending(db: sqlite3.Connection) -> list[ErasureRequest]:
    """The next one to be carried out first."""
    return [_pending(row) for row in db.execute(_FIRST_DUE)]


def due_before(db: sqlite3.Connection, utc: datetime, erase_after: timedelta) -> int:
    """How many pending erasures should have been carried out by then."""
    limits = utc_text(utc), utc_text(utc - erase_after)
    return int(db.execute(_COUNT_DUE, limits).fetchone()[0])


def pending_of(db: sqlite3.Connection, person: str) -> ErasureRequest | None:
    row = db.execute(_PENDING_OF, (person,)).fetchone()
    return None if row is None else _pending(row)


def is_requested(db: sqlite3.Connection, request: ErasureRequest, key: bytes) -> bool:
    """Whether the newest action about it asks for exactly this erasure, and is the registrar's own.

    `key`: the card number key.
    """
    row = db.execute(_NEWEST_REQUEST, (request.person,)).fetchone()
    return row is not None and is_authentic(action_key(key), row[:-1], row[-1]) and _asks_for(row, request)


def has_action(db: sqlite3.Connection, request: ErasureRequest) -> bool:
    """As `is_requested`, for pages: without the key they cannot tell whose the action is."""
    row = db.execute(_NEWEST_REQUEST, (request.person,)).fetchone()
    return row is not None and _asks_for(row, request)


def _asks_for(row: tuple[Any, ...], request: ErasureRequest) -> bool:
    if row[_ACTION] != ActionType.ERASURE_ASKED:
        return False
    try:
        after = json.loads(row[_AFTER])
    except (ValueError, TypeError, RecursionError):  # another program wrote it
        return False
    due = request.due_utc.isoformat(timespec="seconds")
    return isinstance(after, dict) and after.get("due_utc") == due


def references_of(db: sqlite3.Connection, person: str) -> References:
    held = db.execute(
        "SELECT id, card_hash FROM credentials WHERE cardholder_id = ? ORDER BY id", (person,)
    ).fetchall()
    return References(person, tuple(id_ for id_, _ in held), tuple(hash_.hex() for _, hash_ in held))


def erase_person(
    db: sqlite3.Connection, pending: ErasureRequest, found: References, action_id: int, utc: datetime
) -> None:
    """Delete the person, the badges and texts about them from the registry; request the rest of the door.

    `action_id`: the action `erasure_carried_out`.
    """
    db.execute("DELETE FROM cardholders WHERE id = ?", (found.person,))  # badges and levels go with it
    db.execute(_BLANK, (json.dumps([found.person, *found.badges]),))
    db.execute(
        "INSERT INTO erasures (person, badges, card_hashes, actions_before, asked_utc, operator_id,"
        " operator_name, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            found.person,
            json.dumps(found.badges),
            json.dumps(found.card_hashes),
            action_id,
            utc_text(utc),
            pending.operator_id,
            pending.operator_name,
            pending.reason,
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


def _pending(row: tuple[str, str, str, str, str, str]) -> ErasureRequest:
    person, requested, due, operator_id, operator_name, reason = row
    return ErasureRequest(
        person=person,
        requested_utc=utc_moment(requested),
        due_utc=utc_moment(due),
        operator_id=operator_id,
        operator_name=operator_name,
        reason=reason,
    )


def _row(row: tuple[int, str, str, str | None, int, str, str, str]) -> ErasureRow:
    id_, person, badges, card_hashes, actions_before, requested_utc, operator_name, reason = row
    return ErasureRow(
        id=id_,
        person=person,
        badges=tuple(json.loads(badges)),
        card_hashes=tuple(json.loads(card_hashes or "[]")),
        actions_before=actions_before,
        requested_utc=utc_moment(requested_utc),
        operator_name=operator_name,
        reason=reason,
    )
