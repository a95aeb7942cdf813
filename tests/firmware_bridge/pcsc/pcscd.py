"""Debian's pcscd with vsmartcard's virtual reader, all of it the test's own.

It runs in namespaces of its own: /run/pcscd is a folder of the test, and the network, on all of which the
virtual reader listens for its card, is a loopback that nobody else has.
"""

import atexit
import contextlib
import ctypes
import fcntl
import functools
import os
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.waiting import until

DRIVER = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
POWER_OFF, POWER_ON, RESET, ATR = b"\x00", b"\x01", b"\x02", b"\x04"
PORT = 0x8C7B
CLONE_NEWNET, SIOCSIFFLAGS, IFF_UP = 0x40000000, 0x8914, 1
START = 'mount --bind "$1" /run/pcscd && exec pcscd --foreground --disable-polkit --config "$2"'


def storage_card(standard: int, name: int) -> bytes:
    """The ATR a reader makes up for a card without one (PC/SC part 3, 3.1.3.2.3.1)."""
    atr = bytes.fromhex("3B8F8001804F0CA000000306") + bytes((standard, name >> 8, name & 0xFF)) + bytes(4)
    check = 0
    for byte in atr[1:]:
        check ^= byte
    return atr + bytes((check,))


FELICA_ATR = storage_card(0x11, 0x003B)
CLASSIC_ATR = storage_card(0x03, 0x0001)
PHONE_ATR = bytes.fromhex("3B80800101")


class Card:
    """Lies on the virtual reader while the block lasts; `commands` are the commands it has had."""

    def __init__(self, network: Path, atr: bytes, answer: bytes) -> None:
        self._network, self._atr, self._answer = network, atr, answer
        self.commands: list[bytes] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._lie)
        self._thread.start()

    def _lie(self) -> None:
        _enter(self._network)
        reader = until(_connected, what="the virtual reader listens")
        with reader, contextlib.suppress(OSError):
            reader.settimeout(0.05)
            while not self._ended.is_set():
                with contextlib.suppress(TimeoutError):
                    if not self._serve(reader):
                        break

    def _serve(self, reader: socket.socket) -> bool:
        head = reader.recv(2)
        if len(head) < 2:
            return False
        command = reader.recv(int.from_bytes(head, "big"))
        if command in (POWER_OFF, POWER_ON, RESET):
            return True
        if command == ATR:
            answer = self._atr
        else:
            self.commands.append(command)
            answer = self._answer
        reader.sendall(len(answer).to_bytes(2, "big") + answer)
        return True

    def leave(self) -> None:
        self._ended.set()
        self._thread.join()


def _enter(network: Path) -> None:
    """This thread alone goes there, and switches the loopback on."""
    with network.open("rb") as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP))


def _connected() -> socket.socket | None:
    try:
        return socket.create_connection(("127.0.0.1", PORT), timeout=60)
    except OSError:
        return None


@functools.cache
def _folder() -> Path:
    """One for all tests of this process, because libpcsclite finds its service only once. A short path:
    a socket's name has 107 bytes."""
    folder = Path(tempfile.mkdtemp(prefix="genkan-pcsc-"))
    atexit.register(shutil.rmtree, folder)
    return folder


class Pcscd:
    def __init__(self) -> None:
        self.folder = _folder()
        self.socket = self.folder / "run" / "pcscd.comm"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, readers: int = 1) -> None:
        run, config = self.folder / "run", self.folder / "reader.conf"
        run.mkdir(exist_ok=True)
        config.write_text(
            "".join(
                f'FRIENDLYNAME "Virtual PCD"\nDEVICENAME /dev/null:0x{PORT + index:04X}\nLIBPATH {DRIVER}\n'
                f"CHANNELID 0x{PORT + index:04X}\n\n"
                for index in range(readers)
            )
        )
        command = ["unshare", "--net", "--mount", "--propagation", "private"]
        command += ["sh", "-c", START, "sh", str(run), str(config)]
        Path("/run/pcscd").mkdir(exist_ok=True)
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(self.socket.exists, what="pcscd is there")

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
            for file in (self.folder / "run").iterdir():
                file.unlink()

    @contextlib.contextmanager
    def card(self, number: str, atr: bytes = FELICA_ATR, status: str = "9000") -> Iterator[Card]:
        assert self._process is not None
        network = Path(f"/proc/{self._process.pid}/ns/net")
        card = Card(network, atr, bytes.fromhex(number + status))
        try:
            yield card
        finally:
            card.leave()


def missing() -> str | None:
    """Why there can be no pcscd of the test's own here."""
    if os.geteuid() != 0:
        return "needs root: pcscd runs in a mount namespace"
    if shutil.which("pcscd") is None or not DRIVER.exists():
        return "pcscd or its virtual reader is missing: apt-get install pcscd vsmartcard-vpcd"
    if (
        subprocess.run(["unshare", "--net", "--mount", "true"], check=False, capture_output=True).returncode
        != 0
    ):
        return "needs a mount namespace"
    return None


@contextlib.contextmanager
def pcscd(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pcscd]:
    if (reason := missing()) is not None:
        pytest.skip(reason)
    service = Pcscd()
    monkeypatch.setenv("PCSCLITE_CSOCK_NAME", str(service.socket))
    try:
        yield service
    finally:
        service.stop()
