"""Rows for tests: people with badges, put in as the services do."""

from datetime import UTC, datetime
from pathlib import Path

from controller.model.credentials import Assurance, CardholderStatus, CredentialKind, CredentialStatus
from controller.registry.badges import BadgeRow, add_badge
from controller.registry.database import Registry
from controller.registry.levels import save_level
from controller.registry.lookup import Lookup
from controller.registry.people import PersonRow, add_person, set_levels

UTC_NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


def card_hash(number: int) -> bytes:
    return number.to_bytes(32, "big")


def person_row(number: int, name: str = "") -> PersonRow:
    return PersonRow(f"p{number}", name or f"人{number}", "", CardholderStatus.ACTIVE)


def badge_row(number: int, person: PersonRow) -> BadgeRow:
    return BadgeRow(
        f"b{number}",
        person.id,
        person.name,
        f"{number % 10000:04}",
        CredentialKind.FELICA,
        Assurance.NUMBER_ONLY,
        CredentialStatus.ACTIVE,
        None,
        None,
    )


def fill(registry: Registry, numbers: range, level: str | None = "everywhere") -> None:
    """Badge n, with card_hash(n), for each number; holding `level`, which admits always at entrance-in."""
    with registry.write() as db:
        if level is not None:
            save_level(db, level, level, [("entrance-in", "always")])
        for number in numbers:
            person = person_row(number)
            add_person(db, person)
            add_badge(db, badge_row(number, person), card_hash(number))
            if level is not None:
                set_levels(db, person.id, [level])


def found_at(file: Path, number: int, access_point: str = "entrance-in"):
    lookup = Lookup(file)
    try:
        return lookup.find(card_hash(number), access_point)
    finally:
        lookup.close()
