"""Schedules and holidays from the tap: a running door on a clock that the test sets."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from controller.model.access import SpecialDay
from controller.model.operators import MACHINE
from controller.model.rule_book import Holidays, RuleBook
from controller.services.access import level_times, levels, schedules
from controller.services.acting import Acting
from controller.services.people import badges, people
from controller.services.rules import books as rule_books
from controller.services.site import Site
from tests.controller.site import BADGE, Door, running_door

TOKYO = ZoneInfo("Asia/Tokyo")


class Nights:
    """A door whose clock only goes forward, and a card tried at one time after the other."""

    def __init__(self, site: Site, door: Door) -> None:
        self.site, self.door = site, door
        self._tries = 0
        door.service.clock.read_synchronised = lambda: True

    def tap(self, wall: str) -> str | None:
        """Return the reason of the refusal at this time in Tokyo; None if admitted."""
        utc = datetime.fromisoformat(wall).replace(tzinfo=TOKYO).astimezone(UTC)
        self.door.service.clock.wall = lambda: utc
        self.door.present("entrance-in")
        self._tries += 1
        return self.door.wait_for("access_granted", "access_denied", count=self._tries)[-1]["reason"]


@pytest.fixture
def nights(site: Site) -> Iterator[Nights]:
    with running_door(site) as door:
        yield Nights(site, door)


def give(site: Site, *windows: tuple[int, str, str], special: tuple[SpecialDay, ...] = ()) -> str:
    """A person with a badge and these windows; returns the badge's id."""
    held = []
    if windows:
        shift = schedules.add(
            site.acting(MACHINE), "Night", [schedules.window(*window) for window in windows], special
        )
        held.append(levels.add(site.acting(MACHINE), "Night", [("entrance-in", shift.id)]).id)
    person = people.add(site.acting(MACHINE), "山田 花子", levels=held)
    return badges.add(site.acting(MACHINE), person.id, BADGE.hex).id


def publish(site: Site, days: Holidays, year: int) -> None:
    now = site.now()
    at = replace(now, utc=now.utc.replace(year=year, month=1, day=15))
    rule_books.publish(Acting(site, MACHINE, at), RuleBook(holidays=days), "")


def test_friday_night_shift_across_midnight_and_a_holiday_on_either_side(nights: Nights) -> None:
    """2034-11-23, a Thursday, is Labour Thanksgiving Day; the 25th a holiday of the customer's own."""
    give(
        nights.site,
        *((day, "22:00", "06:00") for day in range(5)),  # Monday to Friday
        special=(SpecialDay("holiday"),),
    )
    publish(nights.site, Holidays("JP", {date(2034, 11, 25): "holiday"}), 2034)
    outside = "outside_schedule"
    assert nights.tap("2034-11-20 05:00") == outside  # Monday: no shift on Sunday
    assert nights.tap("2034-11-22 21:59:59") == outside
    assert nights.tap("2034-11-22 22:00:00") is None
    assert nights.tap("2034-11-23 05:59:59") is None  # a holiday, but the shift is Wednesday's
    assert nights.tap("2034-11-23 06:00:00") == outside
    assert nights.tap("2034-11-23 22:30:00") == outside  # the holiday's own night
    assert nights.tap("2034-11-24 05:00:00") == outside
    assert nights.tap("2034-11-24 22:00:00") is None
    assert nights.tap("2034-11-25 05:00:00") is None  # Saturday and a holiday: Friday's shift
    assert nights.tap("2034-11-25 06:00:00") == outside
    assert nights.tap("2034-11-27 05:00:00") == outside


def test_holiday_published_while_the_door_runs_is_obeyed_by_the_next_tap(nights: Nights) -> None:
    give(nights.site, *((day, "09:00", "17:00") for day in range(7)), special=(SpecialDay("holiday"),))
    assert nights.tap("2034-11-20 10:00") is None
    publish(nights.site, Holidays("", {date(2034, 11, 20): "holiday"}), 2034)
    assert nights.tap("2034-11-20 10:01") == "outside_schedule"
    publish(nights.site, Holidays("JP", {date(2034, 11, 23): "workday"}), 2034)
    assert nights.tap("2034-11-20 10:02") is None
    assert nights.tap("2034-11-23 10:00") is None  # a public holiday on which people work


def test_leaver_is_admitted_to_the_last_second_of_the_last_day_and_never_after(nights: Nights) -> None:
    """At 00:00 after the last day refused, 100 of 100."""
    badge = give(nights.site, *((day, "00:00", "24:00") for day in range(7)))
    badges.edit(nights.site.acting(MACHINE), badge, None, date(2035, 3, 31))
    assert nights.tap("2035-03-31 23:59:59.999") is None
    refused = [nights.tap(f"2035-04-01 00:00:{second:02}") for second in range(50)]
    refused += [nights.tap(f"2035-04-{day:02} 09:00") for day in range(1, 31)]
    refused += [nights.tap(f"{year}-03-31 12:00") for year in range(2036, 2056)]
    assert refused == ["credential_expired"] * 100


def test_level_granted_for_a_time_admits_from_its_first_minute_to_before_its_last(nights: Nights) -> None:
    site = nights.site
    give(site)
    person = people.search(site.acting(MACHINE)).people[0]
    level = levels.add(site.acting(MACHINE), "Project", [("entrance-in", "always")])
    start, end = (datetime(2035, 5, 1, hour, 30, tzinfo=TOKYO) for hour in (9, 18))
    level_times.hold(site.acting(MACHINE), person.id, level.id, start, end)
    assert nights.tap("2035-05-01 09:29:59") == "access_level_not_yet_valid"
    assert nights.tap("2035-05-01 09:30:00") is None
    assert nights.tap("2035-05-01 18:29:59") is None
    assert nights.tap("2035-05-01 18:30:00") == "access_level_ended"
