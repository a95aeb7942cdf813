"""Readers of the demo on serial ports, with the real bridge program, nfcpy and pyserial behind them."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.config import ReaderConfig
from controller.drivers.bridge_reader import BridgeReader, nfc_command
from controller.drivers.virtual_line import VirtualPn532
from controller.model.credentials import CardNumber, CredentialKind
from controller.model.signals import CardPresented, ReaderOffline, ReaderOnline, ReaderSignal
from firmware_bridge.simulator import cable
from firmware_bridge.simulator.faces import FelicaFace, TypeAFace
from firmware_bridge.simulator.pn532_card import CardAtPn532
from tests.waiting import until

IDM = "0101031284C0FFEE"
READER = "entrance-in"
BADGE = CardPresented(READER, CardNumber(CredentialKind.FELICA, IDM))


class Rig:
    """A virtual PN532, the reader behind the real bridge program, and everything it said."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = VirtualPn532(folder, "usb-1", READER)
        config = ReaderConfig(READER, READER, "tty:pty:usb-1")
        self.reader = BridgeReader(READER, nfc_command(config, folder))
        self.signals: list[ReaderSignal] = []
        self.reader.start(self.signals.append)

    def wait(self, kind: type[ReaderSignal], count: int = 1, seconds: float = 30.0) -> list[ReaderSignal]:
        return until(
            lambda: len(self.of(kind)) >= count and self.of(kind), seconds, f"{count} {kind.__name__}"
        )

    def of(self, kind: type[ReaderSignal]) -> list[ReaderSignal]:
        return [signal for signal in self.signals if isinstance(signal, kind)]

    def tap(self, face: FelicaFace | TypeAFace | None = None) -> bool:
        return CardAtPn532(self.folder, "usb-1", face or FelicaFace(IDM)).present(0.1, 30.0)

    def states(self) -> list[type[ReaderSignal]]:
        """Without the reasons given in between."""
        kinds = [type(s) for s in self.signals if isinstance(s, ReaderOnline | ReaderOffline)]
        return [kind for kind, before in zip(kinds, [None, *kinds], strict=False) if kind is not before]


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path / "simulator")
    rig.wait(ReaderOnline)
    yield rig
    rig.reader.stop()
    rig.port.stop()


def pull_and_replace(rig: Rig, cycles: int, lost_within: float, back_within: float) -> None:
    for cycle in range(1, cycles + 1):
        cable.unplug(rig.folder, READER)
        until(lambda now=cycle: rig.states().count(ReaderOffline) == now, lost_within)  # type: ignore[misc]
        cable.plug(rig.folder, READER)
        until(lambda now=cycle: rig.states().count(ReaderOnline) == now + 1, back_within)  # type: ignore[misc]
    assert rig.reader.restarts == 0
    assert rig.tap()
    assert rig.wait(CardPresented) == [BADGE]


def test_badges_of_every_size_come_through_nfcpy_and_pyserial(rig: Rig) -> None:
    numbers = ["01020304", "04112233445566", "04112233445566778899"]
    assert rig.tap() and all(rig.tap(TypeAFace(number)) for number in numbers)
    type_a = [CardPresented(READER, CardNumber(CredentialKind.TYPE_A, number)) for number in numbers]
    assert rig.wait(CardPresented, 4) == [BADGE, *type_a]


def test_reader_pulled_and_replaced_five_times_reads_again_each_time(rig: Rig) -> None:
    pull_and_replace(rig, 5, 30.0, 30.0)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_reader_pulled_and_replaced_a_hundred_times_is_lost_and_back_in_time(rig: Rig) -> None:
    pull_and_replace(rig, 100, 3.0, 5.0)


def test_reader_pulled_for_good_says_in_the_end_that_it_is_not_there(rig: Rig) -> None:
    cable.unplug(rig.folder, READER)
    until(lambda: any("is not there; plug it in." in s.problem for s in rig.of(ReaderOffline)))  # type: ignore[union-attr]
    assert all("tty:pty:usb-1" in s.problem for s in rig.of(ReaderOffline))  # type: ignore[union-attr]


def test_reader_unplugged_while_a_card_lies_on_it_is_one_presentation(rig: Rig) -> None:
    card = CardAtPn532(rig.folder, "usb-1", FelicaFace(IDM))
    hand = threading.Thread(target=card.present, args=(60.0, 60.0), daemon=True)
    hand.start()
    rig.wait(CardPresented)
    cable.unplug(rig.folder, READER)
    rig.wait(ReaderOffline)
    cable.plug(rig.folder, READER)
    rig.wait(ReaderOnline, 2)
    assert rig.tap(TypeAFace("01020304")) is not None
    assert rig.of(CardPresented)[0] == BADGE and rig.of(CardPresented).count(BADGE) == 1


def kill_and_come_back(rig: Rig, times: int, seconds: float) -> None:
    """A killed bridge leaves the chip at the speed it had set."""
    for time in range(1, times + 1):
        process = rig.reader.process_id
        assert process is not None
        os.kill(process, signal.SIGKILL)
        rig.wait(ReaderOffline, time)
        rig.wait(ReaderOnline, time + 1, seconds)
    assert rig.tap()
    assert rig.wait(CardPresented) == [BADGE]


def test_bridge_killed_three_times_comes_back_and_reads(rig: Rig) -> None:
    kill_and_come_back(rig, 3, 30.0)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_bridge_killed_fifty_times_is_back_within_five_seconds_each_time(rig: Rig) -> None:
    for _ in range(50):
        rig.signals.clear()
        process = rig.reader.process_id
        assert process is not None
        os.kill(process, signal.SIGKILL)
        rig.wait(ReaderOnline, 1, 5.0)
    assert rig.tap()


def test_bridge_that_wedges_is_killed_and_its_successor_reads(rig: Rig) -> None:
    hung = rig.reader.process_id
    assert hung is not None
    os.kill(hung, signal.SIGSTOP)
    rig.wait(ReaderOffline)
    rig.wait(ReaderOnline, 2)
    assert not Path(f"/proc/{hung}").exists()
    assert rig.tap()
    assert rig.wait(CardPresented) == [BADGE]


def test_chip_that_stops_answering_is_offline_and_online_when_it_goes_on(rig: Rig) -> None:
    os.kill(rig.port.process_id, signal.SIGSTOP)
    rig.wait(ReaderOffline)
    os.kill(rig.port.process_id, signal.SIGCONT)
    until(lambda: rig.states()[-1] is ReaderOnline)
    assert rig.reader.restarts == 0
    assert rig.tap()
    assert rig.wait(CardPresented) == [BADGE]


def test_second_bridge_on_the_port_is_told_in_one_sentence_and_the_first_reads_on(rig: Rig) -> None:
    said: list[ReaderSignal] = []
    config = ReaderConfig("other", "other", "tty:pty:usb-1")
    second = BridgeReader("other", nfc_command(config, rig.folder))
    second.start(said.append)
    until(lambda: said)
    assert said == [
        ReaderOffline(
            "other",
            "The reader at tty:pty:usb-1 is in use by another program or another reader's bridge; "
            "stop it, or correct the path.",
        )
    ]
    assert rig.tap()
    assert rig.wait(CardPresented) == [BADGE] and rig.of(ReaderOffline) == []
    second.stop()


def test_card_left_on_the_reader_is_one_presentation(rig: Rig) -> None:
    assert CardAtPn532(rig.folder, "usb-1", FelicaFace(IDM)).present(3.0, 30.0)
    assert rig.tap(TypeAFace("01020304"))
    until(lambda: len(rig.of(CardPresented)) == 2)
    assert rig.of(CardPresented)[0] == BADGE
