"""`python -m tests.benchmarks.tap FOLDER COUNT BADGES`: taps beside bare commits, alternating, on one disk.

Both at one pace, slow enough that no door opens and closes faster than a leaf can. A tap is measured from the
moment the decide thread takes the signal to the call on the pin, with the real threads and databases.

Prints one JSON object: both lists in nanoseconds, and the memory of the process.
"""

import contextlib
import gc
import json
import random
import sqlite3
import sys
import threading
import time
from pathlib import Path

from controller.assembly.run import keep_turns_short
from controller.config import load
from controller.model.moment import Moment
from controller.model.signals import DoorClosed, DoorOpened, ReaderSignal
from controller.runtime.clock import Clock
from controller.services.site import Site
from tests.benchmarks.fill import number
from tests.benchmarks.measure import proc_status
from tests.controller.rights import record_rights, wait_until_on_record
from tests.controller.site import Door

_PINS = range(16, 26)
DOORS = tuple(f"door-{pin}" for pin in _PINS)
PASSAGE_S = 0.75  # until the same door again: four passages within two seconds are a contact that flaps
PACE_S = PASSAGE_S / len(DOORS) / 2
WARM_UP = 30
_SITE = """
[site]
demo = true
"""
_DOOR = """
[doors.{0}]
lock_pin = {1}
release_time = 1
[access_points.{0}-in]
door = "{0}"
direction = "in"
[readers.{0}]
access_point = "{0}-in"
path = "udp:127.0.0.1:{1}"
"""
CONFIG = _SITE + "".join(_DOOR.format(name, pin) for name, pin in zip(DOORS, _PINS, strict=True))


class Bare:
    """What any program pays for the same bytes: one prepared INSERT, one commit, WAL, synchronous=FULL."""

    def __init__(self, file: Path) -> None:
        self._db = sqlite3.connect(file, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS bare "
            "(seq INTEGER PRIMARY KEY, body TEXT, leaf BLOB, salt BLOB, details TEXT)"
        )

    def commit(self, row: tuple[object, ...]) -> int:
        began = time.perf_counter_ns()
        self._db.execute("INSERT INTO bare (body, leaf, salt, details) VALUES (?, ?, ?, ?)", row)
        return time.perf_counter_ns() - began


class Tapping:
    def __init__(self, door: Door, badges: int) -> None:
        self._door = door
        self._badges, self._chance = badges, random.Random(1)
        self._moved = threading.Event()
        self._record_ns = self._at = 0
        for pin in _PINS:
            door.service.pins.pin(pin).watcher = self._pin_moved
        handle = door.service.decide.handle

        def record_end(signal: ReaderSignal, now: Moment) -> None:
            self._record_ns = time.perf_counter_ns()
            handle(signal, now)

        door.service.decide.handle = record_end  # type: ignore[method-assign]

    def _pin_moved(self, level: bool) -> None:
        if level:
            self._at = time.perf_counter_ns()
            self._moved.set()

    def tap(self, turn: int) -> int:
        """At one door after the other, anybody's badge; somebody walks through."""
        door = DOORS[turn % len(DOORS)]
        self._moved.clear()
        self._door.present(door, number(self._chance.randrange(self._badges)))
        if not self._moved.wait(10):
            raise SystemExit(f"the lock of {door} was not released within 10 s")
        self._door.service.drive.post(DoorOpened(door))
        self._door.service.drive.post(DoorClosed(door))
        return self._at - self._record_ns


def last_grant(site: Site) -> tuple[object, ...]:
    with sqlite3.connect(f"file:{site.config.data / 'journal' / 'journal.db'}?mode=ro", uri=True) as db:
        row: tuple[object, ...] = db.execute(
            "SELECT body, leaf, salt, details FROM events WHERE type = 'access_granted' "
            "ORDER BY seq DESC LIMIT 1"
        ).fetchone()
    return row


def run(folder: Path, count: int, badges: int) -> dict[str, object]:
    ours: list[int] = []
    bare: list[int] = []
    pause = threading.Event()
    keep_turns_short()  # as the door's process does
    with Site.open(load(folder / "genkan.toml"), Clock().now) as site, contextlib.ExitStack() as stack:
        record_rights(site)  # once for this folder; a door compares each tap with its log from then on
        door = Door(site, stack)
        wait_until_on_record(door)
        tapping, other = Tapping(door, badges), Bare(folder / "journal" / "bare.db")
        tapping.tap(0)
        row = last_grant(site)
        gc.collect()
        gc.freeze()
        due = time.perf_counter() + PASSAGE_S
        warm_up = min(WARM_UP, count)
        for turn in range(1, count + warm_up + 1):
            pause.wait(max(0, due - time.perf_counter()))
            ours.append(tapping.tap(turn))
            pause.wait(max(0, due + PACE_S - time.perf_counter()))
            bare.append(other.commit(row))
            due = max(due, time.perf_counter() - PACE_S) + 2 * PACE_S
            if turn == warm_up:
                ours.clear()
                bare.clear()
        memory = proc_status("self", "VmRSS")
        door.service.stop()
    return {"ours": ours, "bare": bare, "rss_mb": memory}


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
