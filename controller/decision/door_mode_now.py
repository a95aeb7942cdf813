"""Which mode a door is in at a moment: what its schedules request, and what holds it back from that. Pure.

The first scheduled mode whose schedule is open applies, else the door's own mode. Nothing unlocks a door
whose area is under lockdown, or while the clock is untrusted. A door of an interlock unlocks only when the
others are closed and secured; once it is unlocked, the others wait.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from controller.decision.facts import SITE, Facts
from controller.decision.rules.interlock import others_in_use
from controller.decision.rules.schedule import is_open
from controller.decision.schedule_edges import edges_after, edges_before
from controller.model.access import Schedule
from controller.model.moment import ClockState, Moment
from controller.model.rule_book import DoorMode, DoorRules, ScheduledMode
from controller.model.rules.interlock import InterlockSetting
from controller.model.rules.order import RuleName
from controller.model.rules.setting import RuleMode

HORIZON_DAYS = 14
_HISTORY_DAYS = 7
_JUST_BEFORE = timedelta(microseconds=1)
_STRICTER = (DoorMode.UNLOCKED, DoorMode.CARD, DoorMode.CARD_PIN, DoorMode.LOCKED, DoorMode.BLOCKED)


class HeldBack(StrEnum):
    """Why a door is not in the mode that its schedule requests."""

    FIRST_PERSON = "first_person"  # no person who unlocks it has entered yet
    LOCKDOWN = "lockdown"
    INTERLOCK = "interlock"  # another door is open or released
    PRESENCE = "presence"  # the log is not read yet, so presence is unknown
    LOG = "log"  # the unlocking could not be recorded; only the door itself reports this
    CLOCK = "clock"  # untrusted, so no schedule is known to be open


@dataclass(frozen=True)
class ModeNow:
    mode: DoorMode
    held_back: HeldBack | None = None


@dataclass(frozen=True)
class NextChange:
    """What the schedules will request."""

    utc: datetime
    mode: DoorMode


def door_mode_now(door: str, entries: Collection[str], facts: Facts, now: Moment) -> ModeNow:
    """`entries` are the door's inward access points."""
    rules = facts.book.door(door)
    if now.clock is ClockState.UNTRUSTED and any(_depends_on_time(one, facts) for one in rules.scheduled):
        return _without_clock(rules, facts)
    scheduled = _open_at(rules, facts, now.utc)
    mode = rules.mode if scheduled is None else scheduled.mode
    if mode is not DoorMode.UNLOCKED:
        return ModeNow(mode)
    if _is_locked_down(entries, facts):
        return ModeNow(DoorMode.CARD, HeldBack.LOCKDOWN)
    if scheduled is not None and scheduled.first_person:
        if facts.presence is None:
            return ModeNow(DoorMode.CARD, HeldBack.PRESENCE)
        if not _first_is_in(scheduled, entries, facts, now):
            return ModeNow(DoorMode.CARD, HeldBack.FIRST_PERSON)
    if _waits_for_another(door, entries, facts):
        return ModeNow(DoorMode.CARD, HeldBack.INTERLOCK)
    return ModeNow(mode)


def next_change(door: str, facts: Facts, utc: datetime) -> NextChange | None:
    """None: the same mode for HORIZON_DAYS."""
    rules = facts.book.door(door)
    schedules = [facts.schedules[one.schedule] for one in rules.scheduled if one.schedule in facts.schedules]
    if not schedules:
        return None
    now = _scheduled_mode(rules, facts, utc)
    for edge in edges_after(schedules, utc, facts.site.time_zone, HORIZON_DAYS):
        then = _scheduled_mode(rules, facts, edge)
        if then is not now:
            return NextChange(edge, then)
    return None


def _scheduled_mode(rules: DoorRules, facts: Facts, utc: datetime) -> DoorMode:
    scheduled = _open_at(rules, facts, utc)
    return rules.mode if scheduled is None else scheduled.mode


def _open_at(rules: DoorRules, facts: Facts, utc: datetime) -> ScheduledMode | None:
    for scheduled in rules.scheduled:
        schedule = facts.schedules.get(scheduled.schedule)
        if schedule is not None and _is_open(schedule, facts, utc):
            return scheduled
    return None


def _is_open(schedule: Schedule, facts: Facts, utc: datetime) -> bool:
    return is_open(schedule, utc.astimezone(facts.site.time_zone), facts.day_types)


def _depends_on_time(scheduled: ScheduledMode, facts: Facts) -> bool:
    schedule = facts.schedules.get(scheduled.schedule)
    return schedule is not None and not schedule.always


def _without_clock(rules: DoorRules, facts: Facts) -> ModeNow:
    """The strictest mode it may be in; its own where the site allows an untrusted clock. Never unlocked."""
    modes = [rules.mode]
    if facts.site.when_clock_untrusted == "refuse":
        modes += [one.mode for one in rules.scheduled if one.schedule in facts.schedules]
    strictest = max(modes, key=_STRICTER.index)
    return ModeNow(DoorMode.CARD if strictest is DoorMode.UNLOCKED else strictest, HeldBack.CLOCK)


def _is_locked_down(entries: Collection[str], facts: Facts) -> bool:
    return bool(facts.lockdowns) and (
        SITE in facts.lockdowns or any(facts.lockdowns_at(point) for point in entries)
    )


def _waits_for_another(door: str, entries: Collection[str], facts: Facts) -> bool:
    """False for a door that is already kept released: an exit through another door must not secure it."""
    if facts.door(door).stands_released is not None:
        return False
    settings = (facts.book.rules_at(door, point).get(RuleName.INTERLOCK) for point in entries)
    return any(
        isinstance(one, InterlockSetting) and one.mode is RuleMode.ENFORCE and others_in_use(door, facts, one)
        for one in settings
    )


def _first_is_in(scheduled: ScheduledMode, entries: Collection[str], facts: Facts, now: Moment) -> bool:
    """Whether a person of these categories has entered an area behind the door since the window began."""
    presence = facts.presence
    if presence is None:
        return False
    began = _began(facts.schedules[scheduled.schedule], facts, now.utc)
    areas = (facts.book.area_entered(point) for point in entries)
    entered = (
        presence.last_entry_of(area.name, scheduled.first_person) for area in areas if area is not None
    )
    return any(at is not None and at >= began for at in entered)


def _began(schedule: Schedule, facts: Facts, utc: datetime) -> datetime:
    """When the schedule opened; one that never closes begins with each day of the site."""
    if not schedule.always:
        for edge in edges_before([schedule], utc, facts.site.time_zone, _HISTORY_DAYS):
            if not _is_open(schedule, facts, edge - _JUST_BEFORE):
                return edge
    return facts.site.day_began(utc)
