"""The decide thread: a failure ends no thread, and a tap waits for the record of an earlier one."""

from pathlib import Path

import pytest

from controller.model.events import Event
from controller.model.rules.anti_passback import AntiPassbackSetting
from controller.model.signals import ReaderOnline
from controller.services.site import Site
from tests.controller.decision.situations import ENFORCE, REGULAR
from tests.controller.runtime.floor_story import FloorStory, floor_site, running_floor
from tests.controller.site import admit, running_door
from tests.waiting import until


def broken(*arguments: object) -> Event:
    raise ZeroDivisionError


def test_tap_that_meets_a_bug_is_refused_and_the_next_is_decided(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    admit(site)
    with running_door(site) as door:
        registry = door.service.taps.registry
        find, registry.find = registry.find, broken  # type: ignore[method-assign, assignment]
        door.present("entrance-in")
        assert door.wait_for("access_denied")[0]["reason"] == "registry_unavailable"
        registry.find = find  # type: ignore[method-assign]
        door.present("entrance-in")
        door.wait_for("access_granted")
    assert "cannot decide on CardPresented" in caplog.text


def test_tick_that_meets_a_bug_is_followed_by_the_next(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    admit(site)
    with running_door(site) as door:
        watch = door.service.registry_watch
        poll, watch.poll = watch.poll, broken  # type: ignore[method-assign, assignment]
        door.pass_time(0.1)
        watch.poll = poll  # type: ignore[method-assign]
        ticks = door.service.decide.ticks
        door.pass_time(0.1)
        assert door.service.decide.ticks > ticks
    assert "cannot decide on the registry's changes" in caplog.text


def test_state_of_a_reader_is_recorded_where_it_is(site: Site) -> None:
    with running_door(site) as door:
        door.service.on_reader_signal(ReaderOnline("entrance-out", "a device"))
        (online,) = door.wait_for("reader_online")
    assert (online["access_point"], online["details"]["device"]) == ("entrance-out", "a device")


def test_tap_that_needs_presence_waits_for_the_record_of_the_one_before(tmp_path: Path) -> None:
    with floor_site(tmp_path) as site:
        floor = FloorStory(site)
        first, second = floor.person(REGULAR), floor.person(REGULAR)
        floor.publish(AntiPassbackSetting(ENFORCE, area=True))
        with running_floor(site) as door:
            floor.begins(door)
            with door.turns.hanging("record"):
                door.present("entrance-in", first.card)
                door.present("entrance-in", second.card)
                door.turns.settle()
                assert [signal.number for signal, _ in door.service.decide._waiting] == [second.card]
            granted = door.wait_for("access_granted", count=2)
            assert [line["person"] for line in granted] == [first.name, second.name]
            until(lambda: not door.service.decide._waiting)
