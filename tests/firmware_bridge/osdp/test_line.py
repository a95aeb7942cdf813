"""The bridge as a program, on a virtual line that is a process, too."""

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from firmware_bridge import messages
from firmware_bridge.lines import LineBuffer
from firmware_bridge.messages import CardFound, CardPresented, ConditionChanged, DeviceOffline, DeviceOnline
from firmware_bridge.osdp import keys
from firmware_bridge.simulator import cable, osdp_control
from tests.waiting import LONG, until

HOME = Path(__file__).parents[3]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(HOME)}


class Bridge:
    """It answers each card with "number only", as the door does."""

    def __init__(self, port: Path, folder: Path, readers: list[str], baud: int = 115_200) -> None:
        words = [sys.executable, "-P", "-m", "firmware_bridge.osdp", "--port", str(port), "--baud", str(baud)]
        for address, name in enumerate(readers):
            words += ["--reader", f"{name}:{address}"]
        self.process = subprocess.Popen(
            [*words, "--keys", str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENVIRONMENT
        )
        self.said: list[messages.FromBridge] = []
        self._thread = threading.Thread(target=self._hear, daemon=True)
        self._thread.start()

    def _hear(self) -> None:
        assert self.process.stdout is not None and self.process.stdin is not None
        lines = LineBuffer()
        while data := os.read(self.process.stdout.fileno(), 65_536):
            for line in lines.feed(data):
                message = messages.decode_from_bridge(line)
                self.said.append(message)
                if isinstance(message, CardFound):
                    answer = messages.encode(messages.NumberOnly(message.presentation, message.reader))
                    self.process.stdin.write(answer)
                    self.process.stdin.flush()

    def of(self, kind: type[messages.FromBridge], reader: str | None = None) -> list[messages.FromBridge]:
        return [m for m in self.said if isinstance(m, kind) and reader in (None, getattr(m, "reader", None))]

    @property
    def cards(self) -> list[str]:
        return [m.number for m in self.said if isinstance(m, CardPresented)]

    def online(self, reader: str, count: int = 1) -> None:
        until(lambda: len(self.of(DeviceOnline, reader)) >= count, what=f"{reader} online; {self.said[-3:]}")

    def end(self) -> int:
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(60)


class Street:
    """One virtual line and whoever opens it."""

    def __init__(self, folder: Path, readers: list[str], *faults: str) -> None:
        self.simulator, self.keys, self.readers = folder / "simulator", folder / "keys", readers
        self.simulator.mkdir()
        self.keys.mkdir()
        for name in readers:
            keys.store(osdp_control.key_file(self.simulator, name), keys.make(self.keys, name))
        self.bridges: list[Bridge] = []
        self._faults = faults
        self.start()

    def start(self) -> None:
        words = [sys.executable, "-P", "-m", "firmware_bridge.simulator.osdp_line", "--line", "l"]
        for address, name in enumerate(self.readers):
            words += ["--reader", f"{name}:{address}"]
        self.port.unlink(missing_ok=True)
        self.socket = self.simulator / "osdp-l.sock"
        self.socket.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [*words, "--folder", str(self.simulator), *self._faults], env=ENVIRONMENT
        )
        until(self.socket.exists)

    @property
    def port(self) -> Path:
        return osdp_control.port_file(self.simulator, "l")

    def open(self, baud: int = 115_200) -> Bridge:
        self.bridges.append(Bridge(self.port, self.keys, self.readers, baud))
        return self.bridges[-1]

    def hold(self, reader: str, value: int) -> bool:
        """A 32-bit card; False when the reader could not get rid of it."""
        try:
            osdp_control.present(self.simulator, "l", reader, 32, value.to_bytes(4, "big"))
        except (OSError, ValueError):
            return False
        return True

    def kill(self) -> None:
        """Its terminal's number may be another's at once, and the bridge must not find that one."""
        self.port.unlink()
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        for bridge in self.bridges:
            bridge.process.kill()
            bridge.process.wait()
        self.process.kill()
        self.process.wait()


Make = Callable[..., Street]


@pytest.fixture
def street(tmp_path: Path) -> Iterator[Make]:
    made: list[Street] = []

    def make(*faults: str, readers: tuple[str, ...] = ("a",)) -> Street:
        made.append(Street(tmp_path, list(readers), *faults))
        return made[-1]

    yield make
    for one in made:
        one.close()


def number(value: int) -> str:
    return f"20{value:08X}"


@pytest.mark.parametrize(
    "faults",
    [
        "",
        "--byte-by-byte --baud 9600",
        "--baud 115200 --loss 0.2 --seed 1",
        "--delay 0.03",
        "--baud 115200 --noise 0.0001 --seed 1",
        "--baud 9600 --noise 0.001 --seed 1",
        "--baud 115200 --noise 0.01 --seed 1",
    ],
    ids=["perfect", "byte by byte", "loss", "delay", "noise 1e-4", "noise 1e-3", "noise 1e-2"],
)
def test_every_card_arrives_or_is_clearly_lost_and_none_is_wrong(street: Make, faults: str) -> None:
    """Lost is: the reader could not get rid of it, or its bridge was away from the reader meanwhile."""
    baud = 9600 if "9600" in faults else 115_200
    there = street(*faults.split())
    bridge = there.open(baud)
    hopeless = "0.01" in faults
    if not hopeless:
        bridge.online("a")
    said = [0x1000 + i for i in range(3 if hopeless else 12) if there.hold("a", 0x1000 + i)]
    if hopeless:
        assert set(bridge.cards) <= {number(0x1000 + i) for i in range(3)}
        return
    clean = "loss" not in faults and "noise" not in faults
    with contextlib.nullcontext() if clean else contextlib.suppress(AssertionError):
        until(lambda: len(bridge.cards) >= len(said), LONG if clean else 3)
    assert set(bridge.cards) <= {number(value) for value in said}
    assert len(bridge.cards) == len(set(bridge.cards))
    missing = len(said) - len(bridge.cards)
    assert missing == 0 or not clean
    assert missing <= 6, f"{missing} of {len(said)} lost"


@pytest.mark.timeout(900)
def test_reader_killed_is_back_each_time(street: Make, long: bool) -> None:
    there = street()
    bridge = there.open()
    bridge.online("a")
    for times in range(50 if long else 2):
        before = len(bridge.of(DeviceOffline))
        there.kill()
        until(lambda known=before: len(bridge.of(DeviceOffline)) > known, what="lost")
        there.start()
        bridge.online("a", times + 2)
        assert there.hold("a", 0x100 + times)
        until(lambda value=0x100 + times: number(value) in bridge.cards)


def test_dead_reader_does_not_slow_the_other_on_its_line(street: Make) -> None:
    there = street(readers=("a", "b"))
    bridge = there.open()
    bridge.online("a")
    bridge.online("b")
    cable.unplug(there.simulator, "b")
    until(lambda: bridge.of(DeviceOffline, "b"), what="lost")
    assert "does not answer" in str(bridge.of(DeviceOffline, "b")[0])
    for value in range(20):
        assert there.hold("a", value + 1)
    until(lambda: len(bridge.cards) == 20)
    assert bridge.of(DeviceOffline, "a") == []
    cable.plug(there.simulator, "b")
    bridge.online("b", 2)


def test_second_bridge_on_the_port_is_told_so_and_the_first_reads_on(street: Make) -> None:
    there = street()
    first = there.open()
    first.online("a")
    second = there.open()
    until(lambda: second.of(DeviceOffline))
    assert "is used by another program; stop that one" in str(second.of(DeviceOffline)[0])
    assert there.hold("a", 7)
    until(lambda: first.cards == [number(7)])
    assert second.cards == []


def test_port_that_is_not_there_is_told_and_found_when_it_comes(street: Make) -> None:
    there = street()
    real = there.port.readlink()
    there.port.unlink()
    bridge = there.open()
    until(lambda: bridge.of(DeviceOffline))
    assert "is not there; plug the adapter in" in str(bridge.of(DeviceOffline)[0])
    there.port.symlink_to(real)
    bridge.online("a")


def test_reader_unplugged_while_it_reads_presents_nothing_when_it_is_back(street: Make) -> None:
    there = street()
    bridge = there.open()
    bridge.online("a")
    cable.unplug(there.simulator, "a")
    until(lambda: bridge.of(DeviceOffline))
    assert not there.hold("a", 5)
    cable.plug(there.simulator, "a")
    bridge.online("a", 2)
    assert bridge.cards == []
    assert there.hold("a", 6)
    until(lambda: bridge.cards == [number(6)])


def test_opened_reader_is_told(street: Make) -> None:
    there = street()
    bridge = there.open()
    bridge.online("a")
    cable.tamper_flag(there.simulator, "a").touch()
    until(lambda: ConditionChanged("tamper", True, "a") in bridge.said)
    cable.tamper_flag(there.simulator, "a").unlink()
    until(lambda: ConditionChanged("tamper", False, "a") in bridge.said)


def test_no_word_of_the_bridge_holds_a_key(street: Make, capfd: pytest.CaptureFixture[str]) -> None:
    there = street()
    bridge = there.open()
    bridge.online("a")
    key = keys.load(there.keys, "a")
    assert bridge.end() == 0
    command = " ".join(map(str, bridge.process.args))  # type: ignore[arg-type]
    texts = "".join([*capfd.readouterr(), json.dumps([str(m) for m in bridge.said]), command])
    assert key.hex() not in texts.lower() and repr(key)[2:-1] not in texts


def test_bridge_ends_with_its_door_and_hangs_up_the_port(street: Make) -> None:
    there = street()
    first = there.open()
    first.online("a")
    assert first.end() == 0
    second = there.open()
    second.online("a")
