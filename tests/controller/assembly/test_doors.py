"""Fire and the exit buttons release the lock, also when they began before the door service."""

import contextlib
import json

from controller.assembly import DoorService
from controller.model.signals import FireEnded, FireStarted, RexPressed
from controller.services.site import Site
from firmware_bridge.simulator.trace import read
from tests.controller.site import Door, running_door
from tests.waiting import until


def test_fire_releases_regardless_of_other_events_and_is_recorded(door: Door):
    door.service.drive.post(FireStarted())
    until(lambda: door.level == 1)
    door.present("entrance-in")
    door.wait_for("access_outcome")
    assert door.level == 1
    door.service.drive.post(FireEnded())
    until(lambda: door.level == 0)
    door.wait_for("fire_ended")
    assert [line["type"] for line in door.log("fire_started", "fire_ended")] == ["fire_started", "fire_ended"]


def test_request_to_exit_releases(door: Door):
    door.service.drive.post(RexPressed("entrance"))
    until(lambda: door.releases == 1)
    door.wait_for("rex_pressed")


def switch(site: Site, name: str, active: bool) -> None:
    """The world beside the door, before the door service starts."""
    folder = site.config.data / "simulator"
    folder.mkdir(exist_ok=True)
    (folder / "state.json").write_text(json.dumps({"contact": False, "fire": False} | {name: active}))


def test_door_that_starts_during_a_fire_releases_immediately_and_records_that_it_burns(site: Site):
    switch(site, "fire", True)
    with running_door(site) as door:
        assert door.level == 1
        door.wait_for("fire_started")
        changes = [change["state"] for change in read(site.config.data / "simulator" / "trace.jsonl")]
        assert "secured" not in changes


def test_fire_that_ended_while_the_door_was_down_is_recorded_as_ended(site: Site):
    switch(site, "fire", True)
    with running_door(site) as door:
        door.wait_for("fire_started")
    switch(site, "fire", False)
    with running_door(site) as door:
        door.wait_for("fire_ended")
        assert door.level == 0


def test_request_to_exit_held_while_the_door_starts_counts(site: Site):
    with contextlib.ExitStack() as stack:
        service = DoorService(site.config, stack)
        service.pins.pin(22).ground(True)
        until(lambda: service.is_active("rex", "entrance"))
        service.readers.clear()
        service.start()
        until(lambda: service.pins.pin(17).state)
        service.stop()
