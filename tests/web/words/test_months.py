"""Months of the site."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from web.words.months import MOST, following, month_bounds, months_back, parse_month, previous


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2026-11", date(2026, 11, 1)),
        (" 2026-01 ", date(2026, 1, 1)),
        ("2026-13", None),
        ("2026-1", None),
        ("", None),
        ("２０２６-11", None),
        ("2026-11-01", None),
        ("0000-01", None),
    ],
)
def test_month_is_read_or_none(text: str, month: date | None) -> None:
    assert parse_month(text) == month


def test_neighbours_cross_the_year() -> None:
    assert following(date(2026, 12, 1)) == date(2027, 1, 1)
    assert previous(date(2026, 1, 1)) == date(2025, 12, 1)
    assert previous(following(date(2026, 5, 1))) == date(2026, 5, 1)


def test_bounds_are_the_sites_midnights() -> None:
    start, end = month_bounds(date(2026, 11, 1), ZoneInfo("Asia/Tokyo"))
    assert start == datetime(2026, 10, 31, 15, tzinfo=UTC)
    assert end == datetime(2026, 11, 30, 15, tzinfo=UTC)


def test_list_goes_back_to_the_oldest_and_no_further_than_anybody_reads() -> None:
    assert months_back(date(2026, 2, 9), date(2025, 12, 31)) == (
        date(2026, 2, 1),
        date(2026, 1, 1),
        date(2025, 12, 1),
    )
    assert len(months_back(date(2026, 2, 1), date(1970, 1, 1))) == MOST
