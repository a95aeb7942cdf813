"""A door that was unlocked before a restart unlocks again, or a record says why not."""

import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from controller.assembly import DoorService
from controller.journal.export.lines import lines
from controller.journal.query import JournalReader
from controller.model.access import TimeWindow
from controller.model.moment import ClockState, Moment
from controller.model.operators import MACHINE
from controller.model.rule_book import Area, Category, DoorMode, DoorRules, RuleBook, ScheduledMode
from controller.model.signals import CardPresented, DoorClosed, DoorOpened
from controller.runtime.clock import Clock
from controller.runtime.limits import USUAL
from controller.services.access import schedules
from controller.services.acting import Acting
from controller.services.doors import lockdown
from controller.services.doors.lockdown import SITE
from controller.services.doors.modes import door_modes
from controller.services.rules import books as rule_books
from controller.services.site import Site
from tests.controller.site import BADGE, _SilentReader, admit, make_site
from tests.controller.unrecorded import unrecorded
from tests.sample_site import NOW

FLOOR = Area("floor", "Floor", "フロア", ("entrance-in",), ("entrance-out",))
SLOW_MS = 7000  # of the disk: longer than anybody waits at a door
CHANGED = "door_mode_changed"


class Time:
    def __init__(self) -> None:
        self.passed_ms = 0

    def clock(self) -> Clock:
        return Clock(
            read_synchronised=lambda: True,
            wall=lambda: NOW.utc + timedelta(milliseconds=self.passed_ms),
            knows_newest=False,
            mono_ms=lambda: NOW.mono_ms + self.passed_ms,
        )


class Turned:
    """The door service without its threads: each takes a turn when the test says so."""

    def __init__(self, site: Site, time: Time, opened: contextlib.ExitStack) -> None:
        self.site, self.time = site, time
        self.service = service = DoorService(site.config, opened, clock=time.clock())
        service.readers.clear()
        service.readers.update({name: _SilentReader(name) for name in site.config.readers})
        service.supervision.start = self._start  # type: ignore[method-assign]
        service.start()
        service.decide.begin()
        self._presence = service.supervision._workers["presence"]

    def _start(self, *names: str) -> None:
        if "record" in names:  # it reads the log before anybody decides
            self.service.recorder.turn(wait=False)

    def decides(self) -> None:
        """Until it has handled every signal that waits, and read the clock once."""
        self.time.passed_ms += 100
        while self.service.decide.has_signals:
            self.service.decide.turn(0)
        self.service.decide.turn(0)

    def records(self) -> None:
        """With what waits for others, to share a sync."""
        self.time.passed_ms += USUAL.follower_hold_ms
        while self.service.recorder.is_busy:
            self.service.recorder.turn(wait=False)

    def drives(self) -> None:
        while self.service.drive.has_signals:
            self.service.drive.turn(0)
        self.service.drive.turn(0)

    def reads_the_log(self) -> None:
        while self._presence.is_busy:  # type: ignore[attr-defined]
            self._presence.turn(wait=False)  # type: ignore[attr-defined]

    def settles(self) -> None:
        for _ in range(5):
            self.decides()
            self.records()
            self.drives()
            self.reads_the_log()

    @property
    def is_released(self) -> bool:
        return bool(self.service.pins.pin(17).state)

    def log(self, kind: str = CHANGED) -> list[dict[str, Any]]:
        with JournalReader(self.site.config.data / "journal" / "journal.db") as journal:
            return [line for line in lines(journal, 0) if line["type"] == kind]

    def since_start(self) -> list[tuple[Any, ...]]:
        """Changes of the mode: before, now, cause, held back."""
        began = self.log("service_started")[-1]["seq"]
        return [
            (line.get("before"), line["mode"], line["cause"], line.get("held_back"))
            for line in self.log()
            if line["seq"] > began
        ]

    def ends(self) -> None:
        """As its threads do when the service stops."""
        self.service.decide.end()
        self.service.drive.end()
        self.service.recorder.stop()
        while self.service.recorder.turn(wait=False):
            pass


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with make_site(tmp_path / "data", release_time=10) as running:
        site = Site(running.config, running.registry, running.journal, running.key, lambda: NOW)
        admit(site)
        with unrecorded(site.registry) as db:
            db.execute("UPDATE cardholders SET category = 'sv'")
        every_day = [TimeWindow(day, 0, 1440) for day in range(7)]
        schedules.add(Acting(site, MACHINE, NOW), "Reception", every_day)
        first = ScheduledMode("Reception", DoorMode.UNLOCKED, ("sv",))
        doors = {"entrance": DoorRules("entrance", DoorMode.CARD, (first,))}
        book = RuleBook(areas={"floor": FLOOR}, doors=doors, categories={"sv": Category("sv", "SV", "SV")})
        rule_books.publish(Acting(site, MACHINE, NOW), book, "modes")
        yield site


@contextlib.contextmanager
def turned(site: Site, time: Time) -> Iterator[Turned]:
    with contextlib.ExitStack() as opened:
        door = Turned(site, time, opened)
        try:
            yield door
        finally:
            door.ends()


def first_person_comes(door: Turned) -> None:
    door.service.on_reader_signal(CardPresented("entrance-in", BADGE))
    door.settles()
    for signal in (DoorOpened("entrance"), DoorClosed("entrance")):
        door.service.drive.post(signal)
    door.settles()
    assert door.is_released, "unlocked by the first person"


@pytest.fixture
def was_unlocked(site: Site) -> Time:
    """A site whose door was unlocked by its first person, before the service stopped."""
    time = Time()
    with turned(site, time) as door:
        door.settles()
        assert not door.is_released
        first_person_comes(door)
    return time


def test_door_is_unlocked_again_after_a_restart_and_the_records_say_when(
    site: Site, was_unlocked: Time
) -> None:
    with turned(site, was_unlocked) as door:
        door.decides()
        door.records()
        assert door.since_start() == [(None, "card", "start", "presence")]
        assert not door.is_released
        door.settles()
        assert door.is_released
        assert door.since_start()[1:] == [("card", "unlocked", "presence", None)]


def test_nobody_in_yet_is_reported_once_the_log_is_read(site: Site) -> None:
    time = Time()
    with turned(site, time) as door:
        door.settles()
        assert door.since_start() == [
            (None, "card", "start", "presence"),
            ("card", "card", "presence", "first_person"),
        ]
        first_person_comes(door)
        assert door.since_start()[-1] == ("card", "unlocked", "first_person", None)


def test_record_that_is_durable_late_unlocks_the_door_late(site: Site, was_unlocked: Time) -> None:
    """On a machine under load the record took longer than anybody waits at a door; the door stayed locked."""
    with turned(site, was_unlocked) as door:
        door.decides()
        door.records()
        door.reads_the_log()
        door.decides()  # it is to be unlocked from now on
        was_unlocked.passed_ms += SLOW_MS
        door.drives()
        assert not door.is_released, "not before the record"
        door.decides()
        door.records()
        door.drives()
        assert door.is_released
        assert door.since_start()[-1] == ("card", "unlocked", "presence", None)
        assert door.log("access_outcome")[-1]["result"] == "opened"  # the first person's, and no other


def test_lockdown_before_the_record_is_durable_never_says_that_the_door_was_unlocked(
    site: Site, was_unlocked: Time
) -> None:
    with turned(site, was_unlocked) as door:
        door.decides()
        door.records()
        door.reads_the_log()
        door.decides()
        lockdown.begin(Acting(site, MACHINE, NOW), SITE, "drill")
        door.decides()
        door.settles()
        assert not door.is_released
        assert door.since_start()[-1] == ("card", "card", "lockdown", "lockdown")


@contextlib.contextmanager
def journal_held(site: Site) -> Iterator[None]:
    """Another process holds the lock that commits need."""
    with contextlib.closing(sqlite3.connect(site.config.data / "journal" / "journal.db")) as holder:
        holder.isolation_level = None
        holder.execute("BEGIN IMMEDIATE")
        yield
        holder.execute("ROLLBACK")


def test_record_that_cannot_be_written_leaves_the_door_locked_and_says_why_and_it_is_tried_again(
    site: Site, was_unlocked: Time
) -> None:
    with turned(site, was_unlocked) as door:
        door.decides()
        door.records()
        door.reads_the_log()
        with journal_held(site):
            door.decides()
            for _ in range(2):
                door.service.recorder.turn(wait=False)
            assert door.service.recorder.failing
            for _ in range(3):  # more than one try fails
                was_unlocked.passed_ms += USUAL.unlock_again_ms
                door.decides()
                door.service.recorder.turn(wait=False)
            assert not door.is_released
        for _ in range(3):
            door.service.recorder.turn(wait=False)
        door.records()
        assert door.since_start() == [
            (None, "card", "start", "presence"),
            ("card", "card", "log", "log"),
        ]
        now = Moment(NOW.utc, NOW.mono_ms, NOW.boot, ClockState.TRUSTED)
        assert door_modes(Acting(site, MACHINE, now))["entrance"].held_back == "log"
        was_unlocked.passed_ms += USUAL.unlock_again_ms
        door.settles()
        assert door.is_released
        assert door.since_start()[2:] == [("card", "unlocked", "log", None)]
