"""A control panel and a virtual reader face to face, without a line between them; tests stand there."""

import socket
import time
from collections.abc import Callable
from pathlib import Path

from firmware_bridge import messages
from firmware_bridge.osdp import keys
from firmware_bridge.osdp.challenge import ChallengeSource
from firmware_bridge.osdp.frames import Frame, parse
from firmware_bridge.osdp.link import Link
from firmware_bridge.osdp.watch import LineWatch
from firmware_bridge.osdp.wire import Wire
from firmware_bridge.simulator.osdp_reader import VirtualOsdpReader
from tests.waiting import LONG

NAME, ADDRESS = "entrance-in", 3
CARD = (26, (0x48D159 << 6).to_bytes(4, "big"))
NUMBER = "1A0048D159"
Mangle = Callable[[bytes], list[bytes]]


def frame_in(data: bytes) -> Frame | None:
    """Some put a mark before it, some do not."""
    return parse(data.removeprefix(b"\xff"))


class Rig:
    """`to_panel` and `to_reader` are what becomes of each message: the messages to deliver instead."""

    def __init__(self, folder: Path, reader_key: bytes | None = None, address: int = ADDRESS) -> None:
        """The reader knows its key unless it is given another; b"" is none at all, as from the factory."""
        self.folder = folder
        (folder / "keys").mkdir(exist_ok=True)
        if not keys.key_file(folder / "keys", NAME).exists():
            keys.make(folder / "keys", NAME)
        self.reader_key = folder / "reader.key"
        if reader_key != b"":
            keys.store(self.reader_key, reader_key or keys.load(folder / "keys", NAME))
        ours, self._theirs = socket.socketpair()
        self._theirs.setblocking(False)
        self.wire = Wire(ours, 115_200)
        self.link = Link(NAME, self.now())
        self.watch = LineWatch(
            self.wire,
            [(NAME, ADDRESS)],
            folder / "keys",
            {NAME: self.link},
            ChallengeSource(),
            time.monotonic,
        )
        self.said: list[messages.FromBridge] = []
        self.to_panel: Mangle = lambda data: [data]
        self.to_reader: Mangle = lambda data: [data]
        self.reader = VirtualOsdpReader(address, self.reader_key, self._reply)
        self._ours = ours
        self.watch.look(self.now())

    @staticmethod
    def now() -> int:
        return int(time.monotonic() * 1000)

    def step(self) -> None:
        self.wire.pump()
        self.said += self.watch.round(self.now())
        news = self.link.news(self.now(), "reader")
        if news is not None:
            self.said.append(news)
            self.link.told()
        try:
            data = self._theirs.recv(4096)
        except BlockingIOError:
            data = b""
        for message in self.to_reader(data) if data else []:
            self.reader.hear(message)
        self.reader.tick()

    def until(self, condition: Callable[[], object], seconds: float = LONG) -> None:
        """`seconds` of processor time: the loop never rests, and others may have the machine meanwhile."""
        deadline = time.thread_time() + seconds
        while not condition():
            assert time.thread_time() < deadline, f"not within {seconds} s; said: {self.said[-5:]}"
            self.step()

    def for_seconds(self, seconds: float) -> None:
        """Of processor time."""
        deadline = time.thread_time() + seconds
        while time.thread_time() < deadline:
            self.step()

    def of(self, kind: type[messages.FromBridge]) -> list[messages.FromBridge]:
        return [message for message in self.said if isinstance(message, kind)]

    @property
    def cards(self) -> list[str]:
        return [message.number for message in self.said if isinstance(message, messages.CardFound)]

    def say_to_panel(self, data: bytes) -> None:
        """As anybody on the line may."""
        try:
            self._theirs.send(data)
        except BlockingIOError:
            pass

    def close(self) -> None:
        self._ours.close()
        self._theirs.close()

    def _reply(self, data: bytes) -> None:
        for message in self.to_panel(data):
            self.say_to_panel(message)
