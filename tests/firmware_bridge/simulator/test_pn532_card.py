import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware_bridge.nfc import serial_port
from firmware_bridge.nfc.card_poll import poll_card
from firmware_bridge.nfc.presentation import Sighting
from firmware_bridge.simulator.faces import Face, FelicaFace, TypeAFace
from firmware_bridge.simulator.pn532_card import CardAtPn532
from firmware_bridge.simulator.pn532_files import socket_path
from firmware_bridge.simulator.pn532_port import Port, serve
from tests.waiting import LONG, until

IDM = "0101031284C0FFEE"


class Reader:
    """The chip with its socket, and nfcpy polling it without end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = Port(folder / "pn532-x")
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with socket_path(folder, "x") as path:
            self._listener.bind(path)
        self._listener.listen(8)
        self._ended = threading.Event()
        self.seen: list[Sighting] = []
        self._threads = [threading.Thread(target=run) for run in (self._serve, self._poll)]
        for thread in self._threads:
            thread.start()

    def _serve(self) -> None:
        serve(self.port, self._listener, lambda: not self._ended.is_set())

    def _poll(self) -> None:
        device = None
        while not self._ended.is_set():
            try:
                device = device or serial_port.open_reader(f"tty:{self.folder}/pn532-x:pn532")
            except OSError:
                continue
            found = [poll_card(device, bitrate) for bitrate in ("212F", "106A")]
            self.seen += [one for one in found if isinstance(one, Sighting)]

    def close(self) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()
        self.port.close()
        self._listener.close()


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    reader = Reader(tmp_path)
    yield reader
    reader.close()


@pytest.mark.parametrize(
    ("face", "sighting"),
    [(FelicaFace(IDM), Sighting("felica", IDM)), (TypeAFace("01020304"), Sighting("type_a", "01020304"))],
)
def test_card_held_to_the_reader_is_read_and_leaves(reader: Reader, face: Face, sighting: Sighting) -> None:
    assert CardAtPn532(reader.folder, "x", face).present(0.1, LONG)
    assert set(reader.seen) == {sighting}
    until(lambda: reader.port.chip.field.is_empty)


def test_cards_of_two_hands_lie_in_one_field(reader: Reader) -> None:
    felica = CardAtPn532(reader.folder, "x", FelicaFace(IDM))
    hand = threading.Thread(target=felica.present, args=(600.0, LONG))
    hand.start()
    try:
        until(lambda: reader.seen)
        assert CardAtPn532(reader.folder, "x", TypeAFace("01020304")).present(0.1, LONG)
        assert set(reader.seen) == {Sighting("felica", IDM), Sighting("type_a", "01020304")}
    finally:
        reader.close()
        hand.join()


def test_card_without_a_reader_is_abandoned(tmp_path: Path) -> None:
    assert not CardAtPn532(tmp_path, "x", FelicaFace(IDM)).present(0.1, patience=0.0)
