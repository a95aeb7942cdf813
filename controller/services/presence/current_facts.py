"""The facts for the rules as of now: people and badges, the rule book, lockdowns and doors."""

from dataclasses import replace

from controller.decision.door_mode_now import door_mode_now
from controller.decision.facts import DoorFacts, Facts
from controller.model.access import AccessRecord, Direction, StandsReleased
from controller.model.moment import Moment
from controller.model.rule_book import DoorMode
from controller.registry import badges
from controller.registry.database import Connection
from controller.registry.lookup import RegistryReader
from controller.services.doors import lockdown
from controller.services.house import House


def access_record(house: House, db: Connection, badge_id: str, access_point: str) -> AccessRecord | None:
    """The record that a tap of this badge would find."""
    card_hash = badges.hash_of(db, badge_id)
    return (
        None if card_hash is None else RegistryReader(house.registry.file, db).find(card_hash, access_point)
    )


def facts_now(house: House, db: Connection) -> Facts:
    """The facts without presence and doors."""
    listing = RegistryReader(house.registry.file, db)
    book, lockdowns = listing.rule_book(), lockdown.names(house, db)
    return Facts(
        house.site,
        book,
        None,
        lockdowns,
        schedules=listing.schedules(),
        day_types=listing.day_types(),
        door_of={point.name: point.door for point in house.config.access_points.values()},
    )


def with_modes(house: House, facts: Facts, now: Moment) -> Facts:
    """Each door in the mode of that moment, closed, and secured unless that mode is unlocked."""
    return replace(
        facts,
        doors={
            door: _door(door_mode_now(door, entries, facts, now).mode)
            for door, entries in entries_of(house).items()
        },
    )


def _door(mode: DoorMode) -> DoorFacts:
    unlocked = mode is DoorMode.UNLOCKED
    return DoorFacts(mode, is_released=unlocked, stands_released=StandsReleased.MODE if unlocked else None)


def entries_of(house: House) -> dict[str, list[str]]:
    """By door: its access points that lead in."""
    entries: dict[str, list[str]] = {door: [] for door in house.config.doors}
    for point in house.config.access_points.values():
        if point.direction is Direction.IN:
            entries[point.door].append(point.name)
    return entries
