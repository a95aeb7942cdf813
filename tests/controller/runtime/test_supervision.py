"""The door reports to systemd that it is alive only while the threads that decide and drive run."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from controller.runtime.supervision import Supervision

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
    supervision = Supervision(workers, proofs=("decide", "drive"))

    def go_round() -> None:
        for name in going_round:
            workers[name].beat += 1

    waits = Waits([go_round] * 3)
    supervision._end = waits  # type: ignore[assignment]
    supervision.wait()
    lines = heard(systemd)
    assert (lines[0], lines[-1]) == ("READY=1", "STOPPING=1")
    assert max(waits.seconds) <= LONGEST_S
    assert set(lines[1:-1]) <= {"WATCHDOG=1"}
    return len(lines) - 2


def test_systemd_is_told_at_each_look_while_both_threads_go_round(systemd: socket.socket) -> None:
    assert pings(systemd, "decide", "drive", "record") == 3


def test_disk_that_hangs_does_not_end_the_thread_that_lets_people_out(systemd: socket.socket) -> None:
    assert pings(systemd, "decide", "drive") == 3


@pytest.mark.parametrize("going_round", [("drive", "record"), ("decide", "record"), ()], ids=str)
def test_thread_that_hangs_is_no_life_to_tell_of(
    systemd: socket.socket, going_round: tuple[str, ...]
) -> None:
    """The first check has no earlier one; from the second on, it reports nothing."""
    assert pings(systemd, *going_round) <= 1
