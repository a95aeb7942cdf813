from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.decision.rules.schedule import is_open, schedule
from controller.decision.site import SitePolicy
from controller.model.access import Schedule, TimeWindow
from controller.model.moment import ClockState, Moment
from controller.model.reasons import DenyReason
from tests.controller.decision.samples import (
    ALWAYS,
    FRIDAY,
    MONDAY,
    NOON,
    SUNDAY,
    TOKYO,
    TOKYO_ALLOWS,
    WEDNESDAY,
    at,
    badge,
    tap,
    weekly,
)

OUTSIDE = DenyReason.OUTSIDE_SCHEDULE
FRIDAY_NIGHT = weekly((FRIDAY, "22:00", "06:00"))
WEEK = 7 * 24 * 60
ZONES = ["Asia/Tokyo", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe", "UTC"]


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        ("2026-11-27 21:59:59", OUTSIDE),  # Friday
        ("2026-11-27 22:00:00", None),
        ("2026-11-27 23:59:59", None),
        ("2026-11-28 00:00:00", None),
        ("2026-11-28 05:00:00", None),
        ("2026-11-28 05:59:59", None),
        ("2026-11-28 06:00:00", OUTSIDE),
        ("2026-11-28 22:30:00", OUTSIDE),
        ("2026-11-27 05:00:00", OUTSIDE),  # the night before has a window of its own, or none
        ("2026-11-30 05:00:00", OUTSIDE),  # Monday
    ],
)
def test_friday_night_window_admits_saturday_morning_and_no_other(
    now: str, reason: DenyReason | None
) -> None:
    assert schedule(tap(badge(schedules=(FRIDAY_NIGHT,))), at(now), TOKYO) is reason


@pytest.mark.parametrize(
    ("window", "now", "reason"),
    [
        ((SUNDAY, "22:00", "06:00"), "2026-11-30 05:59", None),  # over the end of the week
        ((SUNDAY, "22:00", "06:00"), "2026-11-29 05:59", OUTSIDE),
        ((WEDNESDAY, "00:00", "24:00"), "2026-11-25 00:00", None),
        ((WEDNESDAY, "00:00", "24:00"), "2026-11-25 23:59:59.999999", None),
        ((WEDNESDAY, "00:00", "24:00"), "2026-11-26 00:00", OUTSIDE),
        ((WEDNESDAY, "18:00", "00:00"), "2026-11-25 23:59:59", None),
        ((WEDNESDAY, "18:00", "00:00"), "2026-11-26 00:00", OUTSIDE),
        ((WEDNESDAY, "09:00", "09:00"), "2026-11-26 08:59:59", None),  # a day and a night
        ((WEDNESDAY, "09:00", "09:00"), "2026-11-25 08:59:59", OUTSIDE),
        ((WEDNESDAY, "09:00", "17:30"), "2026-11-25 17:29:59", None),
        ((WEDNESDAY, "09:00", "17:30"), "2026-11-25 17:30:00", OUTSIDE),
        ((WEDNESDAY, "09:00", "17:30"), "2026-11-24 12:00", OUTSIDE),
    ],
)
def test_window_opens_at_its_start_and_closes_before_its_end(
    window: tuple[int, str, str], now: str, reason: DenyReason | None
) -> None:
    assert schedule(tap(badge(schedules=(weekly(window),))), at(now), TOKYO) is reason


def test_weekday_is_the_sites_and_not_that_of_utc() -> None:
    """Monday 08:00 in Tokyo is still Sunday in UTC."""
    monday = weekly((MONDAY, "07:00", "09:00"))
    assert schedule(tap(badge(schedules=(monday,))), at("2026-11-30 08:00"), TOKYO) is None


def test_any_open_schedule_of_this_access_point_admits() -> None:
    shut, open_now = weekly((MONDAY, "09:00", "10:00")), weekly((WEDNESDAY, "09:00", "17:00"))
    assert schedule(tap(badge(schedules=(shut, open_now))), NOON, TOKYO) is None
    assert schedule(tap(badge(schedules=(shut,))), NOON, TOKYO) is OUTSIDE


def test_schedule_of_another_access_point_does_not_count() -> None:
    assert schedule(tap(badge(access_point="archive-in")), NOON, TOKYO) is OUTSIDE


def test_card_without_a_record_is_outside_every_schedule() -> None:
    assert schedule(tap(None), NOON, TOKYO) is OUTSIDE


NIGHT_SHIFT = SitePolicy(ZoneInfo("Europe/Berlin"), "refuse")


@pytest.mark.parametrize(
    ("utc", "reason"),
    [
        # 25 October 2026: the clock shows 02:00 to 03:00 twice.
        ("2026-10-25T00:29:59", OUTSIDE),  # 02:29:59, first time
        ("2026-10-25T00:30:00", None),  # 02:30, first time
        ("2026-10-25T01:30:00", None),  # 02:30, second time
        ("2026-10-25T01:44:59", None),
        ("2026-10-25T01:45:00", OUTSIDE),
        # 28 March 2027: the clock goes from 02:00 to 03:00, so 02:30 never comes.
        ("2027-03-28T00:59:59", OUTSIDE),
        ("2027-03-28T01:00:00", OUTSIDE),
    ],
)
def test_change_of_clocks_window_follows_the_clock_on_the_wall(utc: str, reason: DenyReason | None) -> None:
    sunday = weekly((SUNDAY, "02:30", "02:45"))
    now = Moment(datetime.fromisoformat(utc).replace(tzinfo=UTC), 0, "b", ClockState.TRUSTED)
    assert schedule(tap(badge(schedules=(sunday,))), now, NIGHT_SHIFT) is reason


@pytest.mark.parametrize("start", ["2026-10-24T20:00", "2027-03-27T20:00"])
def test_night_shift_over_the_change_of_clocks_is_open_without_a_break(start: str) -> None:
    night = weekly((5, "22:00", "06:00"))
    zone = NIGHT_SHIFT.time_zone
    moment = datetime.fromisoformat(start).replace(tzinfo=zone).astimezone(UTC)
    shown: list[bool] = []
    while len(shown) < 12 * 60:
        wall = moment.astimezone(zone)
        shown.append(is_open(night, wall))
        assert shown[-1] is (wall.strftime("%a %H") in _SATURDAY_NIGHT)
        moment += timedelta(minutes=1)
    assert sum(a is not b for a, b in pairwise(shown)) == 2


_SATURDAY_NIGHT = {"Sat 22", "Sat 23", *(f"Sun {hour:02}" for hour in range(6))}

minutes = st.integers(0, 1439)
windows = st.builds(TimeWindow, st.integers(0, 6), minutes, st.integers(0, 1440))
moments = st.datetimes(datetime(2024, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC))


@given(st.lists(windows, max_size=4), moments, st.sampled_from(ZONES))
def test_any_week_any_zone_open_exactly_in_the_minutes_its_windows_cover(
    chosen: list[TimeWindow], utc: datetime, zone: str
) -> None:
    covered = {minute % WEEK for window in chosen for minute in _minutes_of(window)}
    wall = utc.astimezone(ZoneInfo(zone))
    here = wall.weekday() * 1440 + wall.hour * 60 + wall.minute
    request = tap(badge(schedules=(Schedule("s", "Any", tuple(chosen)),)))
    refused = schedule(request, Moment(utc, 0, "b", ClockState.TRUSTED), SitePolicy(ZoneInfo(zone), "refuse"))
    assert refused is (None if here in covered else OUTSIDE)


def _minutes_of(window: TimeWindow) -> range:
    """Counted from Monday midnight; may run over the end of the week."""
    start = window.weekday * 1440 + window.start
    length = window.end - window.start
    return range(start, start + (length if length > 0 else length + 1440))


def test_untrusted_clock_refuses_a_schedule_and_admits_always() -> None:
    now = at("2026-11-25 12:00", clock=ClockState.UNTRUSTED)
    office = weekly((WEDNESDAY, "09:00", "17:00"))
    assert schedule(tap(badge(schedules=(office,))), now, TOKYO) is DenyReason.CLOCK_UNTRUSTED
    assert schedule(tap(badge(schedules=(office, ALWAYS))), now, TOKYO) is None


def test_untrusted_clock_where_the_site_allows_it_admits_whoever_has_any_window() -> None:
    now = at("2026-11-25 03:00", clock=ClockState.UNTRUSTED)
    office = weekly((WEDNESDAY, "09:00", "17:00"))
    assert schedule(tap(badge(schedules=(office,))), now, TOKYO_ALLOWS) is None
    assert schedule(tap(badge(schedules=(weekly(),))), now, TOKYO_ALLOWS) is OUTSIDE


def test_holdover_clock_is_believed() -> None:
    office = weekly((WEDNESDAY, "09:00", "17:00"))
    now = at("2026-11-25 03:00", clock=ClockState.HOLDOVER)
    assert schedule(tap(badge(schedules=(office,))), now, TOKYO) is OUTSIDE
