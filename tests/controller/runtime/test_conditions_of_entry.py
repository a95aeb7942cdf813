"""Conditions of entry at a running door, by published rules: qualifications, earlier taps, escorts."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from controller.model.credentials import Assurance
from controller.model.operators import MACHINE
from controller.model.rules.anti_passback import AntiPassbackSetting
from controller.model.rules.assurance import AssuranceSetting
from controller.model.rules.dual_access import DualAccessSetting
from controller.model.rules.escort import EscortSetting
from controller.model.rules.first_person_in import FirstPersonInSetting
from controller.model.rules.occupancy import OccupancySetting
from controller.model.rules.prerequisite import PrerequisiteSetting
from controller.model.rules.qualifications import QualificationsSetting
from controller.model.signals import CardPresented
from controller.services.access import levels
from controller.services.doors import alarms
from controller.services.people import people
from controller.services.people.standing import Standing
from controller.services.presence import presence
from controller.services.site import Site
from tests.controller.decision.situations import AGENCY, ENFORCE, OBSERVE, REGULAR, SV, VISITOR
from tests.controller.runtime.floor_story import FloorStory, Person, floor_site, running_floor
from tests.controller.site import Door
from tests.waiting import until

TOKYO = ZoneInfo("Asia/Tokyo")
DAY = timedelta(days=1)
LOCKER = """[doors.locker]
lock_pin = 16
release_time = 1
[access_points.locker-in]
door = "locker"
direction = "in"
[readers.locker-in]
access_point = "locker-in"
path = "udp:127.0.0.1:3"
[doors.entrance]
"""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with floor_site(tmp_path) as site:
        yield site


@pytest.fixture
def floor(site: Site) -> FloorStory:
    return FloorStory(site)


def today(site: Site) -> date:
    return site.now().utc.astimezone(TOKYO).date()


def noon(day: date, running: Door) -> None:
    """From now on it is noon of that day at the door; the clock only goes forward."""
    then = datetime.combine(day, time(12), TOKYO)
    running.service.clock.read_synchronised = lambda: True
    running.service.clock.wall = lambda: then


def qualify(site: Site, person: Person, until: date) -> None:
    standing = Standing(REGULAR, (("nda", until),))
    people.set_standing(site.acting(MACHINE), person.id, standing)


def test_person_without_the_qualification_is_refused_until_it_is_entered_and_warned_of_its_end(
    site: Site, floor: FloorStory
) -> None:
    me = floor.person(REGULAR)
    day = today(site)
    with running_floor(site) as running:
        door = floor.begins(running)
        assert door.goes_in(me) == "granted"
        assert door.goes_out(me) == []
        door.rules(QualificationsSetting(ENFORCE, ("nda",)))
        assert door.goes_in(me) == "qualification_missing"
        qualify(site, me, day - 2 * DAY)
        assert door.goes_in(me) == "qualification_expired"
        qualify(site, me, day + 5 * DAY)
        soon = door.tap(me)
        assert (soon["result"], soon["warning"]) == ("granted", "qualification_ends_soon")
        qualify(site, me, day + 365 * DAY)
        assert "warning" not in door.tap(me)


def test_phone_locker_comes_first_on_each_day(tmp_path: Path) -> None:
    with floor_site(tmp_path, LOCKER) as site:
        floor = FloorStory(site)
        points = ("entrance-in", "entrance-out", "locker-in")
        floor.level = levels.add(
            site.acting(MACHINE), "With locker", [(point, "always") for point in points]
        ).id
        me, other, tomorrow = floor.person(REGULAR), floor.person(REGULAR), today(site) + DAY
        floor.publish(PrerequisiteSetting(ENFORCE, "locker-in"))
        with running_floor(site) as running:
            door = floor.begins(running)
            noon(tomorrow, running)
            assert door.goes_in(me) == "prerequisite_missing"
            assert door.tap(me, "locker-in")["result"] == "granted"
            assert door.goes_in(me) == "granted"
            assert door.goes_in(other) == "prerequisite_missing"
            assert door.goes_out(me) == []
            noon(tomorrow + DAY, running)
            assert door.goes_in(me) == "prerequisite_missing"


def test_nobody_comes_in_before_the_first_trusted_person_of_the_day(site: Site, floor: FloorStory) -> None:
    sv, one, tomorrow = floor.person(SV), floor.person(REGULAR), today(site) + DAY
    floor.publish(FirstPersonInSetting(ENFORCE, (SV,)))
    with running_floor(site) as running:
        door = floor.begins(running)
        noon(tomorrow, running)
        assert door.goes_in(one) == "first_person_not_in"
        assert door.goes_in(sv) == door.goes_in(one) == "granted"
        assert door.goes_out(sv) == door.goes_out(one) == []
    with running_floor(site) as running:
        door = floor.begins(running)
        noon(tomorrow, running)
        assert door.goes_in(one) == "granted", "the morning counts after a restart too"
        assert door.goes_out(one) == []
        noon(tomorrow + DAY, running)
        assert door.goes_in(one) == "first_person_not_in"


def test_who_forgot_to_tap_out_yesterday_opens_the_floor_today_and_stays_in_the_list(
    site: Site, floor: FloorStory
) -> None:
    sv, one, tomorrow = floor.person(SV), floor.person(REGULAR), today(site) + DAY
    floor.publish(AntiPassbackSetting(ENFORCE), FirstPersonInSetting(ENFORCE, (SV,)))
    with running_floor(site) as running:
        door = floor.begins(running)
        noon(tomorrow, running)
        assert [door.goes_in(sv), door.goes_in(sv)] == ["granted", "anti_passback"]
        noon(tomorrow + DAY, running)
        assert door.goes_in(one) == "first_person_not_in"
        assert [door.goes_in(sv), door.goes_in(one)] == ["granted", "granted"]
        assert door.goes_in(sv) == "anti_passback", "a second entry on the same day"
        missed = presence.missed(site.acting(MACHINE))
        assert ("in_without_out", sv.name) in [(item.kind.value, item.name) for item in missed]


def test_visitor_comes_in_behind_an_escort_only_and_leaves_alone(site: Site, floor: FloorStory) -> None:
    visitor, host, agency = floor.person(VISITOR), floor.person(REGULAR), floor.person(AGENCY)
    floor.publish(EscortSetting(ENFORCE, (VISITOR,), (REGULAR,), seconds=300))
    with running_floor(site) as running:
        door = floor.begins(running)
        assert door.goes_in(visitor) == "escort_missing"
        assert door.goes_in(agency) == "granted"
        assert door.goes_in(visitor) == "escort_missing", "agency staff is no escort"
        assert door.goes_in(host) == door.goes_in(visitor) == "granted"
        assert door.goes_out(host) == ["last_escort_left"]
        assert running.wait_for("last_escort_left")[0]["person"] == host.name
        [alarm] = alarms.open_alarms(site.acting(MACHINE))
        assert alarm.newest.type == "last_escort_left"
        assert door.goes_out(visitor) == []
        assert door.goes_in(visitor) == "escort_missing", "the escort has left, within the seconds"


def test_card_that_proves_a_number_only_is_refused_where_more_is_asked_for_and_lets_out(
    site: Site, floor: FloorStory
) -> None:
    me = floor.person(REGULAR)
    floor.publish(AssuranceSetting(OBSERVE, Assurance.MUTUAL_AES))
    with running_floor(site) as running:
        door = floor.begins(running)
        assert door.tap(me)["observed"] == "assurance_too_low"
        door.passes()
        door.rules(AssuranceSetting(ENFORCE, Assurance.MUTUAL_AES))
        assert door.goes_out(me) == []
        assert door.goes_in(me) == "assurance_too_low"
        running.service.on_reader_signal(CardPresented("entrance-in", me.card, Assurance.MUTUAL_AES))
        assert running.wait_for("access_granted", count=3)[2]["assurance"] == Assurance.MUTUAL_AES


def test_full_floor_admits_nobody_until_somebody_leaves(site: Site, floor: FloorStory) -> None:
    one, two, three = (floor.person(REGULAR) for _ in range(3))
    floor.publish(OccupancySetting(ENFORCE, most=2))
    with running_floor(site) as running:
        door = floor.begins(running)
        assert door.goes_in(one) == door.goes_in(two) == "granted"
        assert door.goes_in(three) == "occupancy_full"
        assert door.goes_out(one) == []
        assert door.goes_in(three) == "granted"


def test_second_person_is_asked_for_until_enough_are_inside(site: Site, floor: FloorStory) -> None:
    one, two, three = (floor.person(REGULAR) for _ in range(3))
    floor.publish(DualAccessSetting(ENFORCE, seconds=300, unless_inside=2))
    with running_floor(site) as running:
        door = floor.begins(running)
        assert door.goes_in(one) == "second_person_needed"
        running.present("entrance-in", two.card)
        running.wait_for("access_granted", count=2)
        indications = running.service.readers["entrance-in"].indications  # type: ignore[attr-defined]
        until(lambda: indications == ["second_person", "granted"], what="both grants are released")
        door.passes()
        assert door.goes_in(three) == "granted"
        assert door.goes_out(one) == door.goes_out(two) == []
        assert door.goes_out(three) == []
        assert door.goes_in(three) == "second_person_needed"
