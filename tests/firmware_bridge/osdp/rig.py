"""A control panel and a virtual reader, with the test in place of the line between them."""

import select
import socket
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from firmware_bridge import messages
from firmware_bridge.messages import DeviceOffline
from firmware_bridge.osdp import keys
from firmware_bridge.osdp.challenge import ChallengeSource
from firmware_bridge.osdp.frames import Frame, parse
from firmware_bridge.osdp.link import REPORT_EVERY_MS, STARTING_MS, Link
from firmware_bridge.osdp.watch import LineWatch
from firmware_bridge.osdp.windows import Windows
from firmware_bridge.osdp.wire import Wire
from firmware_bridge.problems import ProblemCode
from firmware_bridge.simulator.lossy_line import Lane
from firmware_bridge.simulator.osdp_reader import VirtualOsdpReader
from tests.waiting import LONG

NAME, ADDRESS = "entrance-in", 3
REST_SECONDS = 0.002  # libosdp polls every 50 ms, so the rig mostly waits
CARD = (26, (0x48D159 << 6).to_bytes(4, "big"))
NUMBER = "1A0048D159"
Mangle = Callable[[bytes], list[bytes]]


def frame_in(data: bytes) -> Frame | None:
    """Some put a mark before it, some do not."""
    return parse(data.removeprefix(b"\xff"))


def _capability(code: int) -> dict[str, int]:
    return {"function_code": code, "compliance_level": 1, "num_items": 1}


class Rig:
    """`to_panel` and `to_reader` are what becomes of each message: the messages to deliver instead."""

    def __init__(
        self,
        folder: Path,
        reader_key: bytes | None = None,
        address: int = ADDRESS,
        capabilities: Sequence[int] | None = None,
    ) -> None:
        """The reader has its key unless the test passes another; b"" means none, as from the factory."""
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
        self.skipped_ms = 0
        self.link = Link(NAME, self.now())
        self.watch = LineWatch(
            self.wire,
            [(NAME, ADDRESS)],
            folder / "keys",
            {NAME: self.link},
            Windows(folder / "keys", [NAME]),
            ChallengeSource(),
            time.monotonic,
        )
        self.sent: list[messages.FromBridge] = []
        self.lanes: tuple[Lane, Lane] | None = (
            None  # to the panel and to the reader: a line that is not perfect
        )
        self.commands = 0  # so many has the reader's end of the line seen
        self.to_panel: Mangle = lambda data: [data]
        self.to_reader: Mangle = lambda data: [data]
        more = {} if capabilities is None else {"capabilities": [_capability(code) for code in capabilities]}
        self.reader = VirtualOsdpReader(address, self.reader_key, self._reply, **more)  # type: ignore[arg-type]
        self._ours = ours
        self.watch.check_keys(self.now())

    def now(self) -> int:
        return int(time.monotonic() * 1000) + self.skipped_ms

    def skip(self, ms: int) -> None:
        """Time passes for us; for libosdp, which has a clock of its own, it does not."""
        self.skipped_ms += ms

    def step(self) -> None:
        self.wire.pump()
        self.sent += self.watch.round(self.now())
        now = self.now()
        news = self.link.next_report(now, "reader")
        if news is not None:
            self.sent.append(news)
            self.link.mark_reported(now)
        try:
            data = self._theirs.recv(4096)
        except BlockingIOError:
            data = b""
        self.commands += bool(data)
        for message in self.to_reader(data) if data else []:
            if self.lanes is None:
                self.reader.hear(message)
            else:
                self.lanes[1].add(message, time.monotonic())
        if self.lanes is not None:
            for piece in self.lanes[1].due(time.monotonic()):
                self.reader.hear(piece)
            for piece in self.lanes[0].due(time.monotonic()):
                self.send_to_panel(piece)
        self.reader.tick()
        if not data:
            select.select([self._ours, self._theirs], [], [], REST_SECONDS)

    def until(self, condition: Callable[[], object], seconds: float = LONG) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"not within {seconds} s; said: {self.sent[-5:]}"
            self.step()

    def for_commands(self, count: int) -> None:
        """Until the panel has said so much more."""
        end = self.commands + count
        self.until(lambda: self.commands >= end)

    def tries(self, count: int) -> None:
        """Let it try so often to take the reader on, without waiting in between."""
        for _ in range(count):
            self.until(lambda: self.link.retry_at_ms is not None)
            self.skip(max(0, (self.link.retry_at_ms or 0) - self.now()))
            self.until(lambda: self.link.retry_at_ms is None)

    def offline(self, code: ProblemCode) -> messages.DeviceOffline:
        """The message to the door, once the problem is `code` and has lasted."""
        self.until(lambda: self.link._problem.code is code and not self.link.is_up)
        # On a slow machine, the silence at its start may already have been reported.
        self.skip(REPORT_EVERY_MS if self.of(DeviceOffline) else STARTING_MS)
        self.until(lambda: self.of(DeviceOffline))
        if self.last_offline.problem != code:
            self.skip(REPORT_EVERY_MS)
            self.until(lambda: self.last_offline.problem == code)
        return self.last_offline

    @property
    def last_offline(self) -> messages.DeviceOffline:
        message = self.of(DeviceOffline)[-1]
        assert isinstance(message, DeviceOffline)
        return message

    def of(self, kind: type[messages.FromBridge]) -> list[messages.FromBridge]:
        return [message for message in self.sent if isinstance(message, kind)]

    @property
    def cards(self) -> list[str]:
        return [message.number for message in self.sent if isinstance(message, messages.CardFound)]

    def send_to_panel(self, data: bytes) -> None:
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
            if self.lanes is None:
                self.send_to_panel(message)
            else:
                self.lanes[0].add(message, time.monotonic())
