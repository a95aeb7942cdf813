"""`python -m tests.benchmarks.tap FOLDER COUNT`: taps beside bare commits, alternating, on one disk.

Both at one pace. A tap is measured from the moment the decide thread takes the signal to the call on the pin,
with the real threads and databases. Prints one JSON object: both lists in nanoseconds, the process's memory.
"""

import contextlib
import gc
import json
import sqlite3
import sys
import threading
import time
from pathlib import Path

from controller.config import load
from controller.model.credentials import CardNumber
from controller.model.moment import Moment
from controller.model.signals import DoorClosed, DoorOpened, ReaderSignal
from controller.runtime.clock import Clock
from controller.services.house import House
from tests.benchmarks.measure import proc_status
from tests.controller.house import Door

SAMPLE = CardNumber.parse("0101031284C0FFEE")
PACE_S = 0.002
WARM_UP = 50


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
    def __init__(self, door: Door) -> None:
        self._door = door
        self._moved = threading.Event()
        self._taken = self._at = 0
        door.service.pins.pin(17).watcher = self._pin_moved
        handle = door.service.decide.handle

        def taken(signal: ReaderSignal, now: Moment) -> None:
            self._taken = time.perf_counter_ns()
            handle(signal, now)

        door.service.decide.handle = taken  # type: ignore[method-assign]

    def _pin_moved(self, level: bool) -> None:
        if level:
            self._at = time.perf_counter_ns()
            self._moved.set()

    def tap(self) -> int:
        self._moved.clear()
        self._door.present("entrance-in", SAMPLE)
        if not self._moved.wait(10):
            raise SystemExit("the pin did not move")
        self._door.service.drive.put(DoorOpened("entrance"))
        self._door.service.drive.put(DoorClosed("entrance"))
        return self._at - self._taken


def last_grant(house: House) -> tuple[object, ...]:
    with sqlite3.connect(f"file:{house.config.data / 'journal' / 'journal.db'}?mode=ro", uri=True) as db:
        row: tuple[object, ...] = db.execute(
            "SELECT body, leaf, salt, details FROM events WHERE type = 'access_granted' "
            "ORDER BY seq DESC LIMIT 1"
        ).fetchone()
    return row


def run(folder: Path, count: int) -> dict[str, object]:
    ours: list[int] = []
    bare: list[int] = []
    pause = threading.Event()
    with House.open(load(folder / "genkan.toml"), Clock().now) as house, contextlib.ExitStack() as stack:
        door = Door(house, stack)
        tapping, other = Tapping(door), Bare(folder / "journal" / "bare.db")
        tapping.tap()
        row = last_grant(house)
        gc.collect()
        gc.freeze()
        for index in range(count + WARM_UP):
            due = time.perf_counter() + PACE_S
            ours.append(tapping.tap())
            pause.wait(max(0.0005, due - time.perf_counter()))
            due = time.perf_counter() + PACE_S
            bare.append(other.commit(row))
            pause.wait(max(0.0005, due - time.perf_counter()))
            if index + 1 == WARM_UP:
                ours.clear()
                bare.clear()
        memory = proc_status("self", "VmRSS")
        door.service.stop()
    return {"ours": ours, "bare": bare, "rss_mb": memory}


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]), int(sys.argv[2]))))
