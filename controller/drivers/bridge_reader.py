"""A reader behind a bridge: a child process that speaks firmware_bridge.messages on its pipes.

A bridge serves one reader, or all readers of one line, and has one thread here. `reader_session.py` decides
what its messages mean. Its faults become signals and nothing else: its death is a ReaderOffline, its invalid
lines are counted.
"""

import logging
import math
import sys
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from controller.config import Config, OsdpPath, ReaderConfig, osdp_readers
from controller.drivers.reader_session import Heard, ReaderSession
from controller.model.access import Direction
from controller.model.actions import Indication
from controller.model.card_keys import FindCardKey, FoundKey, UnknownKey
from controller.model.credentials import CardNumber
from controller.model.signals import ReaderSignal
from firmware_bridge import messages
from firmware_bridge.allowance import Allowance
from firmware_bridge.bridge_supervisor import BridgeSupervisor
from firmware_bridge.problems import Problem
from firmware_bridge.simulator import cable, osdp_control, pn532_files

log = logging.getLogger(__name__)

_ENDS_AT_ONCE, _END_SECONDS = 6, 60.0  # ends of a bridge in the program's own log


def no_key(reader: str, number: CardNumber) -> FoundKey:
    """Used where no badge has a key."""
    return None


def open_readers(
    config: Config,
    card_key: FindCardKey = no_key,
    short_lives: float = math.inf,
    returns: float = math.inf,
) -> "dict[str, BridgeReader]":
    """All readers of the configuration, not started yet. Readers of one RS-485 line share a bridge.

    `card_key` is called on a bridge's thread, for NFC cards at inward readers only: leaving waits for
    nothing. `short_lives` and `returns`: see `BridgeReader`; without them there is no limit.
    """
    simulator, keys = config.data / "simulator", config.data / "keys" / "door" / "osdp"
    inward = {
        name
        for name, reader in config.readers.items()
        if card_key is not no_key and config.access_points[reader.access_point].direction is Direction.IN
    }
    lines: dict[str, Bridge] = {}
    on_lines = osdp_readers(config.readers)
    for path in on_lines.values():
        if path.port not in lines:
            members = {name: other.address for name, other in on_lines.items() if other.port == path.port}
            lines[path.port] = Bridge(osdp_command(path, members, keys, simulator), short_lives=short_lives)
    return {
        name: BridgeReader(
            name,
            lines[on_lines[name].port]
            if name in on_lines
            else nfc_command(reader, simulator if config.site.demo else None, name in inward),
            card_key=partial(card_key, name) if name in inward else None,
            short_lives=short_lives,
            returns=returns,
        )
        for name, reader in config.readers.items()
    }


def nfc_command(reader: ReaderConfig, simulator: Path | None, proofs: bool = False) -> list[str]:
    """`simulator` is the data folder's simulator/, set in the demo only. `proofs`: cards may have to prove
    keys, so the bridge loads its ciphers at the start, not while the first person waits.
    """
    if reader.path.startswith("pcsc:"):
        return _python("firmware_bridge.pcsc", "--reader", reader.name, "--path", reader.path)
    command = _python("firmware_bridge.nfc", "--reader", reader.name, "--path", reader.path)
    if proofs:
        command.append("--proofs")
    if simulator is not None and reader.path.startswith("udp:"):
        command += ["--cable", str(cable.flag(simulator, reader.name))]
    if simulator is not None and reader.virtual_port is not None:
        command += ["--device", str(pn532_files.port_file(simulator, reader.virtual_port))]
    return command


def osdp_command(path: OsdpPath, readers: Mapping[str, int], keys: Path, simulator: Path) -> list[str]:
    """The command of one bridge for all readers of a line (names and addresses); `keys` is keys/door/osdp."""
    tty = osdp_control.port_file(simulator, path.port) if path.is_virtual else path.port
    command = _python("firmware_bridge.osdp", "--port", str(tty), "--baud", str(path.baud))
    for name, address in readers.items():
        command += ["--reader", f"{name}:{address}"]
    return [*command, "--keys", str(keys)]


def _python(module: str, *arguments: str) -> list[str]:
    # -P: the working folder may be the data folder, and Python may import nothing from there.
    return [sys.executable, "-P", "-m", module, *arguments]


class Bridge:
    """One bridge process for the readers that join it. It starts with the last of them and stops with the
    first.
    """

    def __init__(
        self,
        command: list[str],
        monotonic: Callable[[], float] = time.monotonic,
        short_lives: float = math.inf,
    ) -> None:
        self._readers: dict[str, BridgeReader] = {}
        self._started = 0
        self.supervisor = BridgeSupervisor(
            command=command,
            on_start=self._on_start,
            on_message=self._on_message,
            on_end=self._on_end,
            monotonic=monotonic,
            short_lives=short_lives,
        )
        self._monotonic = monotonic
        self._end_allowance = Allowance(_ENDS_AT_ONCE, _END_SECONDS)
        self.bad_lines = 0

    def join(self, key: str, reader: "BridgeReader") -> None:
        """`key` names the reader in messages; it is empty for a reader alone on its bridge."""
        self._readers[key] = reader

    def start(self) -> None:
        self._started += 1
        if self._started == len(self._readers):
            self.supervisor.start("reader-" + next(iter(self._readers.values())).name)

    def _on_start(self) -> None:
        for reader in self._readers.values():
            reader.bridge_started()

    def _on_message(self, message: messages.FromBridge) -> None:
        if isinstance(message, messages.BridgeHeartbeat):
            for one in self._readers.values():
                one.receive(message)
            return
        reader = self._readers.get(message.reader)
        if reader is None or not reader.receive(message):
            self.bad_lines += 1

    def _on_end(self, problem: Problem) -> None:
        if self._end_allowance.allows(now := self._monotonic()):
            self._end_allowance.spend(now)
            names = ", ".join(reader.name for reader in self._readers.values())
            log.warning("Bridge of reader %s: %s. Starting it again.", names, problem)
        for reader in self._readers.values():
            reader.bridge_ended(problem)


class BridgeReader:
    """A CredentialReader. Its signals come on the bridge's thread; the listener may only queue them."""

    def __init__(
        self,
        name: str,
        command: list[str] | Bridge,
        monotonic: Callable[[], float] = time.monotonic,
        card_key: Callable[[CardNumber], FoundKey] | None = None,
        short_lives: float = math.inf,
        returns: float = math.inf,
    ) -> None:
        """A command gives the reader a bridge of its own. Without `card_key` no card has to prove a key.

        After `short_lives` in a row its bridge gets a long pause. It reports `returns` times in a row that
        it is online again, then once a minute.
        """
        self.name = name
        self._card_key = card_key
        self._key = name if isinstance(command, Bridge) else ""
        self._bridge = command if isinstance(command, Bridge) else Bridge(command, monotonic, short_lives)
        self._bridge.join(self._key, self)
        self._listener: Callable[[ReaderSignal], None] = lambda signal: None
        self._monotonic = monotonic
        self._session = ReaderSession(name, self._key, None if card_key is None else self._find_key, returns)
        self._relay_lock = threading.Lock()  # the last message sent must be the last state wanted

    def start(self, listener: Callable[[ReaderSignal], None]) -> None:
        self._listener = listener
        self._bridge.start()

    def show(self, indication: Indication) -> None:
        self._bridge.supervisor.send(messages.ShowIndication(indication.value, self._key))

    def open_install(self) -> None:
        """Create a new key for a reader on an RS-485 line, and open the ten minutes in which it accepts the
        key.
        """
        self._bridge.supervisor.send(messages.OpenInstall(self._key))

    def switch(self, active: bool) -> None:
        """Switch the relay in a reader on an RS-485 line, for the lock of a door. Callable from any thread;
        never waits.
        """
        with self._relay_lock:
            self._deliver(self._session.switch(active))

    def stop(self) -> None:
        """Let the bridge close its reader and end; kill it if it does not. No signal follows."""
        self._bridge.supervisor.stop()

    @property
    def stalled_s(self) -> float:
        """How long the thread that hears this reader has hung so far."""
        return self._bridge.supervisor.stalled_s

    def kill_bridge(self) -> None:
        """For a thread that hangs; see BridgeSupervisor."""
        self._bridge.supervisor.kill_bridge()

    def restart(self) -> bool:
        """Give a thread that hangs a successor; see BridgeSupervisor."""
        return self._bridge.supervisor.restart()

    @property
    def hanging_threads(self) -> list[str]:
        """The names of the threads that have a successor and still hang; they may use the keys of badges."""
        return self._bridge.supervisor.hanging

    @property
    def process_id(self) -> int | None:
        return self._bridge.supervisor.process_id

    @property
    def restarts(self) -> int:
        return self._bridge.supervisor.restarts

    @property
    def bad_lines(self) -> int:
        """Invalid lines, and messages that were not due, since the start."""
        return self._bridge.bad_lines + self._bridge.supervisor.bad_lines

    # --- called by the bridge ---

    def bridge_started(self) -> None:
        with self._relay_lock:
            self._deliver(self._session.bridge_started())

    def bridge_ended(self, problem: Problem) -> None:
        self._deliver(self._session.bridge_ended(problem, self._monotonic()))

    def receive(self, message: messages.FromBridge) -> bool:
        """Return False for a message that is invalid or was not due."""
        heard = self._session.hear(message, self._monotonic())
        if self._bridge.supervisor.is_abandoned:
            return True  # the person who tapped has long gone, and a successor hears the reader
        self._deliver(heard)
        return heard.is_due

    def _deliver(self, heard: Heard) -> None:
        for reply in heard.replies:
            self._bridge.supervisor.send(reply)
        for signal in heard.signals:
            try:
                self._listener(signal)
            except Exception:
                log.exception("The listener of reader %s failed; it may only queue signals.", self.name)

    def _find_key(self, number: CardNumber) -> FoundKey:
        assert self._card_key is not None  # noqa: S101
        try:
            return self._card_key(number)
        except Exception as error:  # its text may contain a key, which no log may have
            log.error("No card key could be read for reader %s (%s).", self.name, type(error).__name__)
            return UnknownKey()
