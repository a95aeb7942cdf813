"""Cardholders as rows."""

import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from controller.model.credentials import CardholderStatus
from controller.registry.name_folding import folded, search_text, sort_key
from controller.registry.schema import unreadable_row


@dataclass(frozen=True)
class PersonRow:
    id: str
    name: str
    kana: str
    status: CardholderStatus


@dataclass(frozen=True)
class Identity:
    """Tells a person from others of the same name. Active badges come first."""

    name: str
    kana: str
    last_fours: tuple[str, ...]

    @property
    def details(self) -> str:
        """The reading and the last four digits of at most three badges; "" without either."""
        return identity_details(self.kana, self.last_fours)

    @property
    def text(self) -> str:
        return f"{self.name} ({self.details})" if self.details else self.name


def identity_details(kana: str, last_fours: Sequence[str]) -> str:
    parts = (kana, *(f"…{last_four}" for last_four in last_fours[:_BADGES_SHOWN]))
    return ", ".join(part for part in parts if part)


_BADGES_SHOWN = 3
_ROW = "SELECT id, name, kana, status FROM published_cardholders"
_PAGE = """
    SELECT id, name, kana, status FROM published_cardholders
    WHERE (sort_key, id) > (?, ?)
      AND (? = '' OR instr(search_text, ?) > 0
           OR id IN (SELECT cardholder_id FROM published_credentials WHERE last_four = ?))
    ORDER BY sort_key, id LIMIT ?"""
_FITS = """ FROM published_cardholders WHERE instr(search_text, :part) > 0
    OR id IN (SELECT cardholder_id FROM published_credentials WHERE last_four = :last_four)"""
_WHOLE = "char(10) || search_text || char(10)"
_FITTING = (
    "SELECT id, name, kana, status" + _FITS + " ORDER BY instr(" + _WHOLE + ", char(10) || :part || char(10))"
    " = 0, sort_key, id LIMIT :limit"
)
_COUNT_FITTING = "SELECT count(*)" + _FITS
_ONE = _ROW + " WHERE id = ?"
_WHO = "SELECT id, name, kana FROM published_cardholders WHERE id IN (SELECT value FROM json_each(?))"
_ENDS = """
    SELECT cardholder_id, last_four FROM published_credentials
    WHERE cardholder_id IN (SELECT value FROM json_each(?))
    ORDER BY status <> 'active', last_four, id"""
_NAMED = _ROW + " WHERE name = ? ORDER BY id"


def add_person(db: sqlite3.Connection, person: PersonRow, import_id: str | None = None) -> None:
    db.execute(
        "INSERT INTO cardholders (id, name, kana, sort_key, search_text, status, import_id)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            person.id,
            person.name,
            person.kana,
            sort_key(person.name, person.kana),
            search_text(person.name, person.kana),
            person.status.value,
            import_id,
        ),
    )


def change_person(db: sqlite3.Connection, person: PersonRow) -> None:
    db.execute(
        "UPDATE cardholders SET name = ?, kana = ?, sort_key = ?, search_text = ?, status = ? WHERE id = ?",
        (
            person.name,
            person.kana,
            sort_key(person.name, person.kana),
            search_text(person.name, person.kana),
            person.status.value,
            person.id,
        ),
    )


def person(db: sqlite3.Connection, person_id: str) -> PersonRow | None:
    row = db.execute(_ONE, (person_id,)).fetchone()
    return None if row is None else _person(row)


def names(db: sqlite3.Connection, ids: Collection[str]) -> dict[str, str]:
    """Names by id; erased people are absent."""
    sql = "SELECT id, name FROM published_cardholders WHERE id IN (SELECT value FROM json_each(?))"
    return dict(db.execute(sql, (json.dumps(list(ids)),)))


def identities(db: sqlite3.Connection, ids: Collection[str]) -> dict[str, Identity]:
    """Identities by id; erased people are absent."""
    badges: dict[str, list[str]] = {}
    wanted = (json.dumps(list(ids)),)
    for person_id, last_four in db.execute(_ENDS, wanted):
        badges.setdefault(person_id, []).append(last_four)
    return {
        id_: Identity(name, kana, tuple(badges.get(id_, ()))) for id_, name, kana in db.execute(_WHO, wanted)
    }


def people_named(db: sqlite3.Connection, name: str) -> list[PersonRow]:
    return [_person(row) for row in db.execute(_NAMED, (name,))]


def folded_names(db: sqlite3.Connection) -> Iterator[str]:
    """Yield all people's folded names (see name_folding.py)."""
    for (text,) in db.execute("SELECT search_text FROM published_cardholders"):
        yield text.partition("\n")[0]


def people_page(db: sqlite3.Connection, text: str, after: str | None, limit: int) -> list[PersonRow]:
    """Return people after the person `after`, by reading.

    `text` is part of a name, or a badge's last four.
    """
    key, id_ = "", ""
    if after is not None:
        row = db.execute("SELECT sort_key, id FROM cardholders WHERE id = ?", (after,)).fetchone()
        if row is not None:
            key, id_ = row
    part = folded(text)
    return [_person(row) for row in db.execute(_PAGE, (key, id_, part, part, _last_four(part), limit))]


def people_fitting(db: sqlite3.Connection, text: str, limit: int) -> tuple[list[PersonRow], int]:
    """People that match `text`, exact names and readings first, and the count of all matches."""
    part = folded(text)
    if not part:
        return [], 0
    values = {"part": part, "last_four": _last_four(part)}
    found = db.execute(_FITTING, values | {"limit": limit}).fetchall()
    return [_person(row) for row in found], int(db.execute(_COUNT_FITTING, values).fetchone()[0])


def _last_four(part: str) -> str:
    """Strip the dots that pages show before a badge's last four digits: …1234."""
    return part.lstrip(".…").upper()


def levels_of(db: sqlite3.Connection, person_id: str) -> list[tuple[str, str]]:
    """Levels as (id, name), ordered by name."""
    return db.execute(
        "SELECT l.id, l.name FROM cardholder_levels AS h JOIN access_levels AS l ON l.id = h.level_id"
        " WHERE h.cardholder_id = ? ORDER BY l.name",
        (person_id,),
    ).fetchall()


def set_levels(db: sqlite3.Connection, person_id: str, level_ids: Collection[str]) -> None:
    """Set exactly these levels; a level already held keeps its times.

    An unknown one raises IntegrityError.
    """
    db.execute(
        "DELETE FROM cardholder_levels WHERE cardholder_id = ?"
        " AND level_id NOT IN (SELECT value FROM json_each(?))",
        (person_id, json.dumps(list(level_ids))),
    )
    db.executemany(
        "INSERT INTO cardholder_levels (cardholder_id, level_id) VALUES (?, ?)"
        " ON CONFLICT (cardholder_id, level_id) DO NOTHING",
        [(person_id, level_id) for level_id in dict.fromkeys(level_ids)],
    )


def _person(row: tuple[str, str, str, str]) -> PersonRow:
    try:
        return PersonRow(row[0], row[1], row[2], CardholderStatus(row[3]))
    except ValueError as error:
        raise unreadable_row("cardholders", row[0], error) from error
