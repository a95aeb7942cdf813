"""Access and presence rules as people meet them: from the tap, at a running door, over its log."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from controller.decision.facts import SITE
from controller.model.operators import MACHINE
from controller.model.rules.anti_passback import AntiPassbackSetting
from controller.model.rules.dual_access import DualAccessSetting
from controller.model.rules.interlock import InterlockSetting
from controller.model.rules.occupancy import OccupancySetting
from controller.model.rules.qualifications import QualificationsSetting
from controller.model.rules.staff_mix import StaffMixSetting
from controller.model.rules.supervisor_present import SupervisorPresentSetting
from controller.model.signals import (
    DoorClosed,
    DoorOpened,
    FireStarted,
    ReleaseRequested,
    RexEnded,
    RexPressed,
)
from controller.services.doors import alarms, lockdown
from controller.services.people import badges
from controller.services.site import Site
from tests.controller.decision.situations import AGENCY, ENFORCE, OBSERVE, REGULAR, SV
from tests.controller.runtime.floor_story import FloorStory, floor_site, running_floor
from tests.waiting import until

NEEDS_SV = SupervisorPresentSetting(ENFORCE, (AGENCY,))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with floor_site(tmp_path) as site:
        yield site


@pytest.fixture
def floor(site: Site) -> FloorStory:
    return FloorStory(site)


def test_repeated_entry_by_area_is_refused_also_after_a_restart_until_it_is_forgiven(
    site: Site, floor: FloorStory
) -> None:
    me = floor.person(REGULAR)
    floor.publish(AntiPassbackSetting(ENFORCE, area=True))
    with running_floor(site) as running:
        door = floor.begins(running)
        assert door.goes_in(me) == "granted"
        assert door.goes_in(me) == "anti_passback"
    with running_floor(site) as running:
        door = floor.begins(running)
        assert door.goes_in(me) == "anti_passback"
        floor.forgive(me)
        until(lambda: door.is_forgiven(me))
        assert door.goes_in(me) == "granted"
        assert door.goes_in(me) == "anti_passback"
        assert door.goes_out(me) == []
        assert door.goes_in(me) == "granted"


def test_repeated_entry_within_the_minutes_is_refused_also_after_leaving_and_a_restart(
    site: Site, floor: FloorStory
) -> None:
    me, other = floor.person(REGULAR), floor.person(REGULAR)
    floor.publish(AntiPassbackSetting(ENFORCE, area=False, minutes=5))
    with running_floor(site) as running:
        door = floor.begins(running)
        assert door.goes_in(me) == "granted"
        assert door.goes_out(me) == []
        assert door.goes_in(me) == "anti_passback"
    with running_floor(site) as running:
        door = floor.begins(running)
        assert door.goes_in(me) == "anti_passback"
        assert door.goes_in(other) == "granted"


def test_repeated_entry_only_observed_is_admitted_and_written_down(site: Site, floor: FloorStory) -> None:
    me = floor.person(REGULAR)
    floor.publish(AntiPassbackSetting(OBSERVE, area=True))
    with running_floor(site) as running:
        door = floor.begins(running)
        assert "observed" not in door.tap(me)
        door.passes()
        again = door.tap(me)
        assert (again["result"], again["observed"]) == ("granted", "anti_passback")


def test_supervisor_leaving_operators_behind_alarms_and_nobody_more_comes_in_until_one_is_back(
    site: Site, floor: FloorStory
) -> None:
    sv, one, two = floor.person(SV), floor.person(AGENCY), floor.person(AGENCY)
    floor.publish(NEEDS_SV)
    with running_floor(site) as running:
        door = floor.begins(running)
        assert door.goes_in(one) == "supervisor_absent"
        assert door.goes_in(sv) == door.goes_in(one) == "granted"
        assert door.goes_out(sv) == ["last_supervisor_left"]
        assert running.wait_for("last_supervisor_left")[0]["person"] == sv.name
        [alarm] = alarms.open_alarms(site.acting(MACHINE))
        assert alarm.newest.type == "last_supervisor_left"
        assert door.goes_in(two) == "supervisor_absent"
        assert door.goes_in(sv) == door.goes_in(two) == "granted"
        assert door.goes_out(one) == door.goes_out(two) == door.goes_out(sv) == []


def test_supervisor_whose_badge_runs_out_inside_still_counts_and_leaves_freely(
    site: Site, floor: FloorStory
) -> None:
    sv, one = floor.person(SV), floor.person(AGENCY)
    floor.publish(NEEDS_SV)
    with running_floor(site) as running:
        door = floor.begins(running)
        assert door.goes_in(sv) == "granted"
        yesterday = (site.now().utc - timedelta(days=2)).date()
        badges.edit(site.acting(MACHINE), sv.badge, None, yesterday)
        assert door.goes_in(one) == "granted", "the supervisor is there, whatever the badge says"
        assert door.goes_out(sv) == ["credential_expired", "last_supervisor_left"]
        assert door.goes_in(sv) == "credential_expired"


def test_last_regular_person_leaving_others_behind_is_written_down_and_closes_the_floor(
    site: Site, floor: FloorStory
) -> None:
    regular, one, two = floor.person(REGULAR), floor.person(AGENCY), floor.person(AGENCY)
    floor.publish(StaffMixSetting(ENFORCE, regular_least=1))
    with running_floor(site) as running:
        door = floor.begins(running)
        assert door.goes_in(one) == "staff_mix"
        assert door.goes_in(regular) == door.goes_in(one) == "granted"
        assert door.goes_out(regular) == ["staff_mix_low"]
        assert door.goes_in(two) == "staff_mix"
        assert door.goes_out(one) == []


def test_rules_switched_on_while_people_are_inside_trap_nobody(site: Site, floor: FloorStory) -> None:
    sv, one, two = floor.person(SV), floor.person(AGENCY), floor.person(REGULAR)
    with running_floor(site) as running:
        door = floor.begins(running)
        for person in (sv, one, two):
            assert door.goes_in(person) == "granted"
        door.rules(
            AntiPassbackSetting(ENFORCE, area=True, minutes=60),
            OccupancySetting(ENFORCE, most=3, least=3),
            QualificationsSetting(ENFORCE, ("nda",)),
            StaffMixSetting(ENFORCE, people_per_supervisor=1),
        )
        lockdown.begin(site.acting(MACHINE), SITE, "somebody shouted")
        until(lambda: running.service.live_facts.facts.lockdowns)
        assert door.goes_in(floor.person(SV)) == "lockdown"
        assert door.goes_out(one) == ["occupancy_low"]
        running.service.drive.post(RexPressed("entrance"))
        running.service.drive.post(RexEnded("entrance"))
        door.passes()
        assert door.goes_out(sv) == ["last_supervisor_left", "occupancy_low"]
        assert door.goes_out(two) == []
        until(lambda: door.inside() == set())


def test_fire_releases_regardless_of_the_rules_and_who_enters_counts_as_inside(
    site: Site, floor: FloorStory
) -> None:
    me = floor.person(REGULAR)
    floor.publish(QualificationsSetting(ENFORCE, ("nda",)))
    with running_floor(site) as running:
        door = floor.begins(running)
        lockdown.begin(site.acting(MACHINE), SITE, "somebody shouted")
        until(lambda: running.service.live_facts.facts.lockdowns)
        running.service.drive.post(FireStarted())
        until(lambda: running.level == 1)
        running.wait_for("fire_started")
        record = door.tap(me)
        assert (record["result"], record["reason"]) == ("granted", None), "who walks in counts as inside"
        assert (record["warning"], record["stands_released"]) == ("lockdown", "fire")
        until(lambda: door.inside() == {me.id})
        assert running.level == 1


def test_two_people_one_after_the_other_are_admitted_together_and_each_grant_is_followed_up(
    site: Site, floor: FloorStory
) -> None:
    one, two, three = floor.person(AGENCY), floor.person(REGULAR), floor.person(REGULAR)
    floor.publish(DualAccessSetting(ENFORCE, 300))
    with running_floor(site) as running:
        door = floor.begins(running)
        assert door.goes_in(one) == "second_person_needed"
        assert door.goes_in(one) == "second_person_needed"
        running.present("entrance-in", two.card)
        grants = running.wait_for("access_granted", count=2)
        assert [(g["person"], g["with"]) for g in grants] == [(one.name, two.id), (two.name, one.id)]
        indications = running.service.readers["entrance-in"].indications  # type: ignore[attr-defined]
        until(
            lambda: indications == ["second_person", "second_person", "granted"],
            what="both grants are released",
        )
        door.passes()
        outcomes = running.wait_for("access_outcome", count=2)
        assert {(o["of"], o["result"]) for o in outcomes} == {(g["seq"], "opened") for g in grants}
        until(lambda: door.inside() == {one.id, two.id})
        assert door.goes_in(three) == "second_person_needed"
        until(lambda: indications == ["second_person", "second_person", "granted", "second_person"])


def test_door_of_an_interlock_waits_for_the_other_and_leaving_waits_for_none(tmp_path: Path) -> None:
    archive = "[doors.archive]\nlock_pin = 16\ndoor_contact_pin = 21\nrelease_time = 10\n[doors.entrance]\n"
    with floor_site(tmp_path, archive) as site:
        floor = FloorStory(site)
        me = floor.person(REGULAR)
        floor.publish(InterlockSetting(ENFORCE, ("archive",)))
        with running_floor(site) as running:
            door = floor.begins(running)
            running.service.drive.post(ReleaseRequested("archive"))
            until(lambda: running.service.pins.pin(16).state)
            assert door.goes_in(me) == "interlock"
            assert door.goes_out(me) == ["out_without_in"]
            for signal in (DoorOpened("archive"), DoorClosed("archive")):
                running.service.drive.post(signal)
            until(lambda: not running.service.pins.pin(16).state)
            assert door.goes_in(me) == "granted"


def test_record_says_which_rules_decided(site: Site, floor: FloorStory) -> None:
    me = floor.person(REGULAR)
    floor.publish(OccupancySetting(ENFORCE, most=5))
    with running_floor(site) as running:
        door = floor.begins(running)
        record = door.tap(me)
        assert (record["rules"], record["area"], record["category"]) == (2, "floor", REGULAR)
