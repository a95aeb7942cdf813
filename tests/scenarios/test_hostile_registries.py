"""Hostile registries, written by the registrar's user while the door runs as another one: people get out."""

import fcntl
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from controller.commands.as_owner import as_owner_of
from controller.commands.program import Program
from controller.config import load
from controller.registry.lock import lock_file
from controller.services.data_folder.layout import Owner
from firmware_bridge.simulator import trace
from firmware_bridge.simulator.card import VirtualCard
from firmware_bridge.simulator.door import request
from firmware_bridge.simulator.faces import FelicaFace
from tests.controller.runtime.hostile_registries import UNREADABLE, Spoil, replaced, sql
from tests.controller.runtime.test_hostile_registries import restore_file
from tests.firmware_bridge.nfc.field import held
from tests.scenarios.demo import PATIENT_PROGRAM, SAMPLE
from tests.scenarios.three_users import before, folder_of_three_users, start_as
from tests.waiting import until

_ACTION = (
    "INSERT INTO operator_actions (utc, operator_name, role, action, reason)"
    " VALUES ('2026-11-24T06:00:00.000Z', 'Eve', 'admin', 'person_changed', {reason})"
)
_TEXT = "printf('%.*c', {length}, 'x')"
LARGE_TEXTS = "80 MB name, and 100 MB reason of an action that nobody did"
HOSTILE: dict[str, Spoil] = UNREADABLE | {
    LARGE_TEXTS: sql(
        f"UPDATE cardholders SET name = {_TEXT.format(length=80_000_000)}"
        " WHERE id = (SELECT min(id) FROM cardholders)",
        _ACTION.format(reason=_TEXT.format(length=100_000_000)),
    )
}
FEW = ("endless view of meta", "pipe", "random bytes", LARGE_TEXTS)


class LoneDoor:
    """A door process of its own user, without registrar and pages."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self._simulator = data / "simulator"
        _, host, port = load(data / "genkan.toml").readers["entrance-out"].path.split(":")
        self._outside = (host, int(port))
        self.start()

    def start(self) -> None:
        words = Program(PATIENT_PROGRAM).command("door", "--config", str(self.data / "genkan.toml"))
        self._process = subprocess.Popen([*before(Owner.DOOR), *words], stderr=subprocess.DEVNULL)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(60)

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def people_leave(self) -> float:
        """By the button, in a fire, and by a card at the outward reader. Return the longest time in s."""
        took = []
        for begin, end in (("rex", ""), ("fire on", "fire off")):
            until(lambda: not self._is_released(), what="the lock is secured")
            until(lambda what=begin: self._did(what), what="the virtual door answers")
            took.append(self._until_released())
            if end:
                self._did(end)
        until(lambda: not self._is_released(), what="the lock is secured")
        with held(VirtualCard(self._outside, FelicaFace(SAMPLE))):
            took.append(self._until_released())
        return max(took)

    def _until_released(self) -> float:
        began = time.monotonic()
        until(self._is_released, what="the lock is released")
        return time.monotonic() - began

    def _is_released(self) -> bool:
        changes = trace.read(self._simulator / "trace.jsonl")
        levels = [change["level"] for change in changes if change["name"] == "entrance.lock"]
        return bool(levels and levels[-1])

    def _did(self, what: str) -> bool:
        try:
            request(self._simulator, what)
        except OSError:
            assert self.is_alive, "the door ended"
            return False
        return True


@pytest.fixture
def door() -> Iterator[LoneDoor]:
    with folder_of_three_users(release_time="1.0") as data:
        door = LoneDoor(data)
        try:
            yield door
        finally:
            door.stop()


@pytest.mark.parametrize(
    "names", [FEW, pytest.param(tuple(HOSTILE), marks=pytest.mark.long)], ids=["few", "all"]
)
def test_hostile_registry_keeps_nobody_inside_now_or_after_a_restart(
    door: LoneDoor, names: tuple[str, ...], figure: Callable[[str], None]
) -> None:
    registry = door.data / "registry" / "registry.db"
    good, longest = registry.read_bytes(), 0.0
    until((door.data / "journal" / "last_good" / "registry.db").exists, what="the door has its copy")
    for name in names:
        with as_owner_of(registry.parent):
            HOSTILE[name](registry)
        longest = max(longest, door.people_leave())
        door.stop()
        door.start()
        door.people_leave()
        with as_owner_of(registry.parent):
            for end in ("-wal", "-shm"):
                registry.with_name(registry.name + end).unlink(missing_ok=True)
            restore_file(good, registry)
    figure(f"{len(names)} registries; {longest * 1000:.0f} ms at most until the lock was released")


def test_registrars_locks_hold_up_no_door(door: LoneDoor) -> None:
    """Held while the file is replaced, and a pipe in place of the lock."""
    registry = door.data / "registry" / "registry.db"
    lock = lock_file(registry)
    with as_owner_of(registry.parent):
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        replaced(lambda file: file.write_bytes(registry.read_bytes()) and None)(registry)
    door.people_leave()
    os.close(descriptor)
    with as_owner_of(registry.parent):
        lock.unlink()
        os.mkfifo(lock)
    door.stop()
    door.start()
    door.people_leave()


_WRITER = """
import os, sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("UPDATE meta SET registry_version = registry_version + 1")
print("written", flush=True)
for line in sys.stdin:
    os.truncate(sys.argv[1] + "-shm", int(line))
    print("cut", flush=True)
os._exit(0)
"""


def test_memory_file_that_the_registrar_cuts_ends_no_door(door: LoneDoor) -> None:
    """The door maps registry.db-shm; a page that is gone would end it with SIGBUS."""
    writer = start_as(Owner.REGISTRAR, _WRITER, str(door.data / "registry" / "registry.db"))
    assert writer.stdin is not None and writer.stdout is not None
    try:
        assert writer.stdout.readline() == "written\n"
        door.people_leave()
        for size in (0, 32_768, 100):
            writer.stdin.write(f"{size}\n")
            writer.stdin.flush()
            assert writer.stdout.readline() == "cut\n"
            door.people_leave()
    finally:
        writer.communicate("")
    assert door.is_alive
