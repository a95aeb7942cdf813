"""Badges and people that operators have blocked or deleted since a copy of the registry."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from controller.model.access import AccessRecord
from controller.model.credentials import CardholderStatus, CredentialStatus

# A deleted person or badge has no row: its status is NULL.
_CHANGED = """
    SELECT a.object_id, t.status
    FROM (SELECT DISTINCT object_id FROM operator_actions WHERE id > ? AND object_type = ?) AS a
    LEFT JOIN {table} AS t ON t.id = a.object_id
    WHERE t.status IS NOT 'active'"""
_BADGES = _CHANGED.format(table="credentials")
_PEOPLE = _CHANGED.format(table="cardholders")


@dataclass(frozen=True)
class Restrictions:
    """The status of each restricted badge and person by id."""

    badges: Mapping[str, CredentialStatus] = field(default_factory=dict)
    people: Mapping[str, CardholderStatus] = field(default_factory=dict)

    def apply(self, record: AccessRecord) -> AccessRecord:
        """Return the copy's record of a card with the newer status of badge and holder."""
        badge, person = record.credential, record.cardholder
        return replace(
            record,
            credential=replace(badge, status=self.badges.get(badge.id, badge.status)),
            cardholder=replace(person, status=self.people.get(person.id, person.status)),
        )


def newest_action(db: sqlite3.Connection) -> int:
    """The id of the newest operator action; 0 before the first."""
    return int(db.execute("SELECT coalesce(max(id), 0) FROM operator_actions").fetchone()[0])


def restrictions_after(db: sqlite3.Connection, action_id: int) -> Restrictions:
    """Restrictions by actions after this one. Raises ValueError for an unknown status."""
    badges = db.execute(_BADGES, (action_id, "badge")).fetchall()
    people = db.execute(_PEOPLE, (action_id, "person")).fetchall()
    return Restrictions(
        {id: CredentialStatus(status or CredentialStatus.SUSPENDED) for id, status in badges if id},
        {id: CardholderStatus(status or CardholderStatus.SUSPENDED) for id, status in people if id},
    )
