import itertools
import math
import sys
import threading
from pathlib import Path

import pytest

from firmware_bridge.bridge_supervisor import ABANDONED_AT_MOST, BridgeSupervisor, next_pause
from firmware_bridge.messages import BridgeHeartbeat, DeviceOnline, FromBridge
from firmware_bridge.problems import Problem
from tests.waiting import LONG, until

pytestmark = pytest.mark.process


class Heard:
    def __init__(self, script: str) -> None:
        self.begun = 0
        self.messages: list[FromBridge] = []
        self.ended: list[Problem] = []
        head = 'import os, signal, sys\nos.write(1, b\'{"type":"heartbeat","looks":0}\\n\')\n'
        self.lives = BridgeSupervisor(
            [sys.executable, "-c", head + script], self._begin, self._receive, self.ended.append
        )
        self.lives.start("bridge")

    def _receive(self, message: FromBridge) -> None:
        if not isinstance(message, BridgeHeartbeat):
            self.messages.append(message)

    def _begin(self) -> None:
        self.begun += 1


def test_bridge_that_ends_is_started_again_and_each_end_is_reported() -> None:
    heard = Heard('os.write(1, b\'{"type":"device_online","device":"x"}\\n\')')
    until(lambda: heard.lives.restarts >= 2)
    heard.lives.stop()
    assert heard.messages[:2] == [DeviceOnline("x"), DeviceOnline("x")]
    assert heard.begun >= 2 and set(map(str, heard.ended)) == {"bridge_ended end='exit 0'"}


def test_stopped_bridge_tells_nothing_more_and_leaves_no_process() -> None:
    heard = Heard("sys.stdin.read()")
    process = until(lambda: heard.lives.process_id)
    heard.lives.stop()
    assert heard.ended == [] and not Path(f"/proc/{process}").exists() and heard.lives.process_id is None


def test_bridge_of_several_readers_is_stopped_by_all_of_them_together() -> None:
    heard = Heard("signal.pause()")
    until(lambda: heard.lives.process_id is not None)
    failed: list[BaseException] = []

    def stop() -> None:
        try:
            heard.lives.stop()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=stop) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == [] and heard.lives.process_id is None


def test_garbage_is_counted_over_all_lives() -> None:
    heard = Heard("os.write(1, b'x\\n')")
    until(lambda: heard.lives.bad_lines >= 2)
    heard.lives.stop()
    assert heard.messages == []


def test_message_that_cannot_be_accepted_is_a_bad_line_and_the_next_one_is_heard(
    caplog: pytest.LogCaptureFixture,
) -> None:
    received: list[FromBridge] = []

    def receive(message: FromBridge) -> None:
        if message == DeviceOnline("odd"):
            raise ValueError("0101031284C0FFEE")
        received.append(message)

    lines = "".join(f'{{"type":"device_online","device":"{name}"}}\\n' for name in ("odd", "sound"))
    script = f"import os, sys; os.write(1, b'{lines}'); sys.stdin.read()"
    lives = BridgeSupervisor([sys.executable, "-c", script], lambda: None, receive, lambda problem: None)
    lives.start("bridge")
    until(lambda: DeviceOnline("sound") in received)
    assert lives.bad_lines == 1 and lives.restarts == 0
    lives.stop()
    assert "could not be processed (ValueError)" in caplog.text and "C0FFEE" not in caplog.text


@pytest.mark.parametrize(
    ("worked", "pauses"), [(True, [0, 0.25, 0.5, 0.5, 0.5]), (False, [0, 0.25, 0.5, 1, 2, 2])]
)
def test_bridge_that_dies_again_and_again_gets_a_pause_and_the_first_time_none(
    worked: bool, pauses: list[float]
) -> None:
    last: float | None = None
    for short, pause in enumerate(pauses, 1):
        last = next_pause(last, 1.0, worked, short)
        assert last == pause


def test_bridge_that_never_stops_dying_waits_longer_though_it_had_its_reader_each_time() -> None:
    last: float | None = None
    pauses: list[float] = []
    for short in range(1, 15):
        pauses.append(last := next_pause(last, 1.0, True, short, short_lives=10))
    assert pauses == [0, 0.25, *[0.5] * 8, 1, 2, 2, 2]


def test_short_lives_are_counted_until_one_is_healthy() -> None:
    """The test's clock: each reading is a second later, and the twelfth life lasts a minute."""
    ends: list[tuple[float, int]] = []
    seconds = itertools.count()

    class Lives(BridgeSupervisor):
        def _run_once(self) -> str:
            self.worked = True
            if self.restarts == 11:
                for _ in range(60):
                    next(seconds)
            return "ended"

    lives = Lives(
        [], lambda: None, lambda message: None, lambda words: None, lambda: float(next(seconds)), 10
    )

    def wait(pause: float) -> bool:
        ends.append((pause, lives.restarts))
        if len(ends) == 14:
            lives._stopping.set()
        return False

    lives._stopping.wait = wait  # type: ignore[method-assign, assignment]
    lives._run()
    assert [pause for pause, _ in ends] == [0, 0.25, *[0.5] * 8, 1, 0, 0.25, 0.5]


def test_bridge_that_lived_long_is_started_again_immediately() -> None:
    assert next_pause(2.0, 10.0, True, 0) == 0


def test_bridge_that_had_its_reader_is_distinguished_from_one_that_had_not() -> None:
    """What the pause is after three short lives, of which the last had its reader or had not."""
    online = 'os.write(1, b\'{"type":"device_online","device":"x"}\\n\')'
    for script, worked in ((online, True), ("", False)):
        heard = Heard(script)
        until(lambda heard=heard: heard.lives.restarts >= 1)  # type: ignore[misc]
        heard.lives.stop()
        assert heard.lives.worked is worked


def test_thread_that_hangs_in_a_message_or_has_died_is_known() -> None:
    heard = Heard("sys.stdin.read()")
    goes_on, hangs = threading.Event(), threading.Event()

    def hang(message: FromBridge) -> None:
        hangs.set()
        goes_on.wait()

    heard.lives._on_message = hang
    heard.lives.kill_bridge()
    until(hangs.is_set, what="the next heartbeat is being handled")
    until(lambda: heard.lives.stalled_s > 0)
    goes_on.set()
    until(lambda: heard.lives.stalled_s == 0)
    thread = heard.lives._thread
    assert thread is not None
    heard.lives._stopping.set()
    heard.lives.kill_bridge()
    thread.join()
    heard.lives._stopping.clear()  # nobody asked it to end
    assert heard.lives.stalled_s == math.inf


def test_thread_that_hangs_gets_a_successor_and_is_heard_no_more() -> None:
    heard = Heard('os.write(1, b\'{"type":"device_online","device":"x"}\\n\')\nsys.stdin.read()')
    goes_on, hung = threading.Event(), threading.Event()
    ended: list[bool] = []

    def hang_once(message: FromBridge) -> None:
        if not hung.is_set():
            hung.set()
            goes_on.wait()
            ended.append(heard.lives.is_abandoned)
            return
        heard._receive(message)

    heard.lives._on_message = hang_once
    until(hung.is_set)
    first, old = heard.lives._thread, heard.lives.process_id
    assert first is not None and heard.messages == []
    assert heard.lives.restart()
    until(lambda: heard.messages == [DeviceOnline("x")], what="the successor hears the reader")
    assert heard.lives.hanging == [first.name]
    assert heard.lives.stalled_s == 0 and heard.lives.process_id not in (None, old)
    goes_on.set()
    first.join(LONG)
    assert not first.is_alive() and ended == [True] and heard.ended == [] == heard.lives.hanging
    assert heard.lives.process_id is not None, "it leaves the successor's bridge alone"
    assert heard.messages == [DeviceOnline("x")]
    heard.lives.stop()


def test_disk_that_hangs_costs_three_threads_at_most() -> None:
    heard = Heard("sys.stdin.read()")
    goes_on = threading.Event()
    hung: set[threading.Thread] = set()

    def hang(message: FromBridge) -> None:
        hung.add(threading.current_thread())
        goes_on.wait()

    heard.lives._on_message = hang
    heard.lives.kill_bridge()
    for count in range(1, ABANDONED_AT_MOST + 2):
        until(lambda: len(hung) == count)  # noqa: B023
        assert heard.lives.restart() is (count <= ABANDONED_AT_MOST)
    goes_on.set()
    until(lambda: sum(thread.is_alive() for thread in hung) == 1)
    heard.lives.stop()
