"""Access levels that people hold, some for a limited time, as rows. Times have whole minutes."""

import json
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from controller.registry.moments import NotAMoment, utc_moment_or_none, utc_text
from controller.registry.schema import unreadable_row


@dataclass(frozen=True, slots=True)
class HeldLevel:
    """Held from `valid_from` (inclusive) until `valid_until` (exclusive); None means no limit."""

    id: str
    name: str
    valid_from: datetime | None = None
    valid_until: datetime | None = None


def held_levels(db: sqlite3.Connection, person_id: str) -> list[HeldLevel]:
    """The person's levels, ordered by name."""
    return held_levels_of_all(db, [person_id]).get(person_id, [])


def held_levels_of_all(db: sqlite3.Connection, person_ids: Collection[str]) -> dict[str, list[HeldLevel]]:
    """The levels of several people, by person and ordered by name; without those who hold none."""
    rows = db.execute(
        "SELECT h.cardholder_id, l.id, l.name, h.valid_from, h.valid_until"
        " FROM json_each(?) AS wanted CROSS JOIN cardholder_levels AS h ON h.cardholder_id = wanted.value"
        " JOIN access_levels AS l ON l.id = h.level_id ORDER BY l.name",
        (json.dumps(list(person_ids)),),
    )
    held: dict[str, list[HeldLevel]] = {}
    for person_id, id_, name, start, end in rows:
        try:
            level = HeldLevel(id_, name, utc_moment_or_none(start), utc_moment_or_none(end))
        except NotAMoment as error:
            raise unreadable_row("cardholder_levels", person_id, error) from error
        held.setdefault(person_id, []).append(level)
    return held


def hold_level(
    db: sqlite3.Connection, person_id: str, level_id: str, start: datetime | None, end: datetime | None
) -> None:
    """Grant the level for this time; replace the time of a level already held."""
    db.execute(
        "INSERT INTO cardholder_levels (cardholder_id, level_id, valid_from, valid_until) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (cardholder_id, level_id)"
        " DO UPDATE SET valid_from = excluded.valid_from, valid_until = excluded.valid_until",
        (person_id, level_id, start and utc_text(start), end and utc_text(end)),
    )


def overdue_people(db: sqlite3.Connection, now: datetime, limit: int) -> list[str]:
    """Ids of active people whose active badges, or whose levels, have all expired."""
    rows = db.execute(_OVERDUE, {"now": utc_text(now), "limit": limit})
    return [row[0] for row in rows]


# The condition before AND is implied by the rest, but makes the query fast: few people have an end date.
_OVERDUE = """
    SELECT p.id FROM published_cardholders AS p
    WHERE p.status = 'active' AND p.id IN (
        SELECT c.cardholder_id FROM published_credentials AS c
        WHERE c.status = 'active' AND c.valid_until <= :now
        UNION SELECT h.cardholder_id FROM cardholder_levels AS h WHERE h.valid_until <= :now)
    AND (
        (EXISTS (SELECT 1 FROM published_credentials AS c
                 WHERE c.cardholder_id = p.id AND c.status = 'active')
         AND NOT EXISTS (SELECT 1 FROM published_credentials AS c WHERE c.cardholder_id = p.id
                         AND c.status = 'active' AND (c.valid_until IS NULL OR c.valid_until > :now)))
        OR (EXISTS (SELECT 1 FROM cardholder_levels AS h WHERE h.cardholder_id = p.id)
            AND NOT EXISTS (SELECT 1 FROM cardholder_levels AS h WHERE h.cardholder_id = p.id
                            AND (h.valid_until IS NULL OR h.valid_until > :now))))
    ORDER BY p.sort_key, p.id LIMIT :limit"""
