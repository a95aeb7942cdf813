"""Builds what a door is wired to: its pins, inputs and locks, and the machine that drives them."""

import contextlib
import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from controller.config import Config, DoorConfig
from controller.decision.door_machine import DoorMachine, DoorSettings
from controller.devices import Lock, PinLock
from controller.drivers.bridge_reader import BridgeReader
from controller.drivers.gpio_contact import GpioContact
from controller.drivers.gpio_lock import GpioLock
from controller.drivers.limited_lock import LimitedLock
from controller.drivers.pins import PinFactory, real_pins, virtual_pins
from controller.drivers.reader_lock import ReaderLock
from controller.model.access import Direction
from controller.model.signals import (
    ContactSignal,
    DoorClosed,
    DoorOpened,
    FireEnded,
    FireStarted,
    RexEnded,
    RexPressed,
)
from controller.runtime.limits import Limits
from controller.systemd import runtime_folder

if TYPE_CHECKING:
    from controller.drivers.virtual_door import VirtualDoor

log = logging.getLogger(__name__)


class DoorWiring:
    """The pins, inputs and locks of all doors; `opened` closes them."""

    def __init__(self, config: Config, opened: contextlib.ExitStack) -> None:
        self._config = config
        self._opened = opened
        self._contacts: dict[tuple[str, str], GpioContact] = {}
        self._limits: dict[str, LimitedLock] = {}
        self._beats: dict[tuple[str, str], int] = {}
        self.virtual_door: VirtualDoor | None = None
        self.pins = self._open_pins()

    def _open_pins(self) -> PinFactory:
        config = self._config
        if not config.site.demo:
            # lgpio keeps a pipe there: in systemd's RuntimeDirectory=, or else in the data folder.
            return real_pins(runtime_folder() or config.data / "journal")
        from controller.drivers.virtual_door import VirtualDoor

        pins = virtual_pins()
        folder = config.data / "simulator"
        folder.mkdir(exist_ok=True)
        virtual = VirtualDoor(folder, pins, config.doors, config.site.fire_pin)
        virtual.start()
        self._opened.callback(virtual.stop)
        self.virtual_door = virtual
        return pins

    def open_contacts(self, post: Callable[[ContactSignal], None]) -> None:
        """Open the inputs by kind (`contact`, `rex`, `fire`) and door; `post` receives their changes."""

        def watch(
            key: tuple[str, str],
            pin: int | None,
            on: ContactSignal,
            off: ContactSignal,
            active_high: bool = False,
        ) -> None:
            if pin is None:
                return

            def changed(active: bool) -> None:
                post(on if active else off)

            self._contacts[key] = GpioContact(pin, self.pins, changed, active_high=active_high)
            self._opened.callback(self._contacts[key].close)

        watch(("fire", ""), self._config.site.fire_pin, FireStarted(), FireEnded())
        for door in self._config.doors.values():
            name, pin = door.name, door.door_contact_pin
            watch(("contact", name), pin, DoorOpened(name), DoorClosed(name), active_high=True)
            watch(("rex", name), door.rex_pin, RexPressed(name), RexEnded(name))

    def close_contacts(self) -> None:
        for contact in self._contacts.values():
            contact.close()

    def open_lock(
        self, door: DoorConfig, readers: Mapping[str, BridgeReader], mono_ms: Callable[[], int]
    ) -> Lock:
        """Every lock, however it is wired, has a time limit of its own."""
        if door.lock_pin is None:
            wired: PinLock = ReaderLock(readers[str(door.lock_reader)].switch, released=self.is_fire)
        else:
            wired = GpioLock(door.lock_pin, door.lock == "fail_safe", self.pins, released=self.is_fire)
        lock = self._limits[door.name] = LimitedLock(wired, door.name, mono_ms)
        self._opened.callback(lock.close)
        return lock

    def is_active(self, kind: str, door: str = "") -> bool:
        """`kind` is contact, rex or fire."""
        contact = self._contacts.get((kind, door))
        return contact is not None and contact.is_active

    def are_threads_alive(self) -> bool:
        """Once a second: whether every input was read, and every release under way checked, since the last
        call. People leave by a button, and a lock must not stay released.
        """
        beats = {key: contact.beat for key, contact in self._contacts.items()}
        beats |= {("limit", door): lock.beat for door, lock in self._limits.items() if lock.has_limit}
        stuck = [key for key, beat in beats.items() if self._beats.get(key) == beat]
        self._beats = beats
        for kind, door in stuck:
            log.error("the thread of %s %s hangs", kind, door)
        return not stuck

    @property
    def is_fire(self) -> bool:
        return self.is_active("fire")


def door_machines(config: Config, limits: Limits) -> dict[str, DoorMachine]:
    return {door.name: DoorMachine(_settings(door, limits)) for door in config.doors.values()}


def entries_of_doors(config: Config) -> dict[str, list[str]]:
    """The inward access points of each door."""
    points = config.access_points.values()
    return {
        door: [point.name for point in points if point.door == door and point.direction is Direction.IN]
        for door in config.doors
    }


def _settings(door: DoorConfig, limits: Limits) -> DoorSettings:
    return DoorSettings(
        door=door.name,
        release_ms=round(door.release_time.total_seconds() * 1000),
        rex_releases=door.rex_releases,
        has_contact=door.door_contact_pin is not None,
        held_warning_ms=round(door.held_open_warning.total_seconds() * 1000),
        held_alarm_ms=round(door.held_open_alarm.total_seconds() * 1000),
        held_more_ms=round(door.held_open_more_time.total_seconds() * 1000),
        rex_without_opening=door.rex_without_opening,
        flapping_changes=limits.flapping_changes,
    )
