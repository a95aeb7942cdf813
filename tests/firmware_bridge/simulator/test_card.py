import contextlib
import itertools
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from firmware_bridge.simulator.air import address, from_datagram, to_datagram
from firmware_bridge.simulator.card import VirtualCard, main
from firmware_bridge.simulator.faces import Face, FelicaFace, TypeAFace

HOME = Path(__file__).parents[3]
IDM = "0101031284C0FFEE"
POLL = to_datagram("212F", bytes.fromhex("0600FFFF0100"))


def ticking() -> Callable[[], float]:
    """A clock that advances by a hundredth of a second at each reading."""
    ticks = itertools.count()
    return lambda: next(ticks) / 100


class Looker:
    """A reader that polls for a card every few milliseconds and counts the answers."""

    def __init__(self, field: tuple[str, int]) -> None:
        self._field = field
        self._stop = threading.Event()
        self.seen: list[bool] = []
        self._thread = threading.Thread(target=self._poll, daemon=True)
        self._thread.start()

    def _poll(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as reader:
            reader.settimeout(0.02)
            while not self._stop.is_set():
                reader.sendto(POLL, self._field)
                try:
                    frame = from_datagram(reader.recv(1024))
                except TimeoutError:
                    self.seen.append(False)
                else:
                    assert frame is not None and IDM in frame[1].hex().upper()
                    self.seen.append(True)

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()


@pytest.fixture
def looker(reader_address: tuple[str, int]) -> Iterator[Looker]:
    looker = Looker(reader_address)
    yield looker
    looker.stop()


def test_card_held_to_a_reader_is_read_and_has_stayed_away_when_it_returns(
    looker: Looker, reader_address: tuple[str, int]
) -> None:
    assert VirtualCard(reader_address, FelicaFace(IDM), monotonic=ticking()).present(0.1)
    seen = list(looker.seen)
    assert seen.count(True) > 1
    assert seen[-5:] == [False] * 5


def test_time_until_the_first_poll_in_vain_is_not_an_absence(reader_address: tuple[str, int]) -> None:
    """A busy reader receives the last answer late, and counts from there; here each poll needs 0.02 s."""
    card = VirtualCard(reader_address, FelicaFace(IDM), away_seconds=0.11, monotonic=ticking())
    datagram = socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, datagram) as field, socket.socket(socket.AF_INET, datagram) as reader:
        field.bind(reader_address)
        for _ in range(10):
            reader.sendto(POLL, reader_address)
        card._stay_away(field)
        field.setblocking(False)
        left = 0
        with pytest.raises(BlockingIOError):
            while field.recvfrom(1024):
                left += 1
    assert left == 10 - 1 - 6


def test_card_with_no_hold_is_read_once(looker: Looker, reader_address: tuple[str, int]) -> None:
    assert VirtualCard(reader_address, FelicaFace(IDM)).present(0.0, patience=60)
    assert looker.seen.count(True) == 1


def present_late(field: tuple[str, int], face: Face, *commands: bytes) -> tuple[bool, int]:
    """Hold `face` to a reader that sends all `commands` before the card answers the first.

    Return whether the card counts as read, and how often it answered.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as reader:

        def send_all() -> None:
            for command in commands:
                reader.sendto(command, field)

        face.power_up = send_all  # type: ignore[method-assign]
        card = VirtualCard(field, face, away_seconds=0.0, monotonic=ticking())
        read = card.present(0.0, patience=0.2)
        reader.setblocking(False)
        answered = 0
        with contextlib.suppress(BlockingIOError):
            while reader.recv(1024):
                answered += 1
        return read, answered


def test_card_that_answers_too_late_stays_for_the_next_poll(reader_address: tuple[str, int]) -> None:
    assert present_late(reader_address, FelicaFace(IDM), POLL, POLL, POLL) == (True, 3)


def test_type_a_card_whose_last_answer_is_too_late_is_not_read(reader_address: tuple[str, int]) -> None:
    face = TypeAFace("04112233")
    commands = (b"\x26", b"\x93\x20", b"\x93\x70" + face.levels[0])
    sens, sdd, sel = (to_datagram("106A", command) for command in commands)
    assert present_late(reader_address, face, sens, sdd, sel, POLL, sens) == (False, 4)


def test_card_that_no_reader_searches_is_not_read(reader_address: tuple[str, int]) -> None:
    assert not VirtualCard(reader_address, FelicaFace(IDM)).present(0.1, patience=0.1)


def test_second_card_waits_until_the_first_has_left(looker: Looker, reader_address: tuple[str, int]) -> None:
    first, second = (VirtualCard(reader_address, FelicaFace(IDM)) for _ in range(2))
    results: list[bool] = []
    threads = [
        threading.Thread(target=lambda card=card: results.append(card.present(0.1, patience=60)))  # type: ignore[misc]
        for card in (first, second)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True, True]


def test_card_whose_place_stays_occupied_gives_up(reader_address: tuple[str, int]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(reader_address)
        assert not VirtualCard(reader_address, FelicaFace(IDM)).present(0.1, patience=0.1)


@pytest.mark.process
def test_program_holds_the_card_from_a_process_of_its_own(
    looker: Looker, reader_address: tuple[str, int]
) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "firmware_bridge.simulator.card",
            "--idm",
            IDM,
            "--address",
            "{}:{}".format(*reader_address),
            "--hold",
            "0.05",
            "--patience",
            "60",
        ],
        cwd=HOME,
        check=False,
        capture_output=True,
        timeout=120,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert True in looker.seen


def test_program_without_a_reader_says_so(
    reader_address: tuple[str, int], capsys: pytest.CaptureFixture[str]
) -> None:
    field = "{}:{}".format(*reader_address)
    assert main(["--address", field, "--idm", IDM, "--patience", "0.05"]) == 1
    assert f"No reader at {field} has read the card" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--address", "127.0.0.1:1", "--idm", "0101"],
        ["--address", "127.0.0.1:1", "--idm", "xyz"],
        ["--address", "127.0.0.1:1", "--uid", "0101"],
        ["--address", "127.0.0.1", "--idm", IDM],
        ["--address", "127.0.0.1:70000", "--idm", IDM],
        ["--address", "127.0.0.1:1"],
        ["--address", "127.0.0.1:1", "--idm", IDM, "--uid", "04112233"],
    ],
)
def test_program_with_a_wrong_number_or_address_ends_with_usage(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2


def test_address_is_host_and_port() -> None:
    assert address("127.0.0.1:54321") == ("127.0.0.1", 54321)
