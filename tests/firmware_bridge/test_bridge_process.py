import itertools
import os
import sys
from pathlib import Path

import pytest

from firmware_bridge.bridge_process import BridgeProcess
from firmware_bridge.messages import DeviceOnline, NumberOnly, encode
from tests.waiting import until

pytestmark = [pytest.mark.process, pytest.mark.pythons]

HEARTBEAT = '{"type":"heartbeat","looks":1}'


def bridge_that(script: str) -> list[str]:
    return [sys.executable, "-c", f"import os, signal, sys\n{script}"]


def end(bridge: BridgeProcess) -> None:
    bridge.kill()
    bridge.reap()


def test_bridge_that_ends_is_not_silent_and_leaves_no_zombie() -> None:
    bridge = BridgeProcess(bridge_that(""))
    assert list(bridge.hear()) == [] and not bridge.silent
    bridge.reap()
    assert not Path(f"/proc/{bridge.process_id}").exists()


@pytest.mark.parametrize(
    ("script", "end"),
    [
        ("", "exit 0"),
        ("sys.exit(3)", "exit 3"),
        ("os.kill(os.getpid(), 11)", "signal 11, SIGSEGV"),
    ],
)
def test_bridge_that_ended_is_reported_with_its_status_or_signal(script: str, end: str) -> None:
    bridge = BridgeProcess(bridge_that(script))
    assert list(bridge.hear()) == []
    bridge.reap()
    assert bridge.exit_text == end


def test_bridge_that_floods_the_pipe_without_a_heartbeat_is_silent() -> None:
    flood = encode(DeviceOnline("x")) * 1000
    seconds = itertools.count(0.0, step=1.0)
    bridge = BridgeProcess(bridge_that(f"while True: os.write(1, {flood!r})"), lambda: next(seconds))
    heard = itertools.islice(bridge.hear(), 100_000)
    assert set(heard) == {DeviceOnline("x")} and bridge.silent
    end(bridge)


def test_door_that_slept_itself_goes_on_with_a_bridge_whose_heartbeat_waits_in_the_pipe(
    tmp_path: Path,
) -> None:
    output = tmp_path / "said"
    clock = iter([0.0])

    def monotonic() -> float:
        if (now := next(clock, None)) is not None:
            return now
        until(output.exists)
        return 900.0

    talk = encode(DeviceOnline("x")) * 500 + HEARTBEAT.encode() + b"\n"
    script = f"os.write(1, {talk!r})\nopen({str(output)!r}, 'w')\nsys.stdin.read()\nos.write(1, {talk!r})"
    bridge = BridgeProcess(bridge_that(script), monotonic)
    heard = bridge.hear()
    assert len(list(itertools.islice(heard, 500))) == 500
    bridge.hang_up()
    assert sum(message == DeviceOnline("x") for message in heard) == 500 and not bridge.silent
    bridge.reap()


def test_door_that_slept_itself_hears_what_was_reported_meanwhile(tmp_path: Path) -> None:
    output = tmp_path / "said"
    clock = iter([0.0])

    def monotonic() -> float:
        """A clock that stops until everything is in the pipe, and then shows fifteen minutes later."""
        if (now := next(clock, None)) is not None:
            return now
        until(output.exists)
        return 900.0

    script = f"os.write(1, {encode(DeviceOnline('x'))!r})\n"
    bridge = BridgeProcess(bridge_that(f"{script}open({str(output)!r}, 'w')\nsys.stdin.read()"), monotonic)
    assert next(bridge.hear()) == DeviceOnline("x")
    end(bridge)


def test_bridge_is_heard_from_any_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('imported from the working folder')")
    monkeypatch.chdir(tmp_path)
    script = (
        "import firmware_bridge.messages as m\n"
        "os.write(1, m.encode(m.DeviceOnline(os.environ['PYTHONPATH'].split(os.pathsep)[0])))"
    )
    command = bridge_that(script)
    bridge = BridgeProcess([command[0], "-P", *command[1:]])
    assert list(bridge.hear()) == [DeviceOnline(str(Path(__file__).parents[2]))]
    bridge.reap()


def test_saying_to_a_dead_or_hung_up_bridge_does_nothing() -> None:
    bridge = BridgeProcess(
        bridge_that("sys.stdin.close(); os.close(0); print(1, flush=True); signal.pause()")
    )
    bridge.send(NumberOnly(1))
    end(bridge)
    bridge.send(NumberOnly(1))
    bridge.hang_up()
    bridge.kill()


def test_regardless_of_the_bridge_started_is_killed_with_it(tmp_path: Path) -> None:
    note = tmp_path / "grandchild"
    bridge = BridgeProcess(
        bridge_that(f"pid = os.fork()\nif pid: open({str(note)!r}, 'w').write(str(pid))\nsignal.pause()")
    )
    grandchild = int(until(lambda: note.exists() and note.read_text()))
    end(bridge)
    until(lambda: not _runs(grandchild))


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
        return "State:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False
