"""One day for all that asks about days: it ends when the site says, by the clock on its wall."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from controller.decision.site import SitePolicy, day_began, day_of
from tests.controller.decision.samples import TOKYO, utc

BERLIN = ZoneInfo("Europe/Berlin")


def test_day_lasts_to_its_end_of_the_next_morning() -> None:
    assert TOKYO.day(utc("2026-11-25 04:00")) == TOKYO.day(utc("2026-11-26 03:59")) == date(2026, 11, 25)
    assert TOKYO.day_began(utc("2026-11-26 03:59")) == utc("2026-11-25 04:00")
    assert TOKYO.day_began(utc("2026-11-26 04:00")) == utc("2026-11-26 04:00")


def test_date_on_the_wall_changes_at_midnight() -> None:
    assert TOKYO.date(utc("2026-11-25 23:59")) == date(2026, 11, 25)
    assert TOKYO.date(utc("2026-11-26 00:00")) == date(2026, 11, 26)


def test_site_that_ends_its_day_at_midnight_has_days_as_on_the_wall() -> None:
    site = SitePolicy(ZoneInfo("Asia/Tokyo"), "refuse", time())
    for moment in (utc("2026-11-25 23:59"), utc("2026-11-26 00:00")):
        assert site.day(moment) == site.date(moment)


@pytest.mark.parametrize("ends", [time(0), time(2, 30), time(4), time(12)])
def test_every_quarter_hour_of_a_year_lies_in_the_day_that_began_before_it(ends: time) -> None:
    """Also where the clocks change; nothing is asked of the hour of the change itself."""
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    while moment.year == 2026:
        began = day_began(moment, BERLIN, ends)
        assert began <= moment <= began + timedelta(hours=25)
        if began.astimezone(BERLIN).time() == ends:
            assert day_of(began, BERLIN, ends) == day_of(moment, BERLIN, ends)
        moment += timedelta(minutes=15)
