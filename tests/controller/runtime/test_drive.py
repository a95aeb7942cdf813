"""The drive thread on virtual pins; the test sets its time."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from controller.decision.door_machine import DoorMachine, DoorSettings
from controller.drivers.gpio_lock import GpioLock
from controller.drivers.limited_lock import LimitedLock
from controller.drivers.pins import virtual_pins
from controller.model.events import Event, EventType
from controller.model.moment import ClockState, Moment
from controller.model.signals import (
    DoorClosed,
    DoorOpened,
    DoorSignal,
    FireEnded,
    FireStarted,
    ReleaseRequested,
    RexEnded,
    RexPressed,
)
from controller.runtime.clock import Clock
from controller.runtime.drive import Admission, DoorAtStart, Drive
from controller.runtime.grants import Fate, PendingGrant
from tests.waiting import until

RELEASE_MS = 5_000
AT = Moment(datetime(2027, 3, 1, tzinfo=UTC), 10_000, "b" * 32, ClockState.HOLDOVER)


class Stage:
    """One door `d` with its lock on virtual pin 17."""

    def __init__(self, fail_safe: bool = False, rex_releases: bool = False) -> None:
        self.pins = virtual_pins()
        self.mono_ms = 10_000
        self.events: list[Event] = []
        settings = DoorSettings("d", RELEASE_MS, rex_releases=rex_releases, has_contact=True)
        machines = {
            "d": DoorMachine(settings),
            "probe": DoorMachine(DoorSettings("probe", RELEASE_MS, rex_releases=False, has_contact=True)),
        }
        locks = {
            name: LimitedLock(GpioLock(pin, fail_safe, self.pins), name, lambda: self.mono_ms)
            for name, pin in (("d", 17), ("probe", 18))
        }
        self.drive = Drive(machines, locks, self.events.append, Clock(), lambda: self.mono_ms)
        self.thread = threading.Thread(target=self.drive.run)

    def start(self, fire: bool = False) -> None:
        found = DoorAtStart(contact_open=False, last_contact_open=False, last_released=False)
        self.drive.start({"d": found, "probe": found}, fire)
        self.thread.start()

    def send(self, *signals: DoorSignal | PendingGrant) -> None:
        """Return once the thread has gone round after the last of them."""
        for signal in signals:
            if isinstance(signal, PendingGrant):
                self.drive.watch(signal)
            else:
                self.drive.post(signal)
        self.pass_time(0)

    def pass_time(self, ms: int) -> None:
        """Return once the thread has gone round at the new time: the other door's button shows it, twice."""
        self.mono_ms += ms
        for _ in range(2):
            seen = len(self._pressed())
            self.drive.post(RexPressed("probe"))
            until(lambda seen=seen: len(self._pressed()) > seen)

    def _pressed(self) -> list[Event]:
        return [event for event in self.events if event.door == "probe"]

    @property
    def level(self) -> int:
        return int(self.pins.pin(17).state)

    def types(self) -> list[str]:
        return [event.type for event in self.events if event.door != "probe"]

    def stop(self) -> None:
        self.drive.stop()
        self.thread.join(60)


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.stop()


def test_release_requested_releases_and_secures_when_its_time_is_over(stage: Stage):
    stage.start()
    stage.send(ReleaseRequested("d", 7))
    assert stage.level == 1
    stage.pass_time(RELEASE_MS - 1)
    assert stage.level == 1
    stage.pass_time(2)
    until(lambda: stage.level == 0)
    until(lambda: "access_outcome" in stage.types())
    assert stage.types()[:2] == ["lock_released", "lock_secured"]


def test_second_request_extends_the_release(stage: Stage):
    stage.start()
    stage.send(ReleaseRequested("d", 7))
    stage.pass_time(3_000)
    stage.send(ReleaseRequested("d", 8))
    stage.pass_time(RELEASE_MS - 1)
    assert stage.level == 1
    stage.pass_time(2)
    until(lambda: stage.level == 0)


def test_door_opened_and_closed_secures_immediately(stage: Stage):
    stage.start()
    stage.send(ReleaseRequested("d", 7), DoorOpened("d"), DoorClosed("d"))
    until(lambda: stage.level == 0)
    assert [e.result for e in stage.events if e.type is EventType.ACCESS_OUTCOME] == ["opened"]


def test_fire_releases_every_door_and_is_one_record(stage: Stage):
    stage.start()
    stage.send(FireStarted())
    stage.pass_time(1_000_000)
    assert stage.level == 1
    stage.send(FireStarted(), FireEnded())
    until(lambda: stage.level == 0)
    assert stage.types().count("fire_started") == 1
    assert stage.types().count("fire_ended") == 1


def test_request_to_exit_releases_only_where_the_lock_needs_it(stage: Stage):
    stage.start()
    stage.send(RexPressed("d"))
    assert stage.level == 0
    releasing = Stage(rex_releases=True)
    releasing.start()
    releasing.send(RexPressed("d"))
    assert releasing.level == 1
    releasing.stop()


def test_door_left_open_is_held_open_at_its_time_anyone_who_opened_it(stage: Stage):
    stage.start()
    stage.send(ReleaseRequested("d", 7), DoorOpened("d"))
    stage.pass_time(29_999)
    assert [e.codes for e in stage.events if e.type == "door_held_open_warning"] == [{"of": 7}]
    assert "door_held_open" not in stage.types()
    stage.pass_time(1)
    until(lambda: "door_held_open" in stage.types())
    stage.send(DoorClosed("d"))
    stage.pass_time(100_000)
    assert stage.types().count("door_held_open") == 1


def test_request_to_exit_that_sticks_is_reported_and_the_way_out_stays():
    stage = Stage(rex_releases=True)
    stage.start()
    stage.send(RexPressed("d"))
    stage.pass_time(29_999)
    assert "rex_stuck" not in stage.types() and stage.level == 1
    stage.pass_time(1)
    until(lambda: "rex_stuck" in stage.types())
    assert stage.level == 1
    stage.send(RexEnded("d"))
    stage.pass_time(RELEASE_MS)
    until(lambda: stage.level == 0)
    stage.stop()


def test_grant_not_durable_in_time_is_refused_while_the_disk_hangs(stage: Stage):
    stage.start()
    logged: list[str] = []
    grant = PendingGrant(
        Event(EventType.ACCESS_GRANTED, AT),
        lambda seq: logged.append("release"),
        lambda: logged.append("refuse"),
    )
    stage.send(grant)
    stage.pass_time(2_000)
    assert grant.fate is Fate.PENDING
    stage.pass_time(1)
    until(lambda: logged == ["refuse"])


def test_door_counts_as_released_from_its_grant_on_and_no_longer_than_it_is(stage: Stage):
    """For an interlock: two taps within the time a record takes must not open both doors."""
    stage.start()
    refused = PendingGrant(Event(EventType.ACCESS_GRANTED, AT), lambda seq: None, lambda: None)
    stage.drive.expect_release("d", refused)
    assert stage.drive.door_status("d") == (False, True, None)
    refused.refuse()
    assert stage.drive.door_status("d") == (False, False, None)

    def release(seq: int) -> None:
        stage.drive.admit(Admission("d", seq, granted, [ReleaseRequested("d", seq)]))

    granted = PendingGrant(Event(EventType.ACCESS_GRANTED, AT), release, lambda: None)
    stage.drive.expect_release("d", granted)
    assert stage.drive.door_status("d")[1]
    assert granted.durable(1, AT.mono_ms)
    assert stage.drive.door_status("d")[1], "nobody sees it secured before it is released"
    stage.send(DoorOpened("d"))
    assert stage.drive.door_status("d") == (True, True, None)
    stage.send(DoorClosed("d"))
    assert stage.drive.door_status("d") == (False, False, None)


def test_end_of_the_thread_secures_the_lock(stage: Stage):
    stage.start()
    stage.send(ReleaseRequested("d", 7))
    assert stage.level == 1
    stage.stop()
    assert stage.level == 0
    assert [e.result for e in stage.events if e.type is EventType.ACCESS_OUTCOME] == ["outcome_unknown"]


def test_end_of_the_thread_during_fire_leaves_the_lock_released():
    stage = Stage(fail_safe=True)
    stage.start(fire=True)
    assert stage.level == 0
    stage.stop()
    assert stage.level == 0
