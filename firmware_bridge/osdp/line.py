"""The work loop of one RS-485 line: refresh the library, read the door's messages, report changes; and
repeat.

One thread and no other: anything that holds it up stops the heartbeat, and the door then kills the process.
The loop sleeps until a byte comes over the line or something is due; libosdp polls each reader every 50 ms.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from firmware_bridge.door_link import DoorLink
from firmware_bridge.messages import (
    BridgeHeartbeat,
    FromBridge,
    NumberOnly,
    OpenInstall,
    ShowIndication,
    SwitchRelay,
    ToBridge,
)
from firmware_bridge.osdp.challenge import ChallengeSource
from firmware_bridge.osdp.link import Link
from firmware_bridge.osdp.reader import LineReader
from firmware_bridge.osdp.watch import LineWatch
from firmware_bridge.osdp.windows import CHECK_MS, Windows
from firmware_bridge.osdp.wire import Wire, why_not_open
from firmware_bridge.problems import Problem, ProblemCode

HEARTBEAT_MS = 500
SILENCE_MS = 250  # before the first poll, so that the readers finish what they were sending
POLL_SECONDS = 0.051  # libosdp polls when more than 50 ms have passed
RETRY_MS = 1000
LONGEST_SLEEP, BUSY_SLEEP, SHORTEST_SLEEP = 0.02, 0.003, 0.001
_MOST_PATH = 120  # characters, so that a message fits its line


class Line:
    """`path` is the port's file; `wanted` are names and addresses; `folder` holds their keys."""

    def __init__(
        self,
        path: str,
        baud: int,
        wanted: Sequence[tuple[str, int]],
        folder: Path,
        door: DoorLink,
        monotonic: Callable[[], float] = time.monotonic,
        still_alive: Callable[[], object] = lambda: None,
    ) -> None:
        self._path, self._baud, self._wanted, self._folder, self._door = path, baud, wanted, folder, door
        self._monotonic, self._still_alive = monotonic, still_alive
        self._challenges = ChallengeSource()
        self._links = {name: Link(name, self._now()) for name, _ in wanted}
        self._addresses = dict(wanted)
        self._relays: dict[str, bool] = {}  # as the door wants them, kept while the line is away
        self._windows = Windows(folder, [name for name, _ in wanted])
        self._wire: Wire | None = None
        self._watch: LineWatch | None = None
        self._open_ms = self._check_ms = self._windows_ms = self._heartbeat_ms = self._now()
        self.rounds = 0

    def run(self) -> None:
        """Run until the door closes its end."""
        try:
            while not self._door.closed:
                self.step()
        except KeyboardInterrupt:
            pass
        finally:
            self._close()

    def step(self) -> None:
        self.rounds += 1
        now = self._now()
        if now >= self._heartbeat_ms:
            self._heartbeat_ms = now + HEARTBEAT_MS
            self._door.send(BridgeHeartbeat(self.rounds))
            self._still_alive()
        if now >= self._windows_ms:
            self._windows_ms = now + CHECK_MS
            self._send_all(self._windows.changes())
        if self._wire is not None and self._watch is not None:
            self._work(self._wire, self._watch, now)
        elif now >= self._open_ms:
            self._try_open(now)
        beside = None if self._wire is None else self._wire.fileno()
        for message in self._door.hear(self._sleep(), beside):
            self._obey(message, self._now())

    def _try_open(self, now: int) -> None:
        try:
            self._wire = Wire.open(self._path, self._baud)
        except OSError as error:
            self._lost(why_not_open(error), now)
            return
        self._watch = LineWatch(
            wire=self._wire,
            wanted=self._wanted,
            folder=self._folder,
            links=self._links,
            windows=self._windows,
            challenges=self._challenges,
            monotonic=self._monotonic,
        )
        self._check_ms = now + SILENCE_MS  # the first check creates the panel

    def _lost(self, code: ProblemCode, now: int) -> None:
        self._close()
        self._open_ms = now + RETRY_MS
        problem = Problem(code, {"path": self._path[:_MOST_PATH]})
        for link in self._links.values():
            link.went_down(problem, now, line_is_away=True)
        self._report_links(now)

    def _close(self) -> None:
        if self._wire is not None:
            self._wire.close()
        self._wire = self._watch = None

    def _work(self, wire: Wire, watch: LineWatch, now: int) -> None:
        try:
            wire.pump()
        except OSError:
            self._lost(ProblemCode.LINE_UNPLUGGED, now)
            return
        if now >= self._check_ms:
            self._check_ms = now + CHECK_MS
            watch.check_keys(now)
            for name, active in self._relays.items():
                if (reader := watch.reader(name)) is not None and reader.relay.wanted is None:
                    reader.relay.set(active)
        self._send_all(watch.round(now))
        if any(reader.channel.broken for reader in watch.readers):
            self._lost(ProblemCode.LINE_UNPLUGGED, now)
            return
        self._report_links(now)

    def _send_all(self, found: Iterable[FromBridge]) -> None:
        for message in found:
            self._door.send(message)

    def _report_links(self, now: int) -> None:
        for name, link in self._links.items():
            report = link.next_report(now, f"OSDP reader {self._addresses[name]}")
            if report is not None and self._door.send(report):
                link.mark_reported(now)

    def _obey(self, message: ToBridge, now: int) -> None:
        if isinstance(message, OpenInstall) and message.reader in self._links:
            self._send_all(self._windows.open(message.reader))
        if isinstance(message, SwitchRelay) and message.reader in self._links:
            self._relays[message.reader] = message.active
        watch = self._watch
        reader = None if watch is None else watch.reader(message.reader)
        if watch is None or reader is None:
            return
        match message:
            case NumberOnly(presentation):
                if (presented := reader.answer(presentation, now)) is not None:
                    self._door.send(presented)
            case ShowIndication(indication):
                watch.show(reader.name, indication)
            case SwitchRelay(active):
                self._send_all(watch.switch(reader.name, active, now))

    def _sleep(self) -> float:
        """Seconds until the next thing is due; a byte over the line ends the wait."""
        watch = self._watch
        if watch is None:
            return LONGEST_SLEEP
        now = self._monotonic()
        waiting = [r.channel.give_up_at for r in watch.readers if r.channel.give_up_at is not None]
        due = waiting or [self._due(reader, watch.is_restarting, now) for reader in watch.readers]
        return max(SHORTEST_SLEEP, min([now + LONGEST_SLEEP, *due]) - now)

    @staticmethod
    def _due(reader: LineReader, restarting: bool, now: float) -> float:
        """When the library has work for this reader: its poll, or a step of the handshake."""
        poll = reader.channel.answered_at + POLL_SECONDS
        if reader.link.is_up and now < poll + BUSY_SLEEP:  # its clock counts whole milliseconds: poll again
            return max(poll, now + SHORTEST_SLEEP)
        if not reader.link.is_up and not restarting and (retry := reader.link.retry_at_ms) is not None:
            return max(retry / 1000, now)
        return now + BUSY_SLEEP

    def _now(self) -> int:
        return int(self._monotonic() * 1000)
