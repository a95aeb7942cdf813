"""When: a schedule of this access point must be open.

A window is open while the clock on the wall shows a time within it. In the hour that comes twice it is open
both times; a time that the change of clocks skips never comes. Windows name the weekday they start on.
"""

from datetime import datetime

from controller.decision.levels_now import levels_now
from controller.decision.site import SitePolicy
from controller.model.access import AccessRequest, Schedule, TimeWindow
from controller.model.moment import ClockState, Moment
from controller.model.reasons import DenyReason


def schedule(request: AccessRequest, now: Moment, site: SitePolicy) -> DenyReason | None:
    """Refuse outside every window; with an untrusted clock, as the site's policy says."""
    schedules = [rule.schedule for rule in levels_now(request, now, site)[0]]
    if any(s.always for s in schedules):
        return None
    if now.clock is ClockState.UNTRUSTED:
        if site.when_clock_untrusted == "refuse":
            return DenyReason.CLOCK_UNTRUSTED
        # A schedule without windows is open at no time, so no clock is needed to refuse it.
        return None if any(s.windows for s in schedules) else DenyReason.OUTSIDE_SCHEDULE
    wall = now.utc.astimezone(site.time_zone)
    return None if any(is_open(s, wall) for s in schedules) else DenyReason.OUTSIDE_SCHEDULE


def is_open(schedule: Schedule, wall: datetime) -> bool:
    """`wall` is what the clock on the wall of the site shows."""
    minute = wall.hour * 60 + wall.minute
    return schedule.always or any(_holds(window, wall.weekday(), minute) for window in schedule.windows)


def _holds(window: TimeWindow, weekday: int, minute: int) -> bool:
    if window.end > window.start:
        return weekday == window.weekday and window.start <= minute < window.end
    if weekday == window.weekday:
        return minute >= window.start
    return weekday == (window.weekday + 1) % 7 and minute < window.end
