"""Stories of readers on an RS-485 line: a complete site, with the bridge and the line as processes."""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.model.credentials import CardNumber, CredentialKind
from controller.model.events import EventType
from controller.model.operators import MACHINE
from controller.model.rule_book import DoorMode, DoorRules, RuleBook
from controller.model.signals import DoorClosed, DoorOpened
from controller.services.access import levels
from controller.services.acting import Acting
from controller.services.doors import now as doors
from controller.services.doors import orders
from controller.services.people import badges, people, pins
from controller.services.rules import books as rule_books
from firmware_bridge.osdp import install, keys
from firmware_bridge.simulator import cable, osdp_control
from tests.controller.commands.command import done, genkan
from tests.controller.site import admit
from tests.scenarios.demo import processes
from tests.scenarios.osdp_site import CARD, OsdpDoor, make_osdp_site, osdp_config, osdp_door
from tests.waiting import until
from web.words.reader_problem_words import problem_text
from web.words.words import Words

BADGE = CardNumber.parse(CARD, CredentialKind.WIEGAND)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[OsdpDoor]:
    site = make_osdp_site(tmp_path / "data")
    admit(site, BADGE)
    with site, osdp_door(site) as running:
        running.wait_for("reader_online", count=2)
        yield running


def test_tap_over_osdp_reaches_the_relay(door: OsdpDoor) -> None:
    door.hold("entrance-in")
    until(lambda: door.releases == 1)
    granted = door.wait_for("access_granted")[0]
    assert (granted["reader"], granted["badge"], granted["person"]) == ("entrance-in", "D159", "山田 花子")
    door.hold("entrance-out", 37, b"\x01\x02\x03\x04\x08")
    assert door.wait_for("access_granted", count=2)[1]["direction"] == "out"


def test_card_nobody_admitted_is_refused_and_no_pin_moves(door: OsdpDoor) -> None:
    door.hold("entrance-in", 26, b"\x12\x34\x57\x40")
    refused = door.wait_for("access_denied")[0]
    assert (refused["reason"], refused["reader"]) == ("credential_unknown", "entrance-in")
    assert door.releases == 0 and door.log("access_granted", "lock_released") == []


def test_card_of_no_length_we_take_is_refused_inward_and_lets_out(door: OsdpDoor) -> None:
    door.hold("entrance-in", 16, b"\x12\x34")
    assert door.wait_for("access_denied")[0]["reason"] == "card_unreadable"
    assert door.releases == 0
    door.hold("entrance-out", 200, bytes(25))
    until(lambda: door.releases == 1)


def test_tap_command_and_tampering_reach_the_log(door: OsdpDoor) -> None:
    data = door.site.config.data
    tap = ["tap", "--reader", "entrance-in", "--idm", "48D159", "--data", data]
    assert done(genkan(*tap, "--bits", "26")).text.strip() == "granted"
    assert done(genkan(*tap, "--bits", "32")).text.strip() == "denied: credential_unknown"
    done(genkan("sim", "tamper", "entrance-in", "--data", data))
    assert door.wait_for("reader_tamper")[0]["reader"] == "entrance-in"
    done(genkan("sim", "untamper", "entrance-in", "--data", data))
    door.wait_for("reader_tamper_ended")


def test_reader_unplugged_is_offline_once_while_the_other_on_the_line_reads_on(door: OsdpDoor) -> None:
    cable.unplug(door.simulator, "entrance-out")
    offline = door.wait_for("reader_offline")[0]
    assert offline["reader"] == "entrance-out"
    door.hold("entrance-in")
    door.wait_for("access_granted")
    cable.plug(door.simulator, "entrance-out")
    door.wait_for("reader_online", count=3)
    door.hold("entrance-out")
    door.wait_for("access_granted", count=2)
    assert len(door.log("reader_offline")) == 1


def test_reader_at_another_speed_is_reported_with_its_speed_as_a_reason_and_reads_at_the_right_one(
    door: OsdpDoor,
) -> None:
    data = door.site.config.data
    done(genkan("sim", "speed", "entrance-in", "9600", "--data", data))
    offline = door.wait_for("reader_offline")[0]
    assert offline["reader"] == "entrance-in"
    problem = doors.reader_status(door.site.acting(MACHINE), "entrance-in").problem
    assert problem == offline["details"]["problem"] and problem in ("osdp_no_answer", "osdp_not_understood")
    assert "speed" in problem_text(Words("en"), problem, {}, "entrance-in")
    assert "通信速度" in problem_text(Words("ja"), problem, {}, "entrance-in")
    door.hold("entrance-out")  # the other one on the line reads on
    door.wait_for("access_granted")
    done(genkan("sim", "speed", "entrance-in", "auto", "--data", data))
    door.wait_for("reader_online", count=3)
    door.hold("entrance-in")
    assert [line["reader"] for line in door.wait_for("access_granted", count=2)][1] == "entrance-in"


def test_line_whose_simulator_is_killed_is_there_again_and_reads(door: OsdpDoor) -> None:
    child = next(pid for pid, parent, words in processes() if parent == os.getpid() and "line-1" in words)
    os.kill(child, signal.SIGKILL)

    def held() -> bool:
        with contextlib.suppress(OSError, ValueError):  # not there yet, or not asked yet
            door.hold("entrance-in")
            return True
        return False

    until(held, what="a card is held to the new line and asked for")
    door.wait_for("access_granted")


def test_bridge_killed_comes_back_and_reads(door: OsdpDoor) -> None:
    process = door.service.readers["entrance-in"].process_id
    os.kill(process, signal.SIGKILL)
    door.wait_for("reader_offline", count=2)
    door.wait_for("reader_online", count=4)
    door.hold("entrance-in")
    door.wait_for("access_granted")
    assert door.service.readers["entrance-in"].process_id != process


def test_new_reader_waits_for_the_install_window_and_then_has_a_key_of_its_own(tmp_path: Path) -> None:
    site = make_osdp_site(tmp_path / "data", keyed=False)
    admit(site, BADGE)
    data = site.config.data
    folder = data / "keys" / "door" / "osdp"
    with site, osdp_door(site) as door:
        offline = door.wait_for("reader_offline", count=2)
        assert {line["details"]["problem"] for line in offline} == {"key_missing"}
        done(genkan("osdp", "install", "--reader", "entrance-in", "--data", data))
        online = door.wait_for("reader_online")
        assert [line["reader"] for line in online] == ["entrance-in"]
        key = keys.load(folder, "entrance-in")
        assert osdp_control.key_file(data / "simulator", "entrance-in").read_bytes() == key
        until(lambda: not install.window_file(folder, "entrance-in").exists(), what="the window is closed")
        door.hold("entrance-in")
        door.wait_for("access_granted")
        assert not osdp_control.key_file(data / "simulator", "entrance-out").exists()


def test_window_ordered_on_the_page_gives_the_key_and_every_step_is_in_the_log(tmp_path: Path) -> None:
    site = make_osdp_site(tmp_path / "data", keyed=False)
    admit(site, BADGE)
    with site, osdp_door(site) as door:
        door.wait_for("reader_offline", count=2)
        order = orders.open_install(site.acting(MACHINE), "entrance-in", ready=True)
        door.wait_for("reader_online")
        door.hold("entrance-in")
        door.wait_for("access_granted")
        steps = ("order_done", "reader_install_opened", "reader_key_taken")
        until(lambda: len(door.log(*steps)) == 3)
        assert [line["type"] for line in door.log(*steps)] == list(steps)
        assert door.log("order_done")[0]["order"] == order
        reader = doors.reader_status(site.acting(MACHINE), "entrance-in")
        assert reader.install is not None and reader.install.open_until is None
        assert reader.install.type == EventType.READER_KEY_TAKEN


def test_lock_on_the_relay_of_a_reader_is_released_for_a_moment_and_secures(tmp_path: Path) -> None:
    config = osdp_config().replace("lock_pin = 17", 'lock_reader = "entrance-out"')
    config = config.replace("release_time = 1", "release_time = 10")
    site = make_osdp_site(tmp_path / "data", config.replace("rex_releases = true", "rex_releases = false"))
    admit(site, BADGE)
    relay = osdp_control.relay_file(site.config.data / "simulator", "entrance-out")
    with site, osdp_door(site) as door:
        door.wait_for("reader_online", count=2)
        door.hold("entrance-in", 26, b"\x12\x34\x57\x40")
        door.wait_for("access_denied")
        assert not relay.exists() and door.log("lock_released") == []
        door.hold("entrance-in")
        until(relay.exists)
        for signal in (DoorOpened("entrance"), DoorClosed("entrance")):
            door.service.drive.post(signal)
        door.wait_for("lock_secured")
        until(lambda: not relay.exists())
        assert len(door.log("access_granted")) == 1


def test_reader_that_knows_the_default_key_only_stays_away_outside_the_window(tmp_path: Path) -> None:
    site = make_osdp_site(tmp_path / "data")
    osdp_control.key_file(site.config.data / "simulator", "entrance-in").unlink()
    with site, osdp_door(site) as door:
        door.wait_for("reader_online")
        offline = door.wait_for("reader_offline")[0]
        assert offline["reader"] == "entrance-in"
        assert offline["details"] == {"problem": "osdp_key_refused"}
        with pytest.raises(ValueError, match="did not poll"):
            door.hold("entrance-in")
        assert door.releases == 0 and door.log("access_granted", "access_denied") == []


def test_card_over_osdp_is_learned_enrolled_and_admitted(door: OsdpDoor) -> None:
    """The way to enrol one: nobody can type what a reader makes of a card."""
    site, now, card = door.site, door.site.now, (34, b"\x01\x02\x03\x04\x40")
    order = orders.learn_badge(Acting(site, MACHINE, now()), "entrance-in")
    until(
        lambda: door.service.registry_watch.last_order(site.registry.id()) == order,
        what="the order is taken",
    )
    door.hold("entrance-in", *card)
    door.wait_for("order_done")
    level = levels.all_levels(Acting(site, MACHINE, now()))[0].id
    person = people.add(Acting(site, MACHINE, now()), "田中 一郎", levels=[level])
    badge = badges.add_learned(Acting(site, MACHINE, now()), person.id, order)
    assert badge.kind is CredentialKind.WIEGAND
    door.hold(
        "entrance-in"
    )  # another card in between: the same card immediately would be the same presentation
    door.hold("entrance-in", *card)
    granted = door.wait_for("access_granted", count=2)
    assert [line["person"] for line in granted] == ["山田 花子", "田中 一郎"]


def test_card_and_the_keys_of_its_pin_reach_the_relay(door: OsdpDoor) -> None:
    site = door.site
    admit(site, CardNumber.parse("1A0048D15A", CredentialKind.WIEGAND), "佐藤 愛")
    for name in ("山田 花子", "佐藤 愛"):
        (person,) = people.named(site.acting(MACHINE), name)
        pins.set_pin(site.acting(MACHINE), person.id, "204867", "204867")
    book = RuleBook(doors={"entrance": DoorRules("entrance", DoorMode.CARD_PIN)})
    rule_books.publish(site.acting(MACHINE), book, "")
    tap = ["tap", "--reader", "entrance-in", "--bits", "26", "--data", site.config.data]
    assert done(genkan(*tap, "--idm", "48D159", "--pin", "519264")).text.strip() == "denied: pin_wrong"
    assert door.releases == 0
    assert done(genkan(*tap, "--idm", "48D15A", "--pin", "204867")).text.strip() == "granted"
    until(lambda: door.releases == 1)
