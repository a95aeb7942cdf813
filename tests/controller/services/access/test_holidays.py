"""The door goes by dates that were worked out when the rules were published."""

import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from controller.model.operators import MACHINE
from controller.model.rule_book import Holidays, RuleBook
from controller.registry.lookup import Lookup
from controller.services.access import holidays
from controller.services.acting import Acting
from controller.services.log import changes
from controller.services.rules import books as rule_books
from controller.services.rules.findings import RulesRefused
from controller.services.site import Site
from tests.controller.unrecorded import unrecorded
from tests.sample_site import ADMIN, NOW, later

ROOT = Path(__file__).parents[4]
OWN = {date(2027, 1, 4): "short-day", date(2027, 5, 3): "workday", date(2027, 5, 6): "holiday"}


def at_the_door(site: Site) -> dict[date, str]:
    lookup = Lookup(site.registry.file)
    try:
        return dict(lookup.day_types())
    finally:
        lookup.close()


def published(site: Site, days: Holidays) -> dict[date, str]:
    rule_books.publish(Acting(site, MACHINE, NOW), RuleBook(holidays=days), "")
    return at_the_door(site)


def test_site_without_published_rules_has_no_holidays(site: Site) -> None:
    assert at_the_door(site) == {}
    holidays.renew(site, later(days=20 * 365))
    assert at_the_door(site) == {}


def test_japanese_holidays_of_eleven_years_and_the_last_are_published(site: Site) -> None:
    days = published(site, Holidays("JP"))
    assert set(days.values()) == {"holiday"}
    assert {day.year for day in days} == set(range(2025, 2037))
    assert [day.isoformat() for day in days if day.year == 2026][-3:] == [
        "2026-10-12",
        "2026-11-03",
        "2026-11-23",
    ]
    assert date(2026, 9, 22) in days  # between two holidays, so one itself
    assert date(2026, 5, 6) in days  # in place of a Sunday


def test_own_days_are_added_and_a_workday_cancels_a_holiday(site: Site) -> None:
    days = published(site, Holidays("JP", OWN))
    assert days[date(2027, 1, 4)] == "short-day" and days[date(2027, 5, 6)] == "holiday"
    assert date(2027, 5, 3) not in days and date(2027, 5, 4) in days
    assert published(site, Holidays("", OWN)) == {
        date(2027, 1, 4): "short-day",
        date(2027, 5, 6): "holiday",
    }


def test_country_that_is_not_known_publishes_nothing(site: Site) -> None:
    with pytest.raises(RulesRefused, match="QQ"):
        published(site, Holidays("QQ"))
    assert rule_books.versions(site.acting(ADMIN)) == [] and at_the_door(site) == {}


def test_further_years_are_added_when_the_last_comes_near_and_others_stay(site: Site) -> None:
    before = published(site, Holidays("JP", {**OWN, date(2099, 1, 1): "holiday"}))
    holidays.renew(site, later(days=365))
    assert at_the_door(site) == before
    with unrecorded(site.registry) as db:
        db.execute("DELETE FROM holiday_dates WHERE date = '2027-11-03'")
    holidays.renew(site, later(days=3 * 365))
    renewed = at_the_door(site)
    assert {day.year for day in renewed} == {*range(2025, 2040), 2099}
    assert date(2027, 11, 3) not in renewed  # published dates are not computed again
    change = changes.page(Acting(site, ADMIN, NOW))[0]
    assert (change.action, change.before, change.after) == (
        "holidays_added",
        {"until": 2036},
        {"until": 2039},
    )
    assert rule_books.newest(site.acting(ADMIN)).version == 1


def test_names_come_in_the_language_asked_for() -> None:
    (japanese,) = [
        name
        for day, name in holidays.public_holidays("JP", range(2027, 2028), "ja").items()
        if day.month == 4
    ]
    (english,) = [
        name
        for day, name in holidays.public_holidays("JP", range(2027, 2028), "en_US").items()
        if day.month == 4
    ]
    assert (japanese, english) == ("昭和の日", "Showa Day")
    assert holidays.public_holidays("", range(2027, 2028)) == {}


def test_year_is_the_sites(site: Site) -> None:
    new_year_in_tokyo = replace(NOW, utc=NOW.utc.replace(month=12, day=31, hour=15))
    assert holidays.local_year(site, new_year_in_tokyo) == 2027


@pytest.mark.parametrize(
    ("country", "is_there"), [("JP", True), ("UK", True), ("", True), ("XX", False), ("JAPAN", False)]
)
def test_country_is_supported_by_its_code_alone(country: str, is_there: bool) -> None:
    assert holidays.is_supported(country) is is_there


@pytest.mark.process
def test_check_of_a_country_imports_no_country() -> None:
    program = """
import sys
from controller.services.access.holidays import is_supported
from tests.controller.unrecorded import unrecorded
assert is_supported("JP")
print([name for name in sys.modules if name.startswith("holidays.countries")])
"""
    assert subprocess.check_output([sys.executable, "-c", program], cwd=ROOT, text=True) == "[]\n"
