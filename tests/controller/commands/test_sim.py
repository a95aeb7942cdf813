"""`genkan sim` on a door in this process, and where there is none."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.services.site import Site
from firmware_bridge.simulator import cable
from tests.controller.commands.command import done, genkan, refused, unchanged
from tests.controller.site import Door, make_site, running_door
from tests.waiting import until


def sim(data: Path, *words: str):
    return genkan("sim", "--data", data, *words)


def test_hand_on_the_door_and_fire_are_in_the_log(door: Door):
    data = door.site.config.data
    done(sim(data, "open"))
    door.wait_for("door_forced_open")
    done(sim(data, "close"))
    door.wait_for("door_closed")
    done(sim(data, "fire", "on"))
    until(lambda: door.level == 1)
    done(sim(data, "fire off"))
    door.wait_for("fire_ended")
    types = [line["type"] for line in door.log("door_opened", "door_closed", "fire_started", "fire_ended")]
    assert sorted(types) == ["door_closed", "door_opened", "fire_ended", "fire_started"]


ARCHIVE = """[doors.archive]
lock_pin = 16
door_contact_pin = 25
rex_pin = 12
[doors.store]
lock_pin = 13
[access_points.archive-in]
door = "archive"
direction = "in"
[access_points.store-in]
door = "store"
direction = "in"
[doors.entrance]
"""


@pytest.fixture
def three_doors(tmp_path: Path) -> Iterator[Site]:
    with make_site(tmp_path / "three", ARCHIVE) as site:
        yield site


def test_hand_and_button_at_any_door_are_in_the_log_of_that_door(three_doors: Site):
    data = three_doors.config.data
    with running_door(three_doors) as door:
        for count, name in enumerate(("archive", "entrance"), 1):
            done(sim(data, name, "open"))
            door.wait_for("door_opened", count=count)
            done(sim(data, name, "close"))
            door.wait_for("door_closed", count=count)
            done(sim(data, name, "rex"))
            door.wait_for("rex_pressed", count=count)
        for kind in ("door_opened", "door_closed", "rex_pressed"):
            assert sorted(line["door"] for line in door.log(kind)) == ["archive", "entrance"]
        done(sim(data, "entrance", "open"))
        door.wait_for("door_opened", count=3)
    with running_door(three_doors) as door:  # left open, it is open after a restart, and the other is closed
        is_open = {
            name: door.service.modes.doors()[name].is_open for name in ("archive", "entrance", "store")
        }
        assert is_open == {"archive": False, "entrance": True, "store": False}


def test_door_without_what_it_takes_or_that_is_not_there_is_refused(three_doors: Site):
    data = three_doors.config.data
    with running_door(three_doors):
        assert "Door store has no door_contact_pin" in refused(sim(data, "store", "open"))
        assert "Door store has no rex_pin" in refused(sim(data, "store", "rex", "on"))
        assert "there are: archive, store, entrance" in refused(sim(data, "cellar", "open"))
        assert "Name the door, as in `genkan sim archive open`" in refused(sim(data, "open"), status=2)


def test_one_door_needs_no_name_and_may_have_it(door: Door):
    data = door.site.config.data
    done(sim(data, "open"))
    door.wait_for("door_opened")
    done(sim(data, "entrance", "close"))
    door.wait_for("door_closed")


def test_trace_is_a_line_for_each_change_of_a_pin(door: Door):
    data = door.site.config.data
    done(sim(data, "rex"))
    until(lambda: '"state": "released"' in done(sim(data, "trace")).text)


def test_cable_is_pulled_and_put_back(data: Path):
    (data / "simulator").mkdir()
    done(sim(data, "unplug", "entrance-in"))
    assert (data / "simulator" / "unplugged-entrance-in").exists()
    done(sim(data, "plug", "entrance-in"))
    assert not (data / "simulator" / "unplugged-entrance-in").exists()


@pytest.mark.parametrize(
    "words", [["unplug", "entrance-in"], ["plug", "entrance-in"], ["open"], ["fire", "on"]]
)
def test_door_that_never_ran_is_one_sentence(data: Path, words: list[str]):
    with unchanged(data):
        assert "`genkan run" in refused(sim(data, *words))


def test_trace_of_a_door_that_never_ran_is_empty(data: Path):
    assert done(sim(data, "trace")).out == b""


@pytest.mark.parametrize(
    "words",
    [["frob"], ["fire"], ["fire", "maybe"], ["unplug"], ["plug", "a", "b"], ["open", "now"], ["\udc80"]],
)
def test_word_the_door_does_not_know_is_wrong_usage(data: Path, words: list[str]):
    assert "give one of" in refused(sim(data, *words), status=2)


@pytest.mark.parametrize("reader", ["side-door", "../../genkan.toml", "a/b", ""])
def test_cable_of_no_reader_is_refused(data: Path, reader: str):
    with unchanged(data):
        assert "no reader" in refused(sim(data, "unplug", reader))


def test_real_hardware_is_left_alone(data: Path):
    file = data / "genkan.toml"
    lines = file.read_text("utf-8").split("[readers.")[0]
    file.write_text(lines.replace("demo = true", "demo = false"), "utf-8")
    with unchanged(data):
        assert "real hardware" in refused(sim(data, "fire", "on"))


def test_speed_of_a_reader_on_a_virtual_line_is_set_and_left_to_the_line_again(data: Path):
    config = (data / "genkan.toml").read_text("utf-8")
    (data / "genkan.toml").write_text(config.replace("udp:127.0.0.1:1", "osdp:pty:line-1:0"), "utf-8")
    (data / "simulator").mkdir()
    done(sim(data, "speed", "entrance-in", "9600"))
    assert cable.speed(data / "simulator", "entrance-in") == 9600
    assert "is not a speed" in refused(sim(data, "speed", "entrance-in", "fast"), 2)
    assert "No reader has a speed of 1 baud" in refused(sim(data, "speed", "entrance-in", "1"))
    assert "has no speed" in refused(sim(data, "speed", "entrance-out", "9600"))
    assert cable.speed(data / "simulator", "entrance-in") == 9600
    done(sim(data, "speed", "entrance-in", "auto"))
    assert cable.speed(data / "simulator", "entrance-in") is None
