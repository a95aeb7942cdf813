import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware_bridge import messages
from firmware_bridge.lines import LineBuffer
from firmware_bridge.messages import BridgeHeartbeat, CardFound, DeviceOffline, DeviceOnline
from firmware_bridge.simulator.card import VirtualCard
from firmware_bridge.simulator.faces import FelicaFace
from tests.firmware_bridge.nfc.field import held
from tests.waiting import LONG

pytestmark = pytest.mark.process

HOME = Path(__file__).parents[3]
IDM = "0101031284C0FFEE"


class Bridge:
    """The program as a child of its own, with its three streams."""

    def __init__(self, *arguments: str, prelude: str = "") -> None:
        program = ["-m", "firmware_bridge.nfc"]
        if prelude:
            run = "import runpy; runpy.run_module('firmware_bridge.nfc', run_name='__main__')"
            program = ["-c", f"{prelude}\n{run}"]
        self.process = subprocess.Popen(
            [sys.executable, "-P", *program, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(filter(None, [str(HOME), os.environ.get("PYTHONPATH")])),
            },
        )
        self._lines = LineBuffer()
        self._heard: list[messages.FromBridge] = []

    def wait_for(self, kind: type[messages.FromBridge], seconds: float = LONG) -> messages.FromBridge:
        """The next message of `kind`; every line on the way must be a message."""
        assert self.process.stdout is not None
        deadline = time.monotonic() + seconds
        while True:
            while self._heard:
                message = self._heard.pop(0)
                if isinstance(message, kind):
                    return message
            left = deadline - time.monotonic()
            assert left > 0 and select.select([self.process.stdout], [], [], left)[0], f"no {kind.__name__}"
            data = os.read(self.process.stdout.fileno(), 4096)
            assert data, "the bridge ended"
            self._heard += [messages.decode_from_bridge(line) for line in self._lines.feed(data)]

    def end(self) -> tuple[int, bytes, bytes]:
        """Close its stdin; exit status and what was left in the pipes."""
        out, err = self.process.communicate(timeout=LONG)
        return self.process.returncode, out, err


@pytest.fixture
def path(reader_address: tuple[str, int]) -> str:
    return "udp:{}:{}".format(*reader_address)


@pytest.fixture
def bridge(path: str) -> Iterator[Bridge]:
    bridge = Bridge("--reader", "entrance-in", "--path", path)
    yield bridge
    bridge.process.kill()
    bridge.process.communicate()


def test_bridge_ends_by_itself_when_stdin_is_closed(bridge: Bridge) -> None:
    bridge.wait_for(DeviceOnline)
    status, _, errors = bridge.end()
    assert status == 0 and errors == b""


def test_virtual_card_held_to_the_bridge_is_found(bridge: Bridge, reader_address: tuple[str, int]) -> None:
    bridge.wait_for(DeviceOnline)
    with held(VirtualCard(reader_address, FelicaFace(IDM), away_seconds=0.0)):
        assert bridge.wait_for(CardFound) == CardFound(1, "felica", IDM)


def test_idle_bridge_needs_less_than_thirty_megabytes(bridge: Bridge) -> None:
    bridge.wait_for(DeviceOnline)
    bridge.wait_for(BridgeHeartbeat)
    status = Path(f"/proc/{bridge.process.pid}/status").read_text()
    resident = int(status.split("VmRSS:")[1].split()[0])
    assert resident < 30 * 1024


def test_anything_that_a_library_prints_never_reaches_the_message_pipe(path: str) -> None:
    prelude = "import atexit, os; atexit.register(print, 'printed'); atexit.register(os.write, 1, b'written')"
    bridge = Bridge("--reader", "entrance-in", "--path", path, prelude=prelude)
    bridge.wait_for(DeviceOnline)
    status, out, errors = bridge.end()
    assert status == 0 and b"printed" in errors and b"written" in errors
    for line in out.splitlines(keepends=True):
        messages.decode_from_bridge(line)


def test_bridge_hanging_in_a_driver_ends_itself_when_nobody_is_left_to_kill_it(path: str) -> None:
    prelude = (
        "import signal, time, nfc.clf.udp\n"
        "alarm = signal.alarm\n"
        "signal.alarm = lambda seconds: alarm(min(seconds, 2))\n"
        "nfc.clf.udp.Device.sense_ttf = lambda self, target: time.sleep(600)"
    )
    bridge = Bridge("--reader", "entrance-in", "--path", path, prelude=prelude)
    try:
        assert bridge.process.wait(LONG) == -signal.SIGALRM
    finally:
        bridge.process.kill()
        bridge.end()


def test_reader_that_is_not_there_is_offline_with_the_reason_and_the_bridge_supervisor(path: str) -> None:
    bridge = Bridge("--reader", "entrance-in", "--path", "usb:dead:beef")
    message = bridge.wait_for(DeviceOffline)
    assert message == DeviceOffline("not_there", {"path": "usb:dead:beef"})
    bridge.wait_for(BridgeHeartbeat)
    assert bridge.end()[0] == 0


def test_cable_pulled_and_plugged_again_is_offline_and_online(path: str, tmp_path: Path) -> None:
    flag = tmp_path / "unplugged-entrance-in"
    bridge = Bridge("--reader", "entrance-in", "--path", path, "--cable", str(flag))
    bridge.wait_for(DeviceOnline)
    flag.touch()
    bridge.wait_for(DeviceOffline)
    flag.unlink()
    bridge.wait_for(DeviceOnline)
    assert bridge.end()[0] == 0


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--reader", "a"],
        ["--reader", "a", "--path", "bluetooth:1"],
        ["--reader", "a", "--path", "usb:"],
        ["--reader", "a", "--path", "udp:127.0.0.1"],
        ["--reader", "a", "--path", "udp:127.0.0.1:x"],
        ["--reader", "a", "--path", "usb:054c:06c3", "--cable", "/nowhere"],
        ["--reader", "a", "--path", "tty:pty:usb-1"],
        ["--reader", "a", "--path", "tty:USB0", "--device", "/nowhere"],
    ],
)
def test_wrong_arguments_end_with_usage_and_not_a_byte_on_the_pipe(arguments: list[str]) -> None:
    status, out, errors = Bridge(*arguments).end()
    assert (status, out) == (2, b"") and b"usage" in errors
