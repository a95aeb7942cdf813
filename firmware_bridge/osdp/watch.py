"""The readers of an open line: their keys, their control panel, and what each of them needs next.

We create a new panel when a key has changed, and when the wall clock has jumped, because libosdp counts its
timers by it: set back an hour, it would poll no reader for an hour. The sessions are up again within 100 ms.
"""

import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import osdp_sys

from firmware_bridge.messages import FromBridge
from firmware_bridge.osdp import frames, keys
from firmware_bridge.osdp.challenge import ChallengeSource
from firmware_bridge.osdp.channel import ReaderChannel
from firmware_bridge.osdp.cryptogram import whose_key
from firmware_bridge.osdp.link import SILENT, Link
from firmware_bridge.osdp.panel import Panel, PanelEvent
from firmware_bridge.osdp.reader import WRONG_KEY, LineReader
from firmware_bridge.osdp.signs import STATUS_PLEASE, signs
from firmware_bridge.osdp.windows import Windows
from firmware_bridge.osdp.wire import Wire
from firmware_bridge.problems import Problem, ProblemCode

STATUS_MS = 1500
LEAP_MS = 200


class LineWatch:
    def __init__(
        self,
        wire: Wire,
        wanted: Sequence[tuple[str, int]],
        folder: Path,
        links: Mapping[str, Link],
        windows: Windows,
        challenges: ChallengeSource,
        monotonic: Callable[[], float],
    ) -> None:
        self._wire, self._wanted, self._folder, self._links = wire, wanted, folder, links
        self._windows, self._challenges, self._monotonic = windows, challenges, monotonic
        self._addresses = frozenset(address for _, address in wanted)
        self.readers: list[LineReader] = []
        self._panel: Panel | None = None
        self._keys_seen: list[object] | None = None
        self._wall_ms = 0
        self._status_ms = 0
        self._damaged = 0
        self._restarting: set[int] = set()
        self._installing: set[int] = set()

    # --- keys and install windows ---

    def check_keys(self, now: int) -> None:
        """Called twice a second: have keys, windows or the wall clock changed?"""
        wall = time.clock_gettime_ns(time.CLOCK_REALTIME) // 1_000_000 - now
        leapt, self._wall_ms = abs(wall - self._wall_ms) > LEAP_MS, wall
        seen = self._key_files()
        if leapt or seen != self._keys_seen:
            self._keys_seen = seen
            self._make_panel(now)
        if self._panel is not None:
            for index in range(len(self.readers)):
                self._check_window(self._panel, index)

    def _key_files(self) -> list[object]:
        found: list[object] = []
        for name, _ in self._wanted:
            with contextlib.suppress(OSError):
                stat = keys.key_file(self._folder, name).stat()
                found.append((name, stat.st_ino, stat.st_mtime_ns, stat.st_uid, stat.st_mode))
        return found

    def _make_panel(self, now: int) -> None:
        self._restarting.clear()
        self._installing.clear()
        old = {reader.name: reader for reader in self.readers}
        members: list[tuple[int, bytes, ReaderChannel]] = []
        self.readers = []
        for name, address in self._wanted:
            link = self._links[name]
            try:
                key = keys.load(self._folder, name)
            except keys.BadKey as error:
                link.went_down(error.problem, now)
                continue
            if link.is_up:
                link.went_down(SILENT, now)
            link.began()
            channel = ReaderChannel(self._wire, address, _Secure(self, len(members)), self._monotonic)
            members.append((address, key, channel))
            self.readers.append(
                old[name].moved_to(channel) if name in old else LineReader(name, address, channel, link)
            )
        self._panel = Panel(members, self._challenges) if members else None

    def is_secure(self, index: int) -> bool:
        return self._panel is not None and self._panel.is_secure(index)

    def _check_window(self, panel: Panel, index: int) -> None:
        reader = self.readers[index]
        opened = self._windows.is_open(reader.name)
        if opened and index not in self._installing and not reader.link.is_up:
            self._installing.add(index)
            reader.channel.installing = True
            panel.enforce(index, False)
        elif index in self._installing and not opened:
            self._end_install(panel, index)
            if not reader.link.is_up:
                self._restart(panel, index)

    def _end_install(self, panel: Panel, index: int) -> None:
        self._installing.discard(index)
        self.readers[index].channel.installing = False
        panel.enforce(index, True)

    # --- one round of the loop ---

    def round(self, now: int) -> list[FromBridge]:
        """Let the library work until it waits for a reader; return the messages for the door."""
        panel = self._panel
        if panel is None:
            return []
        found: list[FromBridge] = []
        answers = [reader.channel.answers for reader in self.readers]
        for _ in range(2 + len(self.readers)):
            for event in panel.refresh():
                found += self._handle_event(panel, event, now)
            if self.is_waiting:
                break
        for index, before in enumerate(answers):
            found += self._tend(panel, index, self.readers[index].channel.answers != before, now)
        if now >= self._status_ms:
            self._status_ms = now + STATUS_MS
        return found

    @property
    def is_waiting(self) -> bool:
        """Waiting for an answer."""
        return any(reader.channel.awaiting is not None for reader in self.readers)

    @property
    def is_restarting(self) -> bool:
        return bool(self._restarting)

    def _handle_event(self, panel: Panel, event: PanelEvent, now: int) -> list[FromBridge]:
        if event.type != osdp_sys.EVENT_NOTIFICATION:
            return self.readers[event.reader].handle_event(event, now)
        if event.values.get("type") == osdp_sys.EVENT_NOTIFICATION_PD_STATUS:
            return self._status_changed(panel, event.reader, bool(event.values.get("arg0")), now)
        return []

    def _status_changed(self, panel: Panel, index: int, up: bool, now: int) -> list[FromBridge]:
        """libosdp started the reader's session, or disabled the reader for 300 s."""
        reader = self.readers[index]
        if up and panel.is_up(index):
            reader.came_up(now)
            self._status_ms = now
            if index in self._installing:
                self._end_install(panel, index)
                return [*self._windows.served(reader.name)]
        elif up:  # in the clear: the default key failed, and we do not use unencrypted sessions
            self._down(panel, index, WRONG_KEY, now)
        elif index not in self._restarting:
            self._down(panel, index, self._why_down(reader), now)
        return []

    def _why_down(self, reader: LineReader) -> Problem | None:
        channel = reader.channel
        noise = channel.garbled or self._wire.damaged != self._damaged
        self._damaged = self._wire.damaged
        if channel.foreign in self._addresses:
            channel.foreign = None  # a late neighbour
        problem = reader.why_down(noise)
        if problem == WRONG_KEY:
            others = {name: key for name, key in keys.all_of(self._folder).items() if name != reader.name}
            other = whose_key(channel.command, channel.reply, others)
            if other is not None:
                return Problem(ProblemCode.OSDP_READERS_EXCHANGED, {"other_reader": other})
        return problem

    def _down(self, panel: Panel, index: int, problem: Problem | None, now: int) -> None:
        reader = self.readers[index]
        if problem is None:
            reader.link.forged(now)
        else:
            reader.link.went_down(problem, now, reader.channel.is_there)
        panel.drop_commands(index)

    def _tend(self, panel: Panel, index: int, answered: bool, now: int) -> list[FromBridge]:
        reader = self.readers[index]
        if reader.link.is_up and answered:
            reader.answered(now)
        if reader.refuse_shown:
            reader.refuse_shown = False
            self.show(reader.name, "refused")
        if index in self._restarting and not panel.is_enabled(index):
            self._restarting.discard(index)
            panel.enable(index)
        elif reader.link.is_due(now):
            self._restart(panel, index)
        if now >= self._status_ms and reader.link.is_up and frames.LOCAL_STATUS not in reader.unwanted:
            panel.submit(index, STATUS_PLEASE)
        return self._switch(panel, index, now) if reader.link.is_up else []

    def _switch(self, panel: Panel, index: int, now: int) -> list[FromBridge]:
        """Command the relay of a reader that a lock uses; report to the door if the reader has none."""
        reader = self.readers[index]
        command = reader.relay.command(now)
        if command is None:
            return []
        can = frames.OUTPUT not in reader.unwanted and panel.can(index, osdp_sys.CAP_OUTPUT_CONTROL)
        return reader.condition("output", not (can and panel.submit(index, command)))

    def _restart(self, panel: Panel, index: int) -> None:
        """Disable the reader; `_tend` enables it after a refresh. Both in one refresh have no effect (libosdp
        issue 197).
        """
        self._restarting.add(index)
        panel.disable(index)

    # --- the door ---

    def reader(self, name: str) -> LineReader | None:
        return next((reader for reader in self.readers if reader.name == name), None)

    def show(self, name: str, indication: str) -> None:
        reader, panel = self.reader(name), self._panel
        if reader is None or panel is None or not reader.link.is_up:
            return
        index = self.readers.index(reader)
        for capability, frame_id, command in signs(indication):
            if frame_id not in reader.unwanted and panel.can(index, capability):
                panel.submit(index, command)

    def switch(self, name: str, active: bool, now: int) -> list[FromBridge]:
        """Switch the relay of `name` immediately, or as soon as the reader is back."""
        reader, panel = self.reader(name), self._panel
        if reader is None or panel is None:
            return []
        reader.relay.set(active)
        return self._switch(panel, self.readers.index(reader), now) if reader.link.is_up else []


class _Secure:
    """Called by a channel inside refresh(): is the session of its reader up?"""

    def __init__(self, watch: LineWatch, index: int) -> None:
        self._watch, self._index = watch, index

    def __call__(self) -> bool:
        return self._watch.is_secure(self._index)
