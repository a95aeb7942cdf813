"""The calendar: what is shown, and who may change it. The page's tests say the rest."""

from dataclasses import replace
from datetime import date

import pytest

from controller.errors import NotPermitted
from controller.model.rule_book import Category
from controller.services.access import calendar
from controller.services.acting import Acting
from controller.services.rules import books as rule_books
from controller.services.rules import draft as rule_draft
from controller.services.site import Site
from tests.sample_site import ADMIN, AUDITOR, NOW


def test_own_day_is_over_the_countrys_and_keeps_its_name(site: Site) -> None:
    calendar.set_day(Acting(site, ADMIN, NOW), date(2027, 5, 3), "workday")
    calendar.set_day(Acting(site, ADMIN, NOW), date(2027, 5, 2), "Short-Day")
    found = calendar.calendar(Acting(site, ADMIN, NOW), "ja")
    days = {day.date: (day.name, day.day_type, day.is_own) for day in found.days}
    assert days[date(2027, 5, 3)] == ("憲法記念日", "workday", True)
    assert days[date(2027, 5, 2)] == ("", "short-day", True)
    assert days[date(2027, 5, 4)] == ("みどりの日", "holiday", False)
    assert found.is_at_the_door and found.version == 2
    assert calendar.special_types(site.acting(ADMIN)) == ("holiday", "short-day")


def test_what_else_the_rules_hold_is_published_with_it(site: Site) -> None:
    calendar.set_country(Acting(site, ADMIN, NOW), "jp")
    assert rule_books.newest(site.acting(ADMIN)).holidays.country == "JP"


def test_draft_takes_a_new_day_over_and_does_not_undo_it(site: Site) -> None:
    night = Category("night", "Night", "夜勤")
    rule_draft.edit(Acting(site, ADMIN, NOW), lambda book: replace(book, categories={"night": night}))
    version = calendar.set_day(Acting(site, ADMIN, NOW), date(2027, 5, 2), "holiday")
    draft = rule_draft.get(site.acting(ADMIN))
    assert draft is not None and draft.based_on == version
    rule_draft.publish(Acting(site, ADMIN, NOW), draft.mark, "", heed_warnings=True)
    newest = rule_books.newest(site.acting(ADMIN))
    assert date(2027, 5, 2) in newest.holidays.days and "night" in newest.categories
    assert rule_books.versions(site.acting(ADMIN))[1].note == "2027-05-02: holiday"


def test_auditor_may_view_and_not_change(site: Site) -> None:
    assert calendar.calendar(Acting(site, AUDITOR, NOW)).days
    with pytest.raises(NotPermitted):
        calendar.set_day(Acting(site, AUDITOR, NOW), date(2027, 5, 2), "holiday")
