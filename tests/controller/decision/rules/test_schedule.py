from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.decision.facts import Facts
from controller.decision.rules.schedule import is_open, schedule
from controller.decision.site import SitePolicy
from controller.model.access import Hours, Schedule, SpecialDay, TimeWindow
from controller.model.moment import ClockState, Moment
from controller.model.reasons import DenyReason
from tests.controller.decision.samples import (
    ALWAYS,
    FRIDAY,
    MONDAY,
    NOON,
    PLAIN_FACTS,
    SATURDAY,
    SUNDAY,
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
    assert schedule(tap(badge(schedules=(FRIDAY_NIGHT,))), at(now), PLAIN_FACTS) is reason


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
    assert schedule(tap(badge(schedules=(weekly(window),))), at(now), PLAIN_FACTS) is reason


def test_weekday_is_the_sites_and_not_that_of_utc() -> None:
    """Monday 08:00 in Tokyo is still Sunday in UTC."""
    monday = weekly((MONDAY, "07:00", "09:00"))
    assert schedule(tap(badge(schedules=(monday,))), at("2026-11-30 08:00"), PLAIN_FACTS) is None


def test_any_open_schedule_of_this_access_point_admits() -> None:
    shut, open_now = weekly((MONDAY, "09:00", "10:00")), weekly((WEDNESDAY, "09:00", "17:00"))
    assert schedule(tap(badge(schedules=(shut, open_now))), NOON, PLAIN_FACTS) is None
    assert schedule(tap(badge(schedules=(shut,))), NOON, PLAIN_FACTS) is OUTSIDE


def test_schedule_of_another_access_point_does_not_count() -> None:
    assert schedule(tap(badge(access_point="archive-in")), NOON, PLAIN_FACTS) is OUTSIDE


def test_card_without_a_record_is_outside_every_schedule() -> None:
    assert schedule(tap(None), NOON, PLAIN_FACTS) is OUTSIDE


NIGHT_SHIFT = SitePolicy(ZoneInfo("Europe/Berlin"), "refuse", time(4))


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
    assert schedule(tap(badge(schedules=(sunday,))), now, Facts(NIGHT_SHIFT)) is reason


@pytest.mark.parametrize("start", ["2026-10-24T20:00", "2027-03-27T20:00"])
def test_night_shift_over_the_change_of_clocks_is_open_without_a_break(start: str) -> None:
    night = weekly((5, "22:00", "06:00"))
    zone = NIGHT_SHIFT.time_zone
    moment = datetime.fromisoformat(start).replace(tzinfo=zone).astimezone(UTC)
    results: list[bool] = []
    while len(results) < 12 * 60:
        wall = moment.astimezone(zone)
        results.append(is_open(night, wall, {}))
        assert results[-1] is (wall.strftime("%a %H") in _SATURDAY_NIGHT)
        moment += timedelta(minutes=1)
    assert sum(a is not b for a, b in pairwise(results)) == 2


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
    refused = schedule(
        request, Moment(utc, 0, "b", ClockState.TRUSTED), Facts(SitePolicy(ZoneInfo(zone), "refuse", time(4)))
    )
    assert refused is (None if here in covered else OUTSIDE)


def _minutes_of(window: TimeWindow) -> range:
    """Counted from Monday midnight; may run over the end of the week."""
    start = window.weekday * 1440 + window.start
    length = window.end - window.start
    return range(start, start + (length if length > 0 else length + 1440))


CLOSED = SpecialDay("holiday")
LATE = SpecialDay("holiday", (Hours(20 * 60, 2 * 60),))
SHORT = SpecialDay("short-day", (Hours(9 * 60, 12 * 60),))
EVERY_NIGHT = weekly(*((day, "22:00", "06:00") for day in range(7)))


def refused(of: Schedule, now: str, **days: str) -> DenyReason | None:
    """`days` as d28="holiday" for 28 November 2026, a Saturday."""
    types = {date(2026, 11, int(day[1:])): type_ for day, type_ in days.items()}
    return schedule(tap(badge(schedules=(of,))), at(now), Facts(PLAIN_FACTS.site, day_types=types))


@pytest.mark.parametrize("day_types", [{}, {"d27": "short-day"}, {"d28": "holiday"}, {"d28": "short-day"}])
def test_night_shift_that_began_before_a_holiday_runs_on_into_it(day_types: dict[str, str]) -> None:
    """Friday 22-06 admits Saturday 05:00 although Saturday is a holiday on which the schedule is closed."""
    of = replace(FRIDAY_NIGHT, special=(CLOSED,))
    assert refused(of, "2026-11-27 23:00", **day_types) is None
    assert refused(of, "2026-11-28 05:59", **day_types) is None
    assert refused(of, "2026-11-28 06:00", **day_types) is OUTSIDE


def test_night_shift_of_a_holiday_that_is_closed_does_not_begin_and_the_next_does() -> None:
    of = replace(EVERY_NIGHT, special=(CLOSED,))
    assert refused(of, "2026-11-28 05:00", d28="holiday") is None  # Friday's
    assert refused(of, "2026-11-28 22:00", d28="holiday") is OUTSIDE
    assert refused(of, "2026-11-29 05:00", d28="holiday") is OUTSIDE
    assert refused(of, "2026-11-29 22:00", d28="holiday") is None


def test_holiday_hours_replace_the_weekdays_and_cross_midnight() -> None:
    of = replace(EVERY_NIGHT, special=(LATE,))
    assert refused(of, "2026-11-28 20:00", d28="holiday") is None
    assert refused(of, "2026-11-28 20:00") is OUTSIDE
    assert refused(of, "2026-11-29 01:59", d28="holiday") is None
    assert refused(of, "2026-11-29 02:00", d28="holiday") is OUTSIDE  # the weekday's would go on to 06:00
    assert refused(of, "2026-11-29 02:00") is None


def test_schedule_that_says_nothing_of_a_day_type_is_as_on_other_days() -> None:
    office = weekly((SATURDAY, "09:00", "17:00"))
    assert refused(office, "2026-11-28 16:00", d28="holiday") is None
    assert refused(replace(office, special=(SHORT,)), "2026-11-28 16:00", d28="holiday") is None
    assert refused(replace(office, special=(SHORT,)), "2026-11-28 16:00", d28="short-day") is OUTSIDE
    assert refused(replace(office, special=(SHORT,)), "2026-11-28 11:59", d28="short-day") is None


def test_always_is_open_on_holidays() -> None:
    assert refused(ALWAYS, "2026-11-28 16:00", d28="holiday") is None


@pytest.mark.parametrize(
    ("now", "holiday", "reason"),
    [
        ("2026-12-31 23:30", date(2027, 1, 1), None),
        ("2027-01-01 05:59", date(2027, 1, 1), None),  # last year's night
        ("2027-01-01 22:00", date(2027, 1, 1), OUTSIDE),
        ("2027-01-02 00:00", date(2027, 1, 1), OUTSIDE),
        ("2027-01-01 00:00", date(2026, 12, 31), OUTSIDE),
        ("2028-03-01 00:00", date(2028, 2, 29), OUTSIDE),
        ("2028-02-29 05:59", date(2028, 2, 29), None),
    ],
)
def test_holiday_at_the_end_of_a_month_or_year(now: str, holiday: date, reason: DenyReason | None) -> None:
    of = replace(EVERY_NIGHT, special=(CLOSED,))
    facts = Facts(PLAIN_FACTS.site, day_types={holiday: "holiday"})
    assert schedule(tap(badge(schedules=(of,))), at(now), facts) is reason


hours = st.builds(Hours, minutes, st.integers(0, 1440))
specials = st.lists(
    st.builds(SpecialDay, st.sampled_from(["holiday", "short-day"]), st.lists(hours, max_size=3).map(tuple)),
    max_size=2,
    unique_by=lambda day: day.day_type,
).map(tuple)


@given(
    st.lists(windows, max_size=5),
    specials,
    st.dictionaries(st.integers(-2, 3), st.sampled_from(["holiday", "short-day", "other"])),
    moments,
    st.sampled_from(ZONES),
)
@settings(deadline=None)
def test_two_days_minute_by_minute_agree_with_a_slow_reference(
    chosen: list[TimeWindow],
    special: tuple[SpecialDay, ...],
    types: dict[int, str],
    utc: datetime,
    zone: str,
) -> None:
    of = Schedule("s", "Any", tuple(chosen), special=special)
    here = ZoneInfo(zone)
    first = utc.astimezone(here).date()
    day_types = {first + timedelta(days=after): type_ for after, type_ in types.items()}
    covered = _covered(of, day_types, [first + timedelta(days=after) for after in range(-2, 4)])
    for minute in range(0, 2 * 1440, 7):
        wall = (utc + timedelta(minutes=minute)).astimezone(here)
        assert is_open(of, wall, day_types) is (wall.strftime("%F %R") in covered)


def _covered(of: Schedule, day_types: dict[date, str], days: list[date]) -> set[str]:
    """Every minute that the wall clock may show while the schedule is open, one window after the other."""
    own = {day.day_type: day.hours for day in of.special}
    covered = set()
    for day in days:
        weekdays = tuple(Hours(w.start, w.end) for w in of.windows if w.weekday == day.weekday())
        for window in own.get(day_types.get(day, ""), weekdays):
            length = window.end - window.start
            begin = datetime.combine(day, datetime.min.time()) + timedelta(minutes=window.start)
            for minute in range(length if length > 0 else length + 1440):
                covered.add((begin + timedelta(minutes=minute)).strftime("%F %R"))
    return covered


def test_untrusted_clock_refuses_a_schedule_and_admits_always() -> None:
    now = at("2026-11-25 12:00", clock=ClockState.UNTRUSTED)
    office = weekly((WEDNESDAY, "09:00", "17:00"))
    assert schedule(tap(badge(schedules=(office,))), now, PLAIN_FACTS) is DenyReason.CLOCK_UNTRUSTED
    assert schedule(tap(badge(schedules=(office, ALWAYS))), now, PLAIN_FACTS) is None


def test_untrusted_clock_where_the_site_allows_it_admits_anyone_who_has_any_window() -> None:
    now = at("2026-11-25 03:00", clock=ClockState.UNTRUSTED)
    office = weekly((WEDNESDAY, "09:00", "17:00"))
    assert schedule(tap(badge(schedules=(office,))), now, Facts(TOKYO_ALLOWS)) is None
    assert schedule(tap(badge(schedules=(weekly(),))), now, Facts(TOKYO_ALLOWS)) is OUTSIDE


def test_untrusted_clock_where_the_site_allows_it_admits_anyone_who_has_hours_on_special_days_only() -> None:
    now = at("2026-11-25 03:00", clock=ClockState.UNTRUSTED)
    facts = Facts(TOKYO_ALLOWS)
    assert schedule(tap(badge(schedules=(replace(weekly(), special=(SHORT,)),))), now, facts) is None
    assert schedule(tap(badge(schedules=(replace(weekly(), special=(CLOSED,)),))), now, facts) is OUTSIDE


def test_holdover_clock_is_believed() -> None:
    office = weekly((WEDNESDAY, "09:00", "17:00"))
    now = at("2026-11-25 03:00", clock=ClockState.HOLDOVER)
    assert schedule(tap(badge(schedules=(office,))), now, PLAIN_FACTS) is OUTSIDE
