"""A bridge is killed, or hangs, with a badge at its reader: how soon is the badge read again?

Measures "killed → back and reading" with the real bridge programs under the door's own driver, at virtual
readers that are programs too. `busy` loops simulate other load of the machine.
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from controller.config import OsdpPath, ReaderConfig
from controller.drivers.bridge_reader import Bridge, BridgeReader, nfc_command, osdp_command
from controller.drivers.virtual_line import VirtualLine, VirtualPn532
from controller.model.signals import CardPresented, ReaderOffline, ReaderOnline, ReaderSignal
from firmware_bridge.osdp import keys
from firmware_bridge.simulator import osdp_control
from firmware_bridge.simulator.card import VirtualCard
from firmware_bridge.simulator.faces import FelicaFace
from firmware_bridge.simulator.pn532_card import CardAtPn532
from tests.benchmarks.measure import median, print_ratio
from tests.ports import free_port

KILLED_GOAL, HUNG_GOAL, HUNG_BACK_GOAL = 5.0, 3.0, 10.0
IDM, NAME, PORT = "0101031284C0FFEE", "reader", "bench"
LONG = 1e6
# This benchmark kills each bridge before it has lived for long; none may rest or keep its return back.
UNLIMITED = 1000
PAUSE = threading.Event()  # never set


class Side:
    """A reader with a badge at it, and when it last said what. `touch` holds a badge to it, if one must."""

    def __init__(self, reader: BridgeReader, touch: Callable[[], None] = lambda: None) -> None:
        self._reader, self._touch = reader, touch
        self._signals: list[tuple[float, ReaderSignal]] = []
        reader.start(lambda signal: self._signals.append((time.perf_counter(), signal)))
        self._seen(0.0, ReaderOnline)
        self._touch()
        self._seen(0.0, CardPresented)

    def struck(self, by: signal.Signals) -> tuple[float, float]:
        """Seconds until its loss was reported, and until its badge was read again."""
        process = self._reader.process_id
        if process is None:
            raise SystemExit("the reader has no bridge")
        began = time.perf_counter()
        os.kill(process, by)
        lost = self._seen(began, ReaderOffline)
        back = self._seen(began + lost, ReaderOnline) + lost
        self._touch()
        return lost, self._seen(began + lost, CardPresented) + lost if back else 0.0

    def _seen(self, since: float, kind: type[ReaderSignal]) -> float:
        give_up = time.perf_counter() + 60
        while time.perf_counter() < give_up:
            for when, signalled in reversed(self._signals):
                if when <= since:
                    break
                if isinstance(signalled, kind):
                    return when - since
            PAUSE.wait(0.001)
        raise SystemExit(f"no {kind.__name__} within a minute")


@contextlib.contextmanager
def _udp(folder: Path) -> Iterator[Side]:
    port = free_port()
    card = VirtualCard(("127.0.0.1", port), FelicaFace(IDM))
    with _held(card), _running(nfc_command(_reader(f"udp:127.0.0.1:{port}"), folder, proofs=True)) as reader:
        yield Side(reader)


@contextlib.contextmanager
def _serial(folder: Path) -> Iterator[Side]:
    chip = VirtualPn532(folder, PORT, NAME)
    card = CardAtPn532(folder, PORT, FelicaFace(IDM))
    try:
        with _held(card), _running(nfc_command(_reader(f"tty:pty:{PORT}"), folder, proofs=True)) as reader:
            yield Side(reader)
    finally:
        chip.stop()


@contextlib.contextmanager
def _osdp(folder: Path) -> Iterator[Side]:
    (folder / "keys").mkdir()
    key = keys.make(folder / "keys", NAME)
    keys.store(osdp_control.key_file(folder, NAME), key)
    line = VirtualLine(folder, PORT, [(NAME, 0)])

    def touch() -> None:
        osdp_control.present(folder, PORT, NAME, 26, b"\x12\x34\x56\x40")

    command = osdp_command(OsdpPath.parse(f"osdp:pty:{PORT}:0"), {NAME: 0}, folder / "keys", folder)
    bridge = Bridge(command, short_lives=UNLIMITED)
    try:
        with _running(bridge) as reader:
            yield Side(reader, touch)
    finally:
        line.stop()


def _reader(path: str) -> ReaderConfig:
    return ReaderConfig(name=NAME, access_point="entrance-in", path=path)


@contextlib.contextmanager
def _held(card: VirtualCard | CardAtPn532) -> Iterator[None]:
    """Put back whenever the virtual field has let go of it: on a busy machine a card answers late."""
    ended = threading.Event()

    def hold() -> None:
        while not ended.is_set():
            card.present(LONG, 1.0)

    threading.Thread(target=hold, daemon=True).start()
    yield
    ended.set()


@contextlib.contextmanager
def _running(command: list[str] | Bridge) -> Iterator[BridgeReader]:
    reader = BridgeReader(NAME, command, short_lives=UNLIMITED, returns=UNLIMITED)
    try:
        yield reader
    finally:
        reader.stop()


@contextlib.contextmanager
def _load(loops: int) -> Iterator[None]:
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(loops)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def run(times: int = 50, busy: int = 4) -> None:
    for what, open_side in (("udp", _udp), ("serial", _serial), ("OSDP", _osdp)):
        with (
            tempfile.TemporaryDirectory(prefix="genkan-revival-") as folder,
            open_side(Path(folder)) as side,
            _load(busy),
        ):
            killed = [side.struck(signal.SIGKILL)[1] for _ in range(times)]
            _print_result(f"{what}: bridge killed → reading", killed, KILLED_GOAL)
            if times < 5 and what != "udp":
                continue  # a trial of the benchmark: the other kinds hang in the same driver
            hung = [side.struck(signal.SIGSTOP) for _ in range(max(1, times // 5))]
            _print_result(f"{what}: bridge hangs → told and killed", [lost for lost, _ in hung], HUNG_GOAL)
            _print_result(f"{what}: bridge hangs → reading", [back for _, back in hung], HUNG_BACK_GOAL)


def _print_result(what: str, took: list[float], goal: float) -> None:
    within = sum(seconds <= goal for seconds in took)
    note = f"median {median(took):.2f} s, {within} of {len(took)} within {goal:.0f} s"
    print_ratio(f"{what}, worst", max(took) / goal, 1.0, note)


if __name__ == "__main__":
    run(*(int(word) for word in sys.argv[1:]))
