"""The facts for the rules as of now: people and badges, the rule book, lockdowns and doors."""

import contextlib
from dataclasses import replace

from controller.decision.door_mode_now import door_mode_now
from controller.decision.facts import DoorFacts, Facts
from controller.journal.rights import RightsInForce
from controller.model.access import AccessRecord, Direction, RightsState, StandsReleased
from controller.model.moment import Moment
from controller.model.rule_book import DoorMode
from controller.registry import badges
from controller.registry.database import Connection
from controller.registry.lookup import RegistryReader
from controller.services.doors import lockdown
from controller.services.site import Site


def access_record(site: Site, db: Connection, badge_id: str, access_point: str) -> AccessRecord | None:
    """The record that a tap of this badge would find."""
    card_hash = badges.hash_of(db, badge_id)
    return None if card_hash is None else RegistryReader(site.registry.file, db).find(card_hash, access_point)


def rights_now(site: Site, record: AccessRecord | None) -> RightsState:
    """How the door would find the rights of this badge and its holder."""
    if record is None:
        return RightsState.UNCHECKED
    with contextlib.closing(RightsInForce(site.config.data / "journal" / "journal.db")) as in_force:
        state = in_force.compare(record.rights).state
    if state is RightsState.UNACCOUNTED and site.config.log.unaccounted == "alarm":
        return RightsState.UNACCOUNTED_ADMITTED
    return state


def facts_now(site: Site, db: Connection) -> Facts:
    """The facts without presence and doors."""
    listing = RegistryReader(site.registry.file, db)
    book, lockdowns = listing.rule_book(), lockdown.names(site, db)
    return Facts(
        site.policy,
        book,
        None,
        lockdowns,
        schedules=listing.schedules(),
        day_types=listing.day_types(),
        door_of={point.name: point.door for point in site.config.access_points.values()},
    )


def with_modes(site: Site, facts: Facts, now: Moment) -> Facts:
    """Each door in the mode of that moment, closed, and secured unless that mode is unlocked."""
    return replace(
        facts,
        doors={
            door: _door(door_mode_now(door, entries, facts, now).mode)
            for door, entries in entries_of(site).items()
        },
    )


def _door(mode: DoorMode) -> DoorFacts:
    unlocked = mode is DoorMode.UNLOCKED
    return DoorFacts(mode, is_released=unlocked, stands_released=StandsReleased.MODE if unlocked else None)


def entries_of(site: Site) -> dict[str, list[str]]:
    """By door: its access points that lead in."""
    entries: dict[str, list[str]] = {door: [] for door in site.config.doors}
    for point in site.config.access_points.values():
        if point.direction is Direction.IN:
            entries[point.door].append(point.name)
    return entries
