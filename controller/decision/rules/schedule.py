"""When: a schedule of this access point must be open.

A window is open while local time is within it. In the hour that occurs twice it is open both times; a time
that the change of clocks skips never occurs. A window belongs to the day on which it starts: a night shift
that began before a holiday continues into it.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from controller.decision.facts import Facts
from controller.decision.levels_now import levels_now
from controller.decision.observations import Observations
from controller.model.access import AccessRequest, Schedule
from controller.model.moment import ClockState, Moment
from controller.model.reasons import DenyReason

_DAY = timedelta(days=1)


def schedule(request: AccessRequest, now: Moment, facts: Facts) -> DenyReason | None:
    """Refuse outside every window; with an untrusted clock, apply the site's policy."""
    site = facts.site
    schedules = [rule.schedule for rule in levels_now(request, now, site).hold]
    if any(s.always for s in schedules):
        return None
    if now.clock is ClockState.UNTRUSTED:
        if site.when_clock_untrusted == "refuse":
            return DenyReason.CLOCK_UNTRUSTED
        return None if any(_has_windows(s) for s in schedules) else DenyReason.OUTSIDE_SCHEDULE
    wall = now.utc.astimezone(site.time_zone)
    return None if any(is_open(s, wall, facts.day_types) for s in schedules) else DenyReason.OUTSIDE_SCHEDULE


def is_open(schedule: Schedule, wall: datetime, day_types: Mapping[date, str]) -> bool:
    """`wall` is the local time of the site."""
    if schedule.always:
        return True
    minute, today = wall.hour * 60 + wall.minute, wall.date()
    for start, end in _beginning(schedule, today, day_types):
        if minute >= start and (minute < end or end <= start):
            return True
    return any(minute < end <= start for start, end in _beginning(schedule, today - _DAY, day_types))


def _beginning(schedule: Schedule, day: date, day_types: Mapping[date, str]) -> Iterator[tuple[int, int]]:
    """The windows that begin on this day."""
    if schedule.special and (day_type := day_types.get(day)) is not None:
        for special in schedule.special:
            if special.day_type == day_type:
                return ((hours.start, hours.end) for hours in special.hours)
    weekday = day.weekday()
    return ((window.start, window.end) for window in schedule.windows if window.weekday == weekday)


def _has_windows(schedule: Schedule) -> bool:
    """A schedule without windows is never open, so it can refuse without a clock."""
    return bool(schedule.windows) or any(special.hours for special in schedule.special)


def observations(request: AccessRequest, now: Moment, facts: Facts, setting: Any) -> Observations:
    wall = now.utc.astimezone(facts.site.time_zone)
    here = {rule.schedule.name: rule.schedule for rule in levels_now(request, now, facts.site).hold}
    return {
        "schedules": [*here],
        "open": [name for name, schedule in here.items() if is_open(schedule, wall, facts.day_types)],
        "weekday": wall.weekday(),
        "clock_shows": wall.strftime("%H:%M"),
    }
