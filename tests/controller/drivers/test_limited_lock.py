"""Nothing stays released because a thread hangs."""

import threading
from collections.abc import Iterator

import pytest

from controller.decision.door_machine import DoorMachine, DoorSettings
from controller.drivers.gpio_lock import GpioLock
from controller.drivers.limited_lock import LimitedLock
from controller.drivers.pins import virtual_pins
from controller.model.events import Event, EventType
from controller.model.signals import FireStarted, HoldReleased, ReleaseRequested, RexPressed
from controller.runtime.clock import Clock, boottime_ms
from controller.runtime.drive import DoorAtStart, Drive
from tests.waiting import LONG, until

RELEASE_MS = 5000
GRACE_MS = 1000  # written out: a grace that somebody changes is to fail here
BEGAN = 10_000


class Hanging:
    """A door whose drive thread hangs right after it reports the lock as released."""

    def __init__(self, fail_safe: bool, rex_releases: bool = False) -> None:
        self.mono_ms = BEGAN
        self.reads = 0
        self.goes_on = threading.Event()
        self.hangs = threading.Event()
        factory = virtual_pins()
        self.secured = fail_safe
        self.lock = LimitedLock(GpioLock(17, fail_safe, factory), "d", self.now_ms)
        self.pin = factory.pin(17)
        settings = DoorSettings("d", RELEASE_MS, rex_releases=rex_releases, has_contact=False)
        machines = {"d": DoorMachine(settings)}
        self.drive = Drive(machines, {"d": self.lock}, self.record, Clock(), lambda: self.mono_ms)
        self.drive.start({"d": DoorAtStart(False, False, last_released=False)}, fire=False)
        self.thread = threading.Thread(target=self.drive.run)
        self.thread.start()

    def now_ms(self) -> int:
        self.reads += 1
        return self.mono_ms

    def record(self, event: Event) -> None:
        if event.type is EventType.LOCK_RELEASED:
            self.hangs.set()
            self.goes_on.wait()

    def poll(self) -> None:
        """The limit has read the current time."""
        before = self.reads
        until(lambda: self.reads > before + 1)

    def end(self) -> None:
        self.goes_on.set()
        self.drive.stop()
        self.thread.join(LONG)
        self.lock.close()


@pytest.fixture(params=[False, True], ids=["fail_secure", "fail_safe"])
def door(request: pytest.FixtureRequest) -> Iterator[Hanging]:
    hanging = Hanging(request.param)
    yield hanging
    hanging.end()


def test_release_ends_though_the_drive_thread_hangs(door: Hanging) -> None:
    door.drive.post(ReleaseRequested("d", 1))
    assert door.hangs.wait(LONG)
    assert door.pin.state is not door.secured
    door.mono_ms = BEGAN + RELEASE_MS + GRACE_MS - 1
    door.poll()
    assert door.pin.state is not door.secured, "before its time it is not cut short"
    door.mono_ms += 1
    until(lambda: door.pin.state is door.secured, what="secured by its limit")


@pytest.mark.parametrize("signal", [HoldReleased("d", 1), FireStarted()])
def test_what_keeps_a_door_released_has_no_limit(door: Hanging, signal: HoldReleased | FireStarted) -> None:
    door.drive.post(signal)
    assert door.hangs.wait(LONG)
    door.goes_on.set()
    beats = door.drive.beat
    until(lambda: door.drive.beat > beats + 1)
    door.mono_ms += 10 * 3_600_000
    beats = door.drive.beat
    until(lambda: door.drive.beat > beats + 1)
    door.lock.allow_until(BEGAN * 10_000)  # the limit checks, and finds a time in the future
    door.poll()
    assert door.pin.state is not door.secured


def test_button_that_is_held_where_the_lock_needs_it_has_no_limit() -> None:
    machine = DoorMachine(DoorSettings("d", RELEASE_MS, rex_releases=True, has_contact=False))
    machine.handle(RexPressed("d"), BEGAN)
    assert machine.is_released and machine.released_until is None


def test_limit_is_that_of_the_newest_request() -> None:
    machine = DoorMachine(DoorSettings("d", RELEASE_MS, rex_releases=False, has_contact=False))
    assert machine.released_until is None
    for at_ms in (BEGAN, BEGAN + 2000):
        machine.handle(ReleaseRequested("d", 1), at_ms)
        assert machine.released_until == at_ms + RELEASE_MS
    machine.handle(HoldReleased("d", 1), BEGAN + 3000)
    assert machine.released_until is None


def test_drive_thread_that_works_is_never_interfered_with(door: Hanging) -> None:
    door.goes_on.set()
    door.drive.post(ReleaseRequested("d", 1))
    assert door.hangs.wait(LONG)
    door.mono_ms = BEGAN + RELEASE_MS
    until(lambda: door.pin.state is door.secured, what="secured in time by the drive thread")
    door.mono_ms += 3_600_000
    door.drive.post(ReleaseRequested("d", 2))
    until(lambda: door.pin.state is not door.secured, what="the next release is not cut by an old limit")


def test_longest_release_ends_after_eleven_and_a_quarter_seconds_by_the_wall_clock_of_the_relay() -> None:
    """In absolute numbers: 10 s, the longest release_time; 1 s of grace; a check every quarter of a second.

    The last second of it in real time.
    """
    began_ms = boottime_ms() - 9_900
    pins = virtual_pins()
    lock = LimitedLock(GpioLock(17, False, pins), "d", boottime_ms)
    machine = DoorMachine(DoorSettings("d", 10_000, rex_releases=False, has_contact=False))
    machine.handle(ReleaseRequested("d", 1), began_ms)
    lock.release()
    lock.allow_until(machine.released_until)
    until(lambda: not pins.pin(17).state, what="secured by its limit")
    energised_ms = boottime_ms() - began_ms
    lock.close()
    assert 11_000 <= energised_ms <= 11_250 + 250, "a quarter of a second for a busy machine"
