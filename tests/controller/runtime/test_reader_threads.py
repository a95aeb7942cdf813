"""A reader's thread that hangs or has died is noticed, by the log and by systemd."""

import math

import pytest

from controller.model.signals import ReaderOffline, ReaderSignal
from controller.runtime.reader_threads import ReaderThreads


class Heard:
    def __init__(self) -> None:
        self.stalled_s = 0.0
        self.kills = self.restarts = 0

    def kill_bridge(self) -> None:
        self.kills += 1

    def restart(self) -> bool:
        self.restarts += 1
        return True


@pytest.mark.parametrize("stalled_s", [5.1, math.inf], ids=["hangs", "died"])
@pytest.mark.parametrize(("name", "is_alive"), [("inward", True), ("outward", False)])
def test_thread_that_hangs_is_offline_once_and_an_outward_one_stops_the_report_to_systemd(
    name: str, is_alive: bool, stalled_s: float
) -> None:
    readers = {"inward": Heard(), "outward": Heard()}
    signals: list[ReaderSignal] = []
    threads = ReaderThreads(readers, ["outward"], signals.append)
    assert threads.are_alive() and signals == []
    readers[name].stalled_s = 4.9
    assert threads.are_alive() and signals == []
    readers[name].stalled_s = stalled_s
    assert [threads.are_alive() for _ in range(3)] == [is_alive] * 3
    assert signals == [ReaderOffline(name, "bridge_silent")]
    assert (readers[name].kills, readers[name].restarts) == ((0, 1) if is_alive else (1, 0))
    readers[name].stalled_s = 0.0
    assert threads.are_alive()
