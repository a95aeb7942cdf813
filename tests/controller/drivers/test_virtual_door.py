import queue
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from controller.config import DoorConfig
from controller.drivers.gpio_contact import GpioContact
from controller.drivers.gpio_lock import GpioLock
from controller.drivers.pins import virtual_pins
from controller.drivers.virtual_door import VirtualDoor
from firmware_bridge.simulator import cable
from firmware_bridge.simulator.door import key_in, request, state
from firmware_bridge.simulator.trace import read

LOCK, CONTACT, REX, FIRE = 17, 27, 22, 23


def door(lock: str = "fail_secure", contact: int | None = CONTACT) -> Mapping[str, DoorConfig]:
    config = DoorConfig(
        name="entrance",
        label_en="Entrance",
        label_ja="玄関",
        lock=lock,
        lock_pin=LOCK,
        release_time=timedelta(seconds=5),
        door_contact_pin=contact,
        rex_pin=REX,
        rex_releases=False,
        held_open_warning=timedelta(seconds=20),
        held_open_alarm=timedelta(seconds=30),
        held_open_more_time=timedelta(seconds=30),
        rex_without_opening=5,
        when_journal_fails="refuse",
    )
    return {"entrance": config}


class SiteRig:
    """A virtual door and the drivers on its pins, as the assembly puts them together."""

    def __init__(self, folder: Path, lock: str = "fail_secure") -> None:
        self.folder = folder
        self.reported: queue.SimpleQueue[tuple[str, bool]] = queue.SimpleQueue()
        self.factory = virtual_pins()
        self.ms = 0.0
        self.outside = VirtualDoor(folder, self.factory, door(lock), FIRE, lambda: self.ms)
        self.lock = GpioLock(LOCK, lock == "fail_safe", self.factory)
        self.contact = self._contact("contact", CONTACT, active_high=True)
        self.rex = self._contact("rex", REX)
        self.fire = self._contact("fire", FIRE)
        self.outside.start()

    def _contact(self, name: str, pin: int, **wiring: Any) -> GpioContact:
        return GpioContact(pin, self.factory, lambda active: self.reported.put((name, active)), **wiring)

    def next(self) -> tuple[str, bool]:
        return self.reported.get(timeout=60)

    def close(self) -> None:
        for part in (self.contact, self.rex, self.fire, self.lock):
            part.close()
        self.outside.stop()

    def traced(self, name: str) -> list[str]:
        return [change["state"] for change in read(self.folder / "trace.jsonl") if change["name"] == name]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[SiteRig]:
    site = SiteRig(tmp_path)
    yield site
    site.close()


def test_door_at_rest_is_closed_without_fire_and_traces_nothing(site: SiteRig) -> None:
    assert not (site.contact.is_active or site.rex.is_active or site.fire.is_active)
    assert read(site.folder / "trace.jsonl") == []


@pytest.mark.parametrize(
    ("first", "second", "name"),
    [("open", "close", "contact"), ("fire on", "fire off", "fire")],
)
def test_hand_at_the_door_reaches_the_driver(site: SiteRig, first: str, second: str, name: str) -> None:
    request(site.folder, first)
    assert site.next() == (name, True)
    request(site.folder, second)
    assert site.next() == (name, False)


def test_exit_button_is_pressed_and_release_itself(site: SiteRig) -> None:
    request(site.folder, "rex")
    assert site.next() == ("rex", True)
    assert site.next() == ("rex", False)


def test_trace_holds_every_change_of_the_lock_pin_with_its_time(site: SiteRig) -> None:
    site.ms = 1.5
    site.lock.release()
    site.ms = 6.5
    site.lock.secure()
    site.lock.secure()
    assert read(site.folder / "trace.jsonl") == [
        {"mono_ms": 1500.0, "pin": LOCK, "name": "entrance.lock", "level": 1, "state": "released"},
        {"mono_ms": 6500.0, "pin": LOCK, "name": "entrance.lock", "level": 0, "state": "secured"},
    ]


def test_trace_holds_what_the_pin_did_and_not_what_a_driver_meant(site: SiteRig) -> None:
    site.factory.pin(LOCK).state = True
    assert site.traced("entrance.lock") == ["released"]


def test_trace_holds_the_inputs_too(site: SiteRig) -> None:
    for do in ("open", "close", "fire on", "fire off"):
        request(site.folder, do)
    assert site.traced("entrance.contact") == ["open", "closed"]
    assert site.traced("fire") == ["active", "inactive"]


def test_lock_closed_in_a_release_is_traced_secured_by_the_wiring(tmp_path: Path) -> None:
    site = SiteRig(tmp_path)
    site.lock.release()
    site.close()
    assert site.traced("entrance.lock") == ["released", "secured"]


def test_fail_safe_lock_is_traced_secured_by_power(tmp_path: Path) -> None:
    site = SiteRig(tmp_path, lock="fail_safe")
    site.lock.release()
    site.lock.secure()
    site.close()
    assert site.traced("entrance.lock") == ["secured", "released", "secured", "released"]
    assert [change["level"] for change in read(tmp_path / "trace.jsonl")] == [1, 0, 1, 0]


def test_door_left_open_is_still_open_after_a_restart(tmp_path: Path) -> None:
    first = SiteRig(tmp_path)
    request(tmp_path, "open")
    assert first.next() == ("contact", True)
    first.close()
    second = SiteRig(tmp_path)
    assert second.contact.is_active
    assert state(tmp_path)["contact"]
    request(tmp_path, "close")
    assert second.next() == ("contact", False)
    second.close()
    assert second.traced("entrance.contact") == ["open", "closed"]


def test_killed_in_a_release_the_next_start_traces_that_the_wiring_secured(tmp_path: Path) -> None:
    killed = SiteRig(tmp_path)
    killed.lock.release()
    killed.outside.stop()  # nothing of the lock's end was seen
    killed.close()
    restarted = SiteRig(tmp_path)
    restarted.close()
    assert restarted.traced("entrance.lock") == ["released", "secured"]


def test_input_without_a_pin_goes_nowhere(tmp_path: Path) -> None:
    outside = VirtualDoor(tmp_path, virtual_pins(), door(contact=None), None)
    outside.start()
    request(tmp_path, "open")
    request(tmp_path, "fire on")
    outside.stop()
    assert read(tmp_path / "trace.jsonl") == []


def test_hand_moves_the_first_door_and_leaves_the_others_closed(tmp_path: Path) -> None:
    """Also after a restart, when the first door is found open."""
    [entrance] = door().values()
    doors = {
        "entrance": entrance,
        "archive": replace(entrance, name="archive", lock_pin=5, door_contact_pin=6),
    }
    for _ in range(2):
        factory = virtual_pins()
        outside = VirtualDoor(tmp_path, factory, doors, None)
        contacts = factory.pin(CONTACT), factory.pin(6)
        for pin in contacts:
            pin.pull = "up"
        outside.start()
        request(tmp_path, "open")
        assert [pin.state for pin in contacts] == [True, False]
        outside.stop()


def test_keys_beside_a_reader_reach_the_door_once_it_runs(tmp_path: Path) -> None:
    outside = VirtualDoor(tmp_path, virtual_pins(), door(), None)
    outside.start()
    keyed: list[tuple[str, str]] = []

    def refused(reader: str, digits: str) -> str:
        with pytest.raises(ValueError) as error:
            key_in(tmp_path, reader, digits)
        return str(error.value)

    assert "is starting" in refused("a", "2048")
    outside.keypad = lambda reader, digits: keyed.append((reader, digits)) is None and reader == "a"
    key_in(tmp_path, "a", "2048")
    assert "not a virtual reader" in refused("b", "2048")
    assert "1 to 16 digits" in refused("a", "20x8") and "1 to 16 digits" in refused("a", "")
    cable.unplug(tmp_path, "a")
    assert "unplugged" in refused("a", "2048")
    outside.stop()
    assert keyed == [("a", "2048"), ("b", "2048")]
