import errno
import logging
import os
import pty
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nfc.clf
import pytest

from firmware_bridge.nfc import device, serial_port
from firmware_bridge.nfc.card_poll import Blank, Lost, poll_card
from firmware_bridge.nfc.device import VirtualReader, open_device
from firmware_bridge.nfc.presentation import Sighting
from firmware_bridge.simulator.air import to_datagram
from firmware_bridge.simulator.card import VirtualCard
from firmware_bridge.simulator.faces import FelicaFace, TypeAFace
from firmware_bridge.simulator.hostile import HostileCard
from tests.waiting import LONG, until

IDM = "0101031284C0FFEE"


@contextmanager
def listening(address: tuple[str, int], target: nfc.clf.LocalTarget, first: bytes) -> Iterator[None]:
    """nfcpy's own card in the field; it goes when it has heard what it takes for its `first` command."""
    with nfc.ContactlessFrontend("udp:{}:{}".format(*address)) as card:
        thread = threading.Thread(target=card.listen, args=(target, 2 * LONG), daemon=True)
        thread.start()
        try:
            yield
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last_look:
                last_look.sendto(to_datagram(target.brty, first), address)
            thread.join()


@contextmanager
def held(card: VirtualCard) -> Iterator[None]:
    """A card held to the reader by another thread; away again, or about to be, after the block."""
    thread = threading.Thread(target=card.present, args=(600.0, LONG), daemon=True)
    thread.start()
    yield
    card.leave()


@pytest.fixture
def reader(reader_address: tuple[str, int]) -> Iterator[VirtualReader]:
    reader = open_device("udp:{}:{}".format(*reader_address))
    yield reader
    reader.close()


def test_virtual_felica_card_is_seen_by_nfcpy(reader: VirtualReader, reader_address: tuple[str, int]) -> None:
    with held(VirtualCard(reader_address, FelicaFace(IDM))):
        assert until(lambda: _card(reader, "212F")) == Sighting("felica", IDM)
        assert until(lambda: _card(reader, "424F")) == Sighting("felica", IDM)
        assert poll_card(reader, "106A") is Blank.NOTHING


@pytest.mark.parametrize("uid", ["04112233", "04112233445566", "04112233445566778899"])
def test_virtual_type_a_card_is_seen_by_nfcpy(
    reader: VirtualReader, reader_address: tuple[str, int], uid: str
) -> None:
    with held(VirtualCard(reader_address, TypeAFace(uid))):
        assert until(lambda: _card(reader, "106A")) == Sighting("type_a", uid)


@pytest.mark.parametrize("bitrate", ["212F", "424F"])
def test_card_that_others_wrote_with_nfcpy_is_seen(
    reader: VirtualReader, reader_address: tuple[str, int], bitrate: str
) -> None:
    target = nfc.clf.LocalTarget(
        bitrate, sensf_res=bytearray.fromhex("01" + IDM + "00F0000000000000" + "12FC")
    )
    with listening(reader_address, target, bytes.fromhex("0A04" + IDM)):
        for _ in range(50):  # held there, it goes on answering
            assert until(lambda: _card(reader, bitrate)) == Sighting("felica", IDM)


def test_type_a_card_that_others_wrote_with_nfcpy_is_seen(
    reader: VirtualReader, reader_address: tuple[str, int]
) -> None:
    target = nfc.clf.LocalTarget(
        "106A",
        sens_res=b"\x44\x00",
        sdd_res=bytearray.fromhex("04112233445566"),
        sel_res=bytearray(b"\x00"),
    )
    with listening(reader_address, target, b"\x30\x00"):
        assert until(lambda: _card(reader, "106A")) == Sighting("type_a", "04112233445566")


def test_ten_thousand_hostile_answers_never_escape_and_the_next_card_is_read(
    reader: VirtualReader, reader_address: tuple[str, int]
) -> None:
    card = HostileCard(reader_address, random.Random(20261124))
    seen: set[object] = set()
    with held(card):
        while card.answered < 10_000:
            for bitrate in ("212F", "106A"):
                result = poll_card(reader, bitrate)
                assert not isinstance(result, Lost)
                if isinstance(result, Sighting):
                    size = len(bytes.fromhex(result.number))
                    assert size == 8 if result.kind == "felica" else size in (4, 7, 10)
                seen.add(result if isinstance(result, Blank) else result.kind)
    assert seen == {Blank.NOTHING, Blank.ODD, "felica", "type_a"}
    with held(VirtualCard(reader_address, FelicaFace(IDM))):
        assert until(lambda: _card(reader, "212F")) == Sighting("felica", IDM)


def test_answer_to_an_earlier_poll_is_not_an_answer_to_this_one(
    reader: VirtualReader, reader_address: tuple[str, int]
) -> None:
    assert poll_card(reader, "212F") is Blank.NOTHING  # binds the reader's own port
    answer = FelicaFace(IDM).answer("212F", bytes.fromhex("0600FFFF0100"))
    assert answer is not None
    for _ in range(100):
        reader.socket.sendto(to_datagram(*answer), ("127.0.0.1", reader.socket.getsockname()[1]))
    assert poll_card(reader, "212F") is Blank.NOTHING


def test_pulled_cable_loses_the_reader_and_it_opens_again_only_when_back(
    reader_address: tuple[str, int], tmp_path: Path
) -> None:
    flag = tmp_path / "unplugged-entrance-in"
    path = "udp:{}:{}".format(*reader_address)
    reader = open_device(path, flag)
    assert poll_card(reader, "212F") is Blank.NOTHING
    flag.touch()
    assert isinstance(poll_card(reader, "212F"), Lost) and isinstance(poll_card(reader, "106A"), Lost)
    with pytest.raises(OSError) as failed:
        open_device(path, flag)
    assert failed.value.errno == errno.ENODEV
    flag.unlink()
    assert poll_card(open_device(path, flag), "212F") is Blank.NOTHING


@pytest.mark.parametrize(
    "path", ["usb:dead:beef", "usb:099:099", "usb:", "tty:NOSUCH9:pn532", "tty:USB99:pn532"]
)
def test_reader_that_is_not_there_is_no_device(path: str) -> None:
    with pytest.raises(OSError) as failed:
        open_device(path)
    assert failed.value.errno == errno.ENODEV


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0, 1000), (None, 1000), (10, 10), (1000, 1000), (30_000, 1000)]
)
def test_wait_without_end_is_capped(seconds: float | None, expected: int) -> None:
    assert serial_port.capped(seconds) == expected


def test_usb_reader_that_never_answers_is_asked_with_an_end() -> None:
    class Handle:
        waits: list[int] = []  # noqa: RUF012

        def bulkRead(self, endpoint: int, size: int, timeout: int) -> bytes:
            self.waits.append(timeout)
            return b"\x00"

        def bulkWrite(self, endpoint: int, data: bytes, timeout: int) -> None:
            self.waits.append(timeout)

        def close(self) -> None: ...

    class Endpoint:
        def getAddress(self) -> int:
            return 1

        def getMaxPacketSize(self) -> int:
            return 64

    class Usb(device.CappedUsb):
        def __init__(self) -> None:
            self.context = None
            self.usb_dev, self.usb_inp, self.usb_out = Handle(), Endpoint(), Endpoint()

    usb = Usb()
    usb.write(b"\x00" * 64)
    usb.read()
    usb.read(timeout=0)
    assert Handle.waits == [1000] * 4


def test_serial_reader_that_never_answers_times_out() -> None:
    master, slave = pty.openpty()
    try:
        tty = serial_port.CappedTty(os.ttyname(slave))
        assert tty.tty.write_timeout == 1.0
        with pytest.raises(OSError) as failed:
            tty.read(timeout=50)
        assert failed.value.errno == errno.ETIMEDOUT
        tty.close()
    finally:
        os.close(master)
        os.close(slave)


def test_nfcpy_says_nothing_to_any_log_at_debug(
    reader: VirtualReader, reader_address: tuple[str, int], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "nfc.clf.udp")
    device.silence_nfcpy()
    with held(VirtualCard(reader_address, FelicaFace(IDM))):
        assert until(lambda: _card(reader, "212F"))
    assert caplog.text == ""


def _card(reader: VirtualReader, bitrate: str) -> Sighting | None:
    seen = poll_card(reader, bitrate)
    return seen if isinstance(seen, Sighting) else None
