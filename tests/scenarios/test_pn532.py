"""Stories of readers on serial ports: a complete site, with bridges and virtual PN532 chips as processes."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from controller.config import load
from controller.model.credentials import CardNumber
from controller.model.events import Json
from controller.model.operators import MACHINE
from controller.runtime.clock import Clock
from controller.services.doors import now as doors
from controller.services.site import Site
from firmware_bridge.simulator.faces import FelicaFace
from firmware_bridge.simulator.pn532_card import CardAtPn532
from tests.controller.commands.command import done, genkan
from tests.controller.site import CONFIG, admit
from tests.scenarios.demo import patient
from tests.scenarios.osdp_site import OsdpDoor, osdp_door
from tests.waiting import LONG, until
from web.words.reader_problem_words import problem_text
from web.words.words import Words

IDM = "0101031284C0FFEE"


def problem_of(site: Site) -> tuple[str | None, Mapping[str, Json]]:
    """The problem of the reader inward and its fields, as the doors page has them."""
    readers = doors.doors_status(site.acting(MACHINE)).doors[0].readers
    (inward,) = (reader for reader in readers if reader.name == "entrance-in")
    return inward.problem, inward.problem_fields


@pytest.fixture
def door(tmp_path: Path) -> Iterator[OsdpDoor]:
    data = tmp_path / "data"
    data.mkdir()
    config = CONFIG.replace("udp:127.0.0.1:1", "tty:pty:usb-1").replace("udp:127.0.0.1:2", "tty:pty:usb-2")
    (data / "genkan.toml").write_text(config, "utf-8")
    Site.init(load(data / "genkan.toml"))
    with Site.open(load(data / "genkan.toml"), Clock().now) as site:
        admit(site, CardNumber.parse(IDM))
        with osdp_door(site) as running:
            running.wait_for("reader_online", count=2)
            yield running


def test_tap_command_reaches_the_relay_through_the_serial_driver(door: OsdpDoor) -> None:
    data = door.site.config.data
    tap = ["tap", "--reader", "entrance-in", "--data", data, "--idm"]
    assert done(genkan(*tap, IDM, program=patient())).text.strip() == "granted"
    assert door.wait_for("access_granted")[0]["reader"] == "entrance-in"
    assert (
        done(genkan(*tap, "01010312DEAD0001", program=patient())).text.strip() == "denied: credential_unknown"
    )
    outward = ["tap", "--reader", "entrance-out", "--data", data, "--idm", IDM]
    assert done(genkan(*outward, program=patient())).text.strip() == "granted"


def test_reader_unplugged_is_reported_with_what_to_do_and_reads_again_when_plugged_in(door: OsdpDoor) -> None:
    data = door.site.config.data
    done(genkan("sim", "unplug", "entrance-in", "--data", data))
    assert door.wait_for("reader_offline")[0]["reader"] == "entrance-in"
    until(lambda: problem_of(door.site) == ("not_there", {"path": "tty:pty:usb-1"}))
    assert (
        done(genkan("tap", "--reader", "entrance-out", "--data", data, "--idm", IDM)).text.strip()
        == "granted"
    )
    done(genkan("sim", "plug", "entrance-in", "--data", data))
    door.wait_for("reader_online", count=3)
    assert (
        done(genkan("tap", "--reader", "entrance-in", "--data", data, "--idm", IDM)).text.strip() == "granted"
    )


def test_card_left_on_the_reader_is_one_grant(door: OsdpDoor) -> None:
    card = CardAtPn532(door.site.config.data / "simulator", "usb-1", FelicaFace(IDM))
    assert card.present(3.0, LONG)
    data = door.site.config.data
    stranger = ["tap", "--reader", "entrance-in", "--data", data, "--idm", "01010312DEAD0001"]
    assert done(genkan(*stranger)).text.strip() == "denied: credential_unknown"
    assert len(door.log("access_granted")) == 1


def test_board_at_another_speed_is_reported_with_its_speed_as_a_reason_and_reads_at_the_right_one(
    door: OsdpDoor,
) -> None:
    data = door.site.config.data
    done(genkan("sim", "speed", "entrance-in", "57600", "--data", data))
    assert door.wait_for("reader_offline")[0]["reader"] == "entrance-in"
    stays = ("no_answer_on_serial", {"path": "tty:pty:usb-1", "baud": 115200})
    until(lambda: problem_of(door.site) == stays, what="the problem that stays")
    assert "its speed (115200 baud)" in problem_text(Words("en"), *stays)
    assert "通信速度（115200 ボー）" in problem_text(Words("ja"), *stays)
    done(genkan("sim", "speed", "entrance-in", "auto", "--data", data))
    door.wait_for("reader_online", count=3)
    tap = ["tap", "--reader", "entrance-in", "--data", data, "--idm", IDM]
    assert done(genkan(*tap)).text.strip() == "granted"
