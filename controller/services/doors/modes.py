"""Each door's mode as the door last recorded it, and the next change by its schedules."""

from collections.abc import Mapping
from dataclasses import dataclass

from controller.decision.door_mode_now import HeldBack, NextChange, door_mode_now, next_change
from controller.decision.facts import Facts
from controller.errors import AwaitingRecovery
from controller.journal.query import LogEntry
from controller.model.access import Direction
from controller.model.rule_book import DoorMode
from controller.registry import definitions, rule_books, schedules
from controller.services.acting import Acting
from controller.services.doors import lockdown
from controller.services.rights import Right
from controller.services.site import Site

__all__ = ["DoorModeNow", "HeldBack", "NextChange", "door_modes"]


@dataclass(frozen=True, slots=True)
class DoorModeNow:
    """`mode` is None while it is unknown. `then` is the next change by the schedules."""

    mode: DoorMode | None
    held_back: HeldBack | None = None
    then: NextChange | None = None


def door_modes(acting: Acting) -> Mapping[str, DoorModeNow]:
    """By door. Unknown while the log cannot be read until the door service starts again."""
    acting.require(Right.VIEW_DOORS)
    with acting.site.journal.one_moment(), acting.site.registry.read() as db:
        latest = _latest(acting.site)
        facts = Facts(
            acting.site.policy,
            rule_books.newest_book(db),
            lockdowns=lockdown.names(acting.site, db),
            schedules={one.name: one for one in schedules.all_schedules(db)},
            day_types=definitions.day_types(db),
        )
    return {door: _mode(acting, door, facts, latest) for door in acting.site.config.doors}


def _latest(site: Site) -> Mapping[str, LogEntry]:
    """The newest records about each door's mode and about the start of the door service."""
    try:
        return site.journal.latest_of(["service", *(f"mode:{door}" for door in site.config.doors)])
    except AwaitingRecovery:
        return {}


def _mode(acting: Acting, door: str, facts: Facts, latest: Mapping[str, LogEntry]) -> DoorModeNow:
    newest = _latest_mode_entry(door, latest)
    if newest is None:
        rules = facts.book.door(door)
        if rules.scheduled or rules.mode is not DoorMode.CARD:
            return DoorModeNow(None)
        return DoorModeNow(DoorMode.CARD)  # a door without rules records no mode
    mode = next((one for one in DoorMode if one.value == newest.codes.get("mode")), None)
    return DoorModeNow(
        mode, _held_back(acting, door, mode, newest, facts=facts), next_change(door, facts, acting.moment.utc)
    )


def _held_back(
    acting: Acting, door: str, mode: DoorMode | None, newest: LogEntry, facts: Facts
) -> HeldBack | None:
    """The reason why the door is not unlocked now. Only the door knows its clock and the state of other
    doors.
    """
    if newest.codes.get("held_back") == HeldBack.CLOCK:
        return HeldBack.CLOCK
    points = acting.site.config.access_points.values()
    entries = [one.name for one in points if one.door == door and one.direction is Direction.IN]
    if mode is DoorMode.UNLOCKED:
        return None
    scheduled = door_mode_now(door, entries, facts, acting.moment)
    waits_for_person = scheduled.held_back is HeldBack.PRESENCE  # this page does not check who has entered
    if scheduled.mode is DoorMode.UNLOCKED or waits_for_person:
        for held_back in (HeldBack.INTERLOCK, HeldBack.PRESENCE, HeldBack.LOG):
            if newest.codes.get("held_back") == held_back:
                return held_back
    return HeldBack.FIRST_PERSON if waits_for_person else scheduled.held_back


def _latest_mode_entry(door: str, latest: Mapping[str, LogEntry]) -> LogEntry | None:
    """Also None if the mode is older than the door service's start: it does not describe the present."""
    newest, started = latest.get(f"mode:{door}"), latest.get("service")
    return None if newest is None or started is None or newest.seq < started.seq else newest
