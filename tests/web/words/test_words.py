"""The words of one reader: labels of the site, lists, and local times."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from controller.config import Config
from tests.controller.model.rule_books import FULL
from tests.web.sample_words import sample_words
from web.words.words import Words

TOKYO, BERLIN = ZoneInfo("Asia/Tokyo"), ZoneInfo("Europe/Berlin")
LATE = datetime(2026, 11, 24, 15, 30, 5, tzinfo=UTC)
ENGLISH, JAPANESE = Words("en"), Words("ja")


def test_place_has_its_label_in_each_language_and_an_unknown_one_its_name(config: Config) -> None:
    english, japanese = (Words.of_site(config, language) for language in ("en", "ja"))
    assert japanese.place("entrance") == "入口"
    assert english.place("entrance") == "entrance"
    assert japanese.place("torn-down") == "torn-down"
    assert japanese.place(None) == ""
    assert japanese.readers["entrance-in"] == "entrance-in"


def test_labels_are_those_of_the_book_and_a_name_that_it_lacks_is_unchanged() -> None:
    words = sample_words(FULL, "ja")
    assert words.categories(["visitor", "chief"]) == "来客、chief"
    assert words.by(sample_words(FULL).book) == words
    assert Words("ja").area("floor") == "floor"
    assert Words("en").area("*") == "the whole site"


def test_numbers_are_counted_in_words() -> None:
    assert ENGLISH.translate_count("{count} row", "{count} rows", 1) == "1 row"
    assert ENGLISH.translate_count("{count} row", "{count} rows", 12345) == "12,345 rows"
    assert JAPANESE.translate_count("{count} row", "{count} rows", 12345) == "12,345 行"
    assert JAPANESE.translate("") == ""


def test_moment_is_that_of_the_site() -> None:
    assert Words("en", zone=TOKYO).moment(LATE) == "2026-11-25 00:30:05"
    assert Words("en", zone=BERLIN).clock(LATE) == "16:30:05"
    assert Words("en", zone=TOKYO).recorded_minute("2026-11-24T15:30:05Z") == "2026-11-25 00:30"
    assert ENGLISH.minute(LATE) == "2026-11-24 15:30", "UTC without a site"


def test_days_and_months_have_the_names_of_the_language() -> None:
    assert JAPANESE.day(date(2026, 11, 24)) == "2026-11-24 (火)"
    assert ENGLISH.day(date(2026, 11, 24)) == "2026-11-24 (Tue)"
    assert ENGLISH.month(date(2026, 11, 1)) == "November 2026"
    assert JAPANESE.month(date(2026, 11, 1)) == "2026年11月"
    assert ENGLISH.long_day(date(2024, 11, 1)) == "1 November 2024"
    assert JAPANESE.long_day(date(2024, 11, 1)) == "2024年11月1日"


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(milliseconds=400), "less than a second"),
        (timedelta(seconds=45), "45 s"),
        (timedelta(hours=3, minutes=12), "3 h 12 min"),
        (timedelta(days=2, hours=4, minutes=5), "2 d 4 h"),
    ],
)
def test_length_is_in_its_two_largest_units(length: timedelta, text: str) -> None:
    assert ENGLISH.length(length) == text


def test_coarse_age_changes_once_an_hour() -> None:
    assert ENGLISH.age(timedelta(minutes=12)) == "12 minutes"
    assert ENGLISH.age(timedelta(minutes=12), coarse=True) == "less than an hour"
    assert ENGLISH.age(timedelta(days=3)) == "3 days"
