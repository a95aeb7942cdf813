from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.errors import BadInput
from controller.services import validity

TOKYO = ZoneInfo("Asia/Tokyo")
ZONES = [
    TOKYO,
    ZoneInfo("America/Santiago"),
    ZoneInfo("Europe/Berlin"),
    ZoneInfo("Pacific/Apia"),
    ZoneInfo("UTC"),
]


@pytest.mark.parametrize("text", ["2026-11-24", "2026/11/24", "２０２６年１１月２４日", " 2026.11.24 "])
def test_day_is_read_in_the_usual_forms(text: str):
    assert validity.day("first_day", text) == date(2026, 11, 24)


def test_empty_means_no_limit():
    assert validity.day("first_day", "  ") is None
    assert validity.moments(None, None, TOKYO) == (None, None)


@pytest.mark.parametrize(
    "text", ["2026-13-01", "2026-02-30", "24.11.2026", "soon", "2026-11-24T00:00", "1" * 1000]
)
def test_what_is_not_a_day_is_refused(text: str):
    with pytest.raises(BadInput) as error:
        validity.day("first_day", text)
    assert error.value.field == "first_day"


@given(st.dates(date(2000, 1, 1), date(2199, 12, 31)), st.sampled_from(ZONES))
def test_days_come_back_as_they_were_entered(day: date, zone: ZoneInfo):
    valid_from, valid_until = validity.moments(day, day, zone)
    assert valid_from is not None and valid_until is not None and valid_from.tzinfo is UTC
    if valid_from < valid_until:  # Apia had no 30 December 2011
        assert (
            validity.first_day_of(valid_from, zone) == day and validity.last_day_of(valid_until, zone) == day
        )


def test_both_days_are_included():
    valid_from, valid_until = validity.moments(date(2026, 11, 24), date(2026, 11, 25), TOKYO)
    assert valid_from == datetime(2026, 11, 23, 15, tzinfo=UTC)
    assert valid_until == valid_from + timedelta(days=2)


@pytest.mark.parametrize("day", [date(1, 1, 1), date(9999, 12, 31)])
def test_year_no_badge_lives_to_is_refused(day: date):
    with pytest.raises(BadInput):
        validity.moments(day, None, TOKYO)
    with pytest.raises(BadInput):
        validity.moments(None, day, TOKYO)


@pytest.mark.parametrize(
    "text",
    ["2026-11-24 18:30", "2026/11/24T18:30", "２０２６年１１月２４日 １８:３０", "2026-11-24T18:30:59"],
)
def test_limit_to_the_minute_is_on_the_wall_of_the_site(text: str):
    assert validity.limit("last", text, TOKYO) == datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def test_limit_without_a_time_is_a_day():
    assert validity.limit("last", "2026-11-24", TOKYO) == date(2026, 11, 24)
    assert validity.limit("last", " ", TOKYO) is None


@pytest.mark.parametrize(
    "text", ["2026-11-24 25:00", "2026-11-24 18:60", "2026-02-30 10:00", "9999-01-01 10:00"]
)
def test_time_that_is_none_is_refused(text: str):
    with pytest.raises(BadInput, match="not a date with a time"):
        validity.limit("last", text, TOKYO)


def test_minutes_bound_as_entered_and_a_day_beside_them_whole():
    noon = datetime(2026, 11, 24, 3, tzinfo=UTC)
    assert validity.moments(noon, date(2026, 11, 24), TOKYO) == (noon, datetime(2026, 11, 24, 15, tzinfo=UTC))
    assert validity.moments(date(2026, 11, 24), noon, TOKYO) == (datetime(2026, 11, 23, 15, tzinfo=UTC), noon)
    for first, last in ((noon, noon), (date(2026, 11, 25), noon), (noon, date(2026, 11, 23))):
        with pytest.raises(BadInput, match="after the start") as error:
            validity.moments(first, last, TOKYO, ("since", "until"))
        assert error.value.field == "until"


@given(st.datetimes(datetime(2000, 1, 2), datetime(2199, 12, 30)), st.sampled_from(ZONES))
def test_limit_comes_back_as_a_day_only_where_it_is_one(wall: datetime, zone: ZoneInfo):
    moment = wall.replace(second=0, microsecond=0, tzinfo=UTC)
    for back in (validity.first_limit(moment, zone), validity.last_limit(moment, zone)):
        assert back is not None
        assert moment in validity.moments(back, None, zone) + validity.moments(None, back, zone)
