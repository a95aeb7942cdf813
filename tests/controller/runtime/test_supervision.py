"""The door reports to systemd that it is alive only while the threads that decide and drive run."""

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from controller.drivers.gpio_contact import GpioContact
from controller.drivers.limited_lock import LimitedLock
from controller.runtime import supervision
from controller.runtime.decide import Decide
from controller.runtime.drive import Drive
from controller.runtime.recorder import Recorder
from controller.runtime.supervision import Supervision
from controller.services.site import Site
from tests.controller.site import make_site, running_door
from tests.waiting import LONG, until

LONGEST_S = 5.0  # half of WatchdogSec= of the shipped unit, which is at least 10


class Round:
    """A worker as supervision sees it."""

    def __init__(self) -> None:
        self.beat = 0

    def run(self) -> None:
        pass

    def stop(self) -> None:
        pass


class Waits:
    """Replaces the wait of the supervision: each wait is one of `rounds`, and the last one ends it."""

    def __init__(self, rounds: list[Callable[[], object]]) -> None:
        self.rounds = rounds
        self.seconds: list[float] = []

    def wait(self, seconds: float) -> bool:
        self.seconds.append(seconds)
        if not self.rounds:
            return True
        self.rounds.pop(0)()
        return False


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(str(tmp_path / "notify"))
        channel.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield channel


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Its door runs in real time, unlike the others of this folder."""
    with make_site(tmp_path / "data") as site:
        yield site


def heard(systemd: socket.socket) -> list[str]:
    lines = []
    while True:
        try:
            lines.append(systemd.recv(100).decode())
        except BlockingIOError:
            return lines


def pings(systemd: socket.socket, *going_round: str) -> int:
    """How many pings systemd gets in three rounds over such workers."""
    workers = {name: Round() for name in ("decide", "drive", "record")}
    watch = Supervision(workers, proofs=("decide", "drive"))

    def go_round() -> None:
        for name in going_round:
            workers[name].beat += 1

    waits = Waits([go_round] * 3)
    watch._end = waits  # type: ignore[assignment]
    watch.wait()
    lines = heard(systemd)
    assert (lines[0], lines[-1]) == ("READY=1", "STOPPING=1")
    assert max(waits.seconds) <= LONGEST_S
    assert set(lines[1:-1]) <= {"WATCHDOG=1"}
    return len(lines) - 2


def test_systemd_is_notified_at_each_poll_while_both_threads_go_round(systemd: socket.socket) -> None:
    assert pings(systemd, "decide", "drive", "record") == 3


def test_disk_that_hangs_does_not_end_the_thread_that_lets_people_out(systemd: socket.socket) -> None:
    assert pings(systemd, "decide", "drive") == 3


@pytest.mark.parametrize("going_round", [("drive", "record"), ("decide", "record"), ()], ids=str)
def test_thread_that_hangs_is_not_a_life_to_report(
    systemd: socket.socket, going_round: tuple[str, ...]
) -> None:
    """The first check has no earlier one; from the second on, it reports nothing."""
    assert pings(systemd, *going_round) <= 1


@pytest.mark.parametrize(
    "part", ["decide", "drive", "outward reader", "exit button", "time limit of the lock", "record"]
)
def test_door_with_a_part_that_hangs_reports_nothing_to_systemd_except_for_its_log(
    site: Site, systemd: socket.socket, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    """Every thread of a real door, and a real NOTIFY_SOCKET; the interval of the reports is shortened."""
    monkeypatch.setattr(supervision, "PROVE_EVERY_S", 0.3)  # drive and decide complete a round in 0.25 s
    hangs, goes_on = threading.Event(), threading.Event()

    def hang(self: object, *arguments: object, **named: object) -> object:
        if hangs.is_set():
            goes_on.wait()
        return goes_round(self, *arguments, **named)

    kind, name = {
        "decide": (Decide, "turn"),
        "drive": (Drive, "turn"),
        "record": (Recorder, "turn"),
        "exit button": (GpioContact, "_read"),
        "time limit of the lock": (LimitedLock, "_secure_if_overdue"),
    }.get(part, (Round, "run"))
    goes_round = getattr(kind, name)
    monkeypatch.setattr(kind, name, hang)
    with running_door(site) as door:
        service = door.service
        for reader in service.readers.values():
            reader.stalled_s, reader.kill_bridge = 0.0, lambda: None  # type: ignore[attr-defined]
        (lock,) = service._wiring._limits.values()
        lock.allow_until(service.clock.mono_ms() + 3_600_000)  # as while a release lasts
        waits = threading.Thread(target=service.supervision.wait, args=(service.are_threads_alive,))
        waits.start()
        reports: list[str] = []
        until(lambda: reports.extend(heard(systemd)) or reports.count("WATCHDOG=1") >= 2)
        hangs.set()
        service.readers["entrance-out"].stalled_s = 6.0 * (part == "outward reader")  # type: ignore[misc]
        pause = threading.Event()
        pause.wait(0.9)
        heard(systemd)
        pause.wait(1.2)
        assert bool(heard(systemd)) is (part == "record")
        goes_on.set()
        service.readers["entrance-out"].stalled_s = 0.0  # type: ignore[misc]
        until(lambda: "WATCHDOG=1" in heard(systemd), what="the reports go on")
        service.supervision.end()
        waits.join(LONG)
