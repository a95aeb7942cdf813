"""Days of the site, also where its clocks change."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from web.words.times import day_bounds, local_day, parse_day

TOKYO, BERLIN = ZoneInfo("Asia/Tokyo"), ZoneInfo("Europe/Berlin")
LATE = datetime(2026, 11, 24, 15, 30, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 11, 24), 24)]
)
def test_day_is_as_long_as_its_clocks_say(day: date, hours: int) -> None:
    start, end = day_bounds(day, BERLIN)
    assert (end - start).total_seconds() == hours * 3600
    assert start.tzinfo is UTC


def test_day_of_tokyo_starts_the_afternoon_before_in_utc() -> None:
    assert local_day(LATE, TOKYO) == date(2026, 11, 25)
    assert day_bounds(date(2026, 11, 25), TOKYO)[0] == datetime(2026, 11, 24, 15, tzinfo=UTC)


def test_day_field_is_read_or_refused() -> None:
    assert parse_day(" 2026-11-24 ") == date(2026, 11, 24)
    assert parse_day("") is None
    for text in ("2026-02-30", "24.11.2026", "1999-01-01", "9999-12-31", "now"):
        with pytest.raises(ValueError, match=r".*"):
            parse_day(text)
