"""SIGTERM while the disk of the journal hangs: the door process ends in time and closes no file in use."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from controller.journal.alive import is_door_alive
from controller.journal.export.lines import lines
from controller.journal.query import JournalReader
from firmware_bridge.simulator import trace
from firmware_bridge.simulator.door import request
from tests.controller.commands.command import done, genkan
from tests.controller.site import make_site
from tests.faults import shim
from tests.faults.shim import Control
from tests.waiting import until

STALL_MS = 60_000
STOP_SECONDS = 15  # TimeoutStopSec= of deploy/genkan-door.service; later systemd kills


_DOOR = ("-m", "controller.main", "door", "--config")


class DoorProcess:
    def __init__(self, data: Path, library: Path, program: Sequence[str] = _DOOR) -> None:
        """`program` is what Python runs; genkan.toml is its last argument."""
        self.data = data
        self._program = program
        self.control = Control(data.parent / "control")
        watched = shim.environment(library, data / "journal", self.control.file)
        self._environment = os.environ | watched
        self._starts = 0
        self.start()

    def start(self) -> None:
        self._starts += 1
        self.process = subprocess.Popen(
            [sys.executable, *self._program, str(self.data / "genkan.toml")],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self._environment,
        )
        until(lambda: is_door_alive(self.data / "journal"), what="the door has its journal")
        until(lambda: self.count("service_started") == self._starts, what="the door has started")

    def count(self, type: str) -> int:
        with JournalReader(self.data / "journal" / "journal.db") as journal:
            return sum(line["type"] == type for line in lines(journal, 0))

    def press(self) -> None:
        request(self.data / "simulator", "rex")

    @property
    def levels(self) -> list[int]:
        """Of the lock's pin, one after the other; 1 is released."""
        changes = trace.read(self.data / "simulator" / "trace.jsonl")
        return [change["level"] for change in changes if change["name"] == "entrance.lock"]

    def ended(self, seconds: float) -> tuple[int, str]:
        _, output = self.process.communicate(timeout=seconds)
        return self.process.returncode, output.decode()


@pytest.fixture
def door(tmp_path: Path) -> Iterator[DoorProcess]:
    if shim.compiler() is None:
        pytest.skip("gcc is missing (Debian: apt-get install gcc libc6-dev)")
    make_site(tmp_path / "data").close()
    door = DoorProcess(tmp_path / "data", shim.build(tmp_path))
    yield door
    door.process.kill()
    door.process.communicate()


def test_stop_while_a_sync_hangs_ends_in_time_with_the_lock_secured(door: DoorProcess):
    door.control.slow(STALL_MS)
    door.press()
    until(lambda: door.levels[-2:] == [1, 0], what="the exit releases and is over")
    door.process.send_signal(signal.SIGTERM)
    door.press()
    until(lambda: door.levels[-4:-1] == [1, 0, 1], what="people can leave while the service stops")
    status, output = door.ended(STOP_SECONDS)
    assert status == 1 and "without closing its files: record" in output
    assert door.levels[-1] == 0
    assert not is_door_alive(door.data / "journal")
    door.control.slow(0)
    door.start()
    until(lambda: door.count("lock_secured") >= door.count("lock_released"))
    assert done(genkan("log", "verify", "--data", door.data)).text.startswith("OK: ")


_MAIN_THREAD_FAILS = """
import sys
from pathlib import Path
from controller.assembly import run_door, service
from controller.config import load
def fails(self, *arguments):
    sys.stdin.read()
    raise RuntimeError("the main thread fails")
service.Supervision.wait = fails
run_door(load(Path(sys.argv[1])))
"""


def test_failure_while_a_sync_hangs_ends_without_closing_files_in_use(tmp_path: Path):
    if shim.compiler() is None:
        pytest.skip("gcc is missing (Debian: apt-get install gcc libc6-dev)")
    make_site(tmp_path / "data").close()
    door = DoorProcess(tmp_path / "data", shim.build(tmp_path), ["-c", _MAIN_THREAD_FAILS])
    try:
        door.control.slow(STALL_MS)
        door.press()
        until(lambda: door.levels[-1:] == [1], what="a record waits for the disk")
        status, output = door.ended(STOP_SECONDS)  # closes its stdin
    finally:
        door.process.kill()
        door.process.communicate()
    assert status == 1 and "the main thread fails" in output and "without closing its files: record" in output


def test_stop_on_a_sound_disk_closes_the_log_and_tells_it(door: DoorProcess):
    door.process.send_signal(signal.SIGTERM)
    assert door.ended(STOP_SECONDS)[0] == 0
    assert door.count("service_stopped") == 1
    assert not (door.data / "journal" / "journal.db-wal").exists()
