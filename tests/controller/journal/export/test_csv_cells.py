"""Cells that no spreadsheet runs, and local times that agree with the time zone's own rules."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.journal.export.csv_cells import CodeCells, LocalHours, NameCells, text_cell
from controller.journal.record import utc_text

COLUMNS = ("door", "access_point", "direction", "type", "result", "reason")


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_cell_that_would_be_a_formula_is_turned_into_text(first: str) -> None:
    assert text_cell(first + "cmd") == f'"\'{first}cmd"'


@pytest.mark.parametrize("text", ["\x00=cmd", "\x00\x00@x", "\x00"])
def test_cell_starting_with_nul_is_turned_into_text_without_it(text: str) -> None:
    assert text_cell(text) == "\"'" + text.replace("\x00", "") + '"'


def test_quotes_are_doubled_and_the_rest_is_kept() -> None:
    assert text_cell('a"b,c\nd=e') == '"a""b,c\nd=e"'
    assert text_cell("") == '""'


def test_words_replace_codes_and_a_column_may_have_its_own() -> None:
    words = {"granted": "許可", "door:granted": "Granted Hall", "type:x": "=SUM(1)", "assurance:2": "Key"}
    cells = CodeCells(COLUMNS, words)
    key = json.dumps(["granted", None, "in", "x", "granted", None, 3, "operator-1", 2])
    assert cells[key] == ('"Granted Hall",,"in","\'=SUM(1)","許可",,3', '"operator-1"', '"Key"')
    assert cells[json.dumps([None] * 9)] == (",,,,,,", "", "")


def test_names_and_digits_of_nobody_are_empty() -> None:
    cells = NameCells()
    assert cells[None] == (",", "")
    assert cells['["=cmd","FFEE",null]'] == ('"\'=cmd","FFEE"', "")
    assert cells['[null,null,"佐藤"]'] == (",", '"佐藤"')


def test_cache_starts_over_before_it_grows_without_bound() -> None:
    cells = NameCells()
    for number in range(30_000):
        assert cells[f'["person {number}",null,null]'][0] == f'"person {number}",'
    assert len(cells) <= 20_000


ZONES = ["Asia/Tokyo", "UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns"]


@given(
    zone=st.sampled_from(ZONES),
    moment=st.datetimes(datetime(1970, 1, 2), datetime(2037, 12, 30), timezones=st.just(UTC)),
)
def test_any_moment_reads_as_the_zone_says(zone: str, moment: datetime) -> None:
    assert cell(zone, moment) == expected(zone, moment)


@pytest.mark.parametrize("zone", ZONES)
def test_every_quarter_hour_of_a_year_reads_as_the_zone_says(zone: str) -> None:
    """Both changes of the clock, also the one of half an hour in the middle of a UTC hour."""
    hours = LocalHours(ZoneInfo(zone))
    for quarter in range(365 * 96):
        moment = datetime(2026, 1, 1, 0, 7, 9, tzinfo=UTC) + timedelta(minutes=15 * quarter)
        assert cell(zone, moment, hours) == expected(zone, moment)


def test_clock_changed_a_minute_past_the_hour_is_followed_within_that_hour() -> None:
    zone, hours = "America/Moncton", LocalHours(ZoneInfo("America/Moncton"))
    for minute in range(180):
        moment = datetime(2006, 4, 2, 3, tzinfo=UTC) + timedelta(minutes=minute)
        assert cell(zone, moment, hours) == expected(zone, moment)


def cell(zone: str, moment: datetime, hours: LocalHours | None = None) -> str:
    """As the export puts it together."""
    hours = hours if hours is not None else LocalHours(ZoneInfo(zone))
    utc = utc_text(moment)
    hour = hours[utc[:13]]
    return f"{hour[0]}{utc[14:19]}{hour[1]}" if hour else hours.cell(utc)


def expected(zone: str, moment: datetime) -> str:
    return '"' + moment.replace(microsecond=0).astimezone(ZoneInfo(zone)).isoformat(" ") + '"'


def test_whole_hour_zone_takes_the_short_way() -> None:
    assert LocalHours(ZoneInfo("Asia/Tokyo"))["2026-11-24T06"] == ('"2026-11-24 15:', '+09:00"')
    assert LocalHours(ZoneInfo("Asia/Kolkata"))["2026-11-24T06"] is None
