"""Readers of the demo on serial ports, with the real bridge program, nfcpy and pyserial behind them."""

import math
import os
import pty
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from controller.config import ReaderConfig
from controller.drivers.bridge_reader import BridgeReader, nfc_command
from controller.drivers.virtual_line import VirtualLine, VirtualPn532
from controller.model.credentials import CardNumber, CredentialKind
from controller.model.signals import CardPresented, ReaderOffline, ReaderOnline, ReaderSignal
from controller.runtime.limits import USUAL
from firmware_bridge.simulator import cable
from firmware_bridge.simulator.faces import FelicaFace, TypeAFace
from firmware_bridge.simulator.pn532_card import CardAtPn532
from tests.waiting import LONG, until

pytestmark = pytest.mark.process

IDM = "0101031284C0FFEE"
READER = "entrance-in"
BADGE = CardPresented(READER, CardNumber(CredentialKind.FELICA, IDM))
# Each return is reported, without pauses, however often the test kills the bridge.
UNLIMITED = {"short_lives": math.inf, "returns": math.inf}
LONG_RUN = [pytest.mark.long, pytest.mark.timeout(3600)]
Send = Callable[[str], None]


class Took:
    """Seconds of many waits for one thing. How long they were is asked in the long runs alone, at the end."""

    def __init__(self) -> None:
        self._seconds: list[float] = []

    def wait(self, condition: Callable[[], object]) -> None:
        began = time.monotonic()
        until(condition)
        self._seconds.append(time.monotonic() - began)

    def within(self, seconds: float) -> bool:
        return max(self._seconds) <= seconds

    def __str__(self) -> str:
        return f"{max(self._seconds):.2f} s at most"


class Rig:
    """A virtual PN532, the reader behind the real bridge program, and everything it said."""

    def __init__(
        self,
        folder: Path,
        short_lives: float = USUAL.bridge_short_lives,
        returns: float = USUAL.reader_returns,
    ) -> None:
        self.folder = folder
        self.port = VirtualPn532(folder, "usb-1", READER)
        config = ReaderConfig(READER, READER, "tty:pty:usb-1")
        command = nfc_command(config, folder)
        self.reader = BridgeReader(READER, command, short_lives=short_lives, returns=returns)
        self.signals: list[ReaderSignal] = []
        self.reader.start(self.signals.append)

    def wait(self, kind: type[ReaderSignal], count: int = 1, seconds: float = LONG) -> list[ReaderSignal]:
        return until(
            lambda: len(self.of(kind)) >= count and self.of(kind), seconds, f"{count} {kind.__name__}"
        )

    def of(self, kind: type[ReaderSignal]) -> list[ReaderSignal]:
        return [signal for signal in self.signals if isinstance(signal, kind)]

    def tap(self, face: FelicaFace | TypeAFace | None = None) -> bool:
        return CardAtPn532(self.folder, "usb-1", face or FelicaFace(IDM)).present(0.1, LONG)

    def states(self) -> list[type[ReaderSignal]]:
        """Return the signals without the problems in between."""
        kinds = [type(s) for s in self.signals if isinstance(s, ReaderOnline | ReaderOffline)]
        return [kind for kind, before in zip(kinds, [None, *kinds], strict=False) if kind is not before]


@pytest.fixture
def revivals() -> dict[str, int]:
    return {}


@pytest.fixture
def rig(tmp_path: Path, revivals: dict[str, int]) -> Iterator[Rig]:
    rig = Rig(tmp_path / "simulator", **revivals)
    rig.wait(ReaderOnline)
    yield rig
    rig.reader.stop()
    rig.port.stop()


def test_badges_of_every_size_come_through_nfcpy_and_pyserial(rig: Rig) -> None:
    numbers = ["01020304", "04112233445566", "04112233445566778899"]
    assert rig.tap() and all(rig.tap(TypeAFace(number)) for number in numbers)
    type_a = [CardPresented(READER, CardNumber(CredentialKind.TYPE_A, number)) for number in numbers]
    assert rig.wait(CardPresented, 4) == [BADGE, *type_a]


@pytest.mark.parametrize("cycles", [5, pytest.param(100, marks=LONG_RUN)])
def test_reader_pulled_and_replaced_reads_again_each_time(rig: Rig, figure: Send, cycles: int) -> None:
    """Lost within 3 s, working within 5 s of its return, no process dies."""
    lost, back = Took(), Took()
    for cycle in range(1, cycles + 1):
        cable.unplug(rig.folder, READER)
        lost.wait(lambda now=cycle: rig.states().count(ReaderOffline) == now)  # type: ignore[misc]
        cable.plug(rig.folder, READER)
        back.wait(lambda now=cycle: rig.states().count(ReaderOnline) == now + 1)  # type: ignore[misc]
    assert rig.reader.restarts == 0
    assert rig.tap()
    assert rig.wait(CardPresented) == [BADGE]
    figure(f"lost {lost}, back {back}")
    assert cycles < 100 or (lost.within(3.0) and back.within(5.0))


def test_reader_pulled_permanently_says_in_the_end_that_it_is_not_there(rig: Rig) -> None:
    cable.unplug(rig.folder, READER)
    until(lambda: any(s.problem == "not_there" for s in rig.of(ReaderOffline)))  # type: ignore[union-attr]
    assert all(s.fields["path"] == "tty:pty:usb-1" for s in rig.of(ReaderOffline))  # type: ignore[union-attr]


def test_reader_unplugged_while_a_card_lies_on_it_is_one_presentation(rig: Rig) -> None:
    face = PolledFace(IDM)
    card = CardAtPn532(rig.folder, "usb-1", face)
    hand = threading.Thread(target=card.present, args=(600.0, LONG), daemon=True)
    hand.start()
    rig.wait(CardPresented)
    cable.unplug(rig.folder, READER)
    rig.wait(ReaderOffline)
    cable.plug(rig.folder, READER)
    rig.wait(ReaderOnline, 2)
    before = face.polls
    until(lambda: face.polls > before + 5)
    assert rig.of(CardPresented) == [BADGE]


class PolledFace(FelicaFace):
    """Counts what it is asked."""

    polls = 0

    def answer(self, bitrate: str, data: bytes) -> tuple[str, bytes] | None:
        self.polls += 1
        return super().answer(bitrate, data)


@pytest.mark.parametrize("revivals", [UNLIMITED])
@pytest.mark.parametrize("times", [3, pytest.param(50, marks=LONG_RUN)])
def test_bridge_killed_comes_back_and_reads(rig: Rig, figure: Send, times: int) -> None:
    """A killed bridge leaves the chip at the speed it had set."""
    back = Took()
    for time_ in range(1, times + 1):
        process = rig.reader.process_id
        assert process is not None
        os.kill(process, signal.SIGKILL)
        rig.wait(ReaderOffline, time_)
        back.wait(lambda now=time_: len(rig.of(ReaderOnline)) == now + 1)  # type: ignore[misc]
    assert rig.tap()
    assert rig.wait(CardPresented) == [BADGE]
    figure(f"back {back}")
    assert times < 50 or back.within(5.0)


@pytest.mark.parametrize("revivals", [UNLIMITED])
@pytest.mark.parametrize("times", [1, pytest.param(50, marks=LONG_RUN)])
def test_bridge_that_wedges_is_killed_and_its_successor_reads(rig: Rig, figure: Send, times: int) -> None:
    """Killed within 3 s, its successor there within 10 s."""
    killed, back = Took(), Took()
    for time_ in range(1, times + 1):
        hung = rig.reader.process_id
        assert hung is not None
        os.kill(hung, signal.SIGSTOP)
        killed.wait(lambda process=hung: not Path(f"/proc/{process}").exists())  # type: ignore[misc]
        back.wait(lambda now=time_: len(rig.of(ReaderOnline)) == now + 1)  # type: ignore[misc]
    assert rig.tap()
    assert rig.wait(CardPresented) == [BADGE]
    figure(f"killed {killed}, successor {back}")
    assert times < 50 or (killed.within(3.0) and back.within(10.0))


def test_chip_that_stops_answering_is_offline_and_online_when_it_goes_on(rig: Rig) -> None:
    os.kill(rig.port.process_id, signal.SIGSTOP)
    rig.wait(ReaderOffline)
    os.kill(rig.port.process_id, signal.SIGCONT)
    until(lambda: rig.states()[-1] is ReaderOnline)
    assert rig.reader.restarts == 0
    assert rig.tap()
    assert rig.wait(CardPresented) == [BADGE]


def test_simulator_that_is_killed_is_started_again_and_its_reader_reads(rig: Rig) -> None:
    killed, offline = rig.port.process_id, len(rig.of(ReaderOffline))  # a slow start is offline at first
    os.kill(killed, signal.SIGKILL)
    rig.wait(ReaderOffline, offline + 1)
    until(lambda: rig.states()[-1] is ReaderOnline)
    assert rig.port.process_id != killed and rig.reader.restarts == 0
    assert rig.tap()
    assert rig.wait(CardPresented) == [BADGE]


@pytest.mark.parametrize("kind", ["pn532", "osdp"])
def test_link_to_a_terminal_that_is_gone_does_not_outlive_start_or_stop(tmp_path: Path, kind: str) -> None:
    file = tmp_path / f"{kind}-x"
    strangers, slave = pty.openpty()
    file.symlink_to(os.ttyname(slave))
    line = VirtualPn532(tmp_path, "x", "r") if kind == "pn532" else VirtualLine(tmp_path, "x", [("r", 1)])
    try:
        until(file.exists)
        assert file.readlink() != Path(os.ttyname(slave))
        os.kill(line.process_id, signal.SIGSTOP)  # it cannot tidy up by itself
    finally:
        line.stop()
    assert not file.is_symlink()
    os.close(strangers)
    os.close(slave)


def test_second_bridge_on_the_port_is_reported_in_one_sentence_and_the_first_reads_on(rig: Rig) -> None:
    signals: list[ReaderSignal] = []
    config = ReaderConfig("other", "other", "tty:pty:usb-1")
    second = BridgeReader("other", nfc_command(config, rig.folder))
    second.start(signals.append)
    until(lambda: signals)
    assert signals == [ReaderOffline("other", "port_busy", {"path": "tty:pty:usb-1"})]
    assert rig.tap()
    assert rig.wait(CardPresented) == [BADGE] and rig.of(ReaderOffline) == []
    second.stop()


def test_card_left_on_the_reader_is_one_presentation(rig: Rig) -> None:
    assert CardAtPn532(rig.folder, "usb-1", FelicaFace(IDM)).present(3.0, LONG)
    assert rig.tap(TypeAFace("01020304"))
    until(lambda: len(rig.of(CardPresented)) == 2)
    assert rig.of(CardPresented)[0] == BADGE
