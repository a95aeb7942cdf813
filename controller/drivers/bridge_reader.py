"""A reader behind a bridge: a child process that speaks firmware_bridge.messages on its pipes.

A bridge serves one reader, or all readers of one line, and has one thread here. Its faults become signals and
nothing else: its death is a ReaderOffline, its invalid lines are counted.
"""

import contextlib
import logging
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from controller.config import Config, OsdpPath, ReaderConfig, osdp_readers
from controller.model.access import Direction
from controller.model.actions import Indication
from controller.model.card_keys import CardKey, FindCardKey, FoundKey, UnknownKey, UnusableKey
from controller.model.credentials import Assurance, CardNumber, CredentialKind
from controller.model.readings import CardReading
from controller.model.reasons import DenyReason
from controller.model.signals import (
    CardPresented,
    CardRefused,
    Condition,
    InstallState,
    PinEntered,
    ReaderConditionChanged,
    ReaderInstallChanged,
    ReaderOffline,
    ReaderOnline,
    ReaderSignal,
)
from controller.model.unproved import Unproved
from firmware_bridge import messages
from firmware_bridge.allowance import Allowance
from firmware_bridge.bridge_supervisor import BridgeSupervisor
from firmware_bridge.problems import Problem, ProblemCode
from firmware_bridge.simulator import cable, osdp_control, pn532_card

log = logging.getLogger(__name__)

_MOST_PENDING_CARDS = 64
_PROBLEMS_AT_ONCE, _PROBLEM_SECONDS = 4, 60.0  # reports of an offline reader; each is a record on the disk
# Returns of a reader whose bridge keeps ending: so many, then one a minute. Each end follows a return.
_RETURNS_AT_ONCE, _RETURN_SECONDS = 6, 60.0
_ENDS_AT_ONCE, _END_SECONDS = 6, 60.0  # ends of a bridge in the program's own log
_MOST_PIN_DIGITS = 16
_WITH_KEYS = (CredentialKind.FELICA, CredentialKind.TYPE_A)
_DENY_REASONS = (DenyReason.CARD_NUMBER_RANDOM, DenyReason.CARD_UNREADABLE)
# Reasons of a rejected card that should prove a key or send its message, and of any other card.
_UNPROVED_BY_REASON = {
    "authentication_failed": Unproved.WRONG,
    "card_silent": Unproved.SILENT,
    "card_left": Unproved.LEFT,
    "card_half_issued": Unproved.HALF_ISSUED,
    "card_unreadable": Unproved.UNASKED,
}
_UNPROVED_NUMBER_ONLY = {"card_half_issued": Unproved.HALF_ISSUED, "card_unreadable": Unproved.UNREAD}


@dataclass(frozen=True)
class _PendingCard:
    """A card that the bridge has found, and what the door requested of it.

    `must_prove_key`: the card must prove its key. `key` is set if the card must send its own message (SUN),
    whose MAC the door verifies when it comes. `unproved`: why the card can't prove what its badge may
    require, with any content.
    """

    kind: str
    number: str  # as the bridge wrote it
    parsed: CardNumber | None
    must_prove_key: bool
    unproved: Unproved | None = None
    key: CardKey | None = None

    @property
    def needs_more(self) -> bool:
        """More than its number."""
        return self.must_prove_key or self.key is not None


def no_key(reader: str, number: CardNumber) -> FoundKey:
    """Used where no badge has a key."""
    return None


def open_readers(config: Config, card_key: FindCardKey = no_key) -> "dict[str, BridgeReader]":
    """All readers of the configuration, not started yet. Readers of one RS-485 line share a bridge.

    `card_key` is called on a bridge's thread, for NFC cards at inward readers only: leaving waits for
    nothing.
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
            lines[path.port] = Bridge(osdp_command(path, members, keys, simulator))
    return {
        name: BridgeReader(
            name,
            lines[on_lines[name].port]
            if name in on_lines
            else nfc_command(reader, simulator if config.site.demo else None, name in inward),
            card_key=partial(card_key, name) if name in inward else None,
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
        command += ["--device", str(pn532_card.port_file(simulator, reader.virtual_port))]
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

    def __init__(self, command: list[str], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._readers: dict[str, BridgeReader] = {}
        self._started = 0
        self.supervisor = BridgeSupervisor(command, self._on_start, self._on_message, self._on_end, monotonic)
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
                one.report_pending()
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
    ) -> None:
        """A command gives the reader a bridge of its own. Without `card_key` no card has to prove a key."""
        self.name = name
        self._card_key = card_key
        self._key = name if isinstance(command, Bridge) else ""
        self._bridge = command if isinstance(command, Bridge) else Bridge(command, monotonic)
        self._bridge.join(self._key, self)
        self._listener: Callable[[ReaderSignal], None] = lambda signal: None
        self._online: bool | None = None
        self._problem: Problem | None = None  # why it is offline, as last reported
        self._pending_problem: Problem | None = None  # another reason, which had to wait
        self._pending_device: str | None = None  # the device that is online again, not reported yet
        self._device_is_offline = False  # this life's last word is that its device is away
        self._bridge_has_ended = False  # its bridge has ended since it was last reported online
        self._monotonic = monotonic
        self._problem_allowance = Allowance(_PROBLEMS_AT_ONCE, _PROBLEM_SECONDS)
        self._return_allowance = Allowance(_RETURNS_AT_ONCE, _RETURN_SECONDS)
        self._active_conditions: set[Condition] = set()
        self._pending_cards: dict[int, _PendingCard] = {}
        self._relay: bool | None = None  # what the lock that hangs on it wants; None: no lock does
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
            self._relay = active
            self._bridge.supervisor.send(messages.SwitchRelay(active, self._key))

    def stop(self) -> None:
        """Let the bridge close its reader and end; kill it if it does not. No signal follows."""
        self._bridge.supervisor.stop()

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
        self._pending_cards.clear()
        self._device_is_offline = False
        with self._relay_lock:
            if self._relay is not None:
                self._bridge.supervisor.send(messages.SwitchRelay(self._relay, self._key))

    def bridge_ended(self, problem: Problem) -> None:
        self._pending_device, self._bridge_has_ended = None, True
        if not self._device_is_offline:  # a fault that the bridge reported of its device must be fixed first
            self._go_offline(problem)
        elif self._online is not False:
            self._emit_offline(problem)
        self._device_is_offline = False

    def report_pending(self) -> None:
        """Report what had to wait for its allowance; called with each heartbeat."""
        if self._pending_device is not None and self._may_report_online():
            self._online, self._problem = True, None
            device, self._pending_device = self._pending_device, None
            self._emit(ReaderOnline(self.name, device))
        if self._pending_problem is not None and self._problem_allowance.allows(now := self._monotonic()):
            self._problem_allowance.spend(now)
            self._emit_offline(self._pending_problem)

    def receive(self, message: messages.FromBridge) -> bool:
        """Return False for a message that is invalid or was not due."""
        match message:
            case messages.DeviceOnline(device):
                self._pending_problem, self._device_is_offline = None, False
                if self._online is not True:
                    self._pending_device = _printable(device)
                    self.report_pending()
            case messages.DeviceOffline(code, fields):
                self._device_offline(_problem(code, fields))
            case messages.CardFound(presentation, kind, number):
                self._answer_card_found(presentation, kind, number)
            case messages.CardRead(presentation, kind, number, assurance):
                # Accepted once for each presentation: the card that was found, at the requested assurance.
                card = self._pending_cards.pop(presentation, None)
                if card is None or (kind, number) != (card.kind, card.number):
                    return False
                if card.key is not None:
                    return False
                if assurance != (Assurance.CARD_KEY if card.must_prove_key else Assurance.NUMBER_ONLY):
                    return False
                return self._emit_card(kind, number, Assurance(assurance), card.unproved)
            case messages.SunMessageRead(presentation, kind, number):
                card = self._pending_cards.pop(presentation, None)
                if card is None or (kind, number) != (card.kind, card.number):
                    return False
                if card.key is None or card.parsed is None:
                    return False
                return self._verify_sun_message(message, card.parsed, card.key)
            case messages.CardRejected(presentation, reason, number) if presentation in self._pending_cards:
                card = self._pending_cards.pop(presentation)
                unproved = (_UNPROVED_BY_REASON if card.needs_more else _UNPROVED_NUMBER_ONLY).get(reason)
                if unproved is None or number != card.number:
                    return False
                unusable = card.unproved is Unproved.KEY_UNUSABLE
                if unusable and unproved is not Unproved.HALF_ISSUED:
                    unproved = Unproved.KEY_UNUSABLE
                return self._emit_card(card.kind, number, unproved=unproved)
            case messages.CardRejected(presentation, reason, number) if reason in _DENY_REASONS:
                refused: CardNumber | None = None  # an unreadable number is a refusal too
                with contextlib.suppress(ValueError):
                    refused = CardNumber.parse(number)
                self._emit(CardRefused(self.name, DenyReason(reason), refused))
            case messages.PinKeyed(digits) if _is_pin(digits):
                self._emit(PinEntered(self.name, digits))
            case messages.ConditionChanged(condition, active) if condition in set(Condition):
                self._change_condition(Condition(condition), active)
            case messages.InstallChanged(state) if state in set(InstallState):
                self._emit(ReaderInstallChanged(self.name, InstallState(state)))
            case _:
                return False
        return True

    def _device_offline(self, problem: Problem) -> None:
        self._pending_device, self._device_is_offline = None, True
        self._go_offline(problem)

    def _go_offline(self, problem: Problem) -> None:
        """The reader is offline, or still offline with another problem. The allowance limits a bridge that
        reports a different problem each time.
        """
        if self._online is not False:
            self._emit_offline(problem)
        else:
            self._pending_problem = None if problem == self._problem else problem
            self.report_pending()

    def _may_report_online(self) -> bool:
        """Return whether to report the reader online now. Until then it is shown offline, never the other way
        round.
        """
        if not self._bridge_has_ended:
            return True
        if not self._return_allowance.allows(now := self._monotonic()):
            return False
        self._return_allowance.spend(now)
        self._bridge_has_ended = False
        return True

    def _answer_card_found(self, presentation: int, kind: str, text: str) -> None:
        number = _parse_number(kind, text)
        key = None if number is None else self._find_key(number)
        by_message = kind == CredentialKind.TYPE_A
        unproved: Unproved | None = None
        card_key: CardKey | None = None
        match key:
            case CardKey():
                card_key = key
            case UnusableKey():
                unproved = Unproved.KEY_UNUSABLE
            case UnknownKey():
                unproved = Unproved.UNASKED
        self._pending_cards[presentation] = _PendingCard(
            kind,
            text,
            number,
            must_prove_key=card_key is not None and not by_message,
            unproved=unproved,
            key=card_key if by_message else None,
        )
        if len(self._pending_cards) > _MOST_PENDING_CARDS:
            del self._pending_cards[next(iter(self._pending_cards))]
        if card_key is None:
            self._bridge.supervisor.send(messages.NumberOnly(presentation, self._key))
        elif by_message:
            self._bridge.supervisor.send(messages.ReadSunMessage(presentation, self._key))
        else:
            self._bridge.supervisor.send(
                messages.ProveKey(presentation, card_key.key.hex(), card_key.version, self._key)
            )

    def _find_key(self, number: CardNumber) -> FoundKey:
        """Return None if the badge has no key: then its number is enough."""
        if self._card_key is None or number.kind not in _WITH_KEYS:
            return None
        try:
            return self._card_key(number)
        except Exception as error:  # the text of it may hold what no log may
            log.error("No card key could be read for reader %s (%s).", self.name, type(error).__name__)
            return UnknownKey()

    def _verify_sun_message(self, read: messages.SunMessageRead, number: CardNumber, key: CardKey) -> bool:
        """Verify the MAC of the card's own message. The door does this, so the bridge never sees the key."""
        from firmware_bridge.nfc.sun_mac import verified_counter  # the start does without its ciphers

        try:
            sun_data, mac = bytes.fromhex(read.sun_data), bytes.fromhex(read.mac)
        except ValueError:
            return False
        counter = verified_counter(key.key, bytes.fromhex(number.hex), sun_data, mac)
        if counter is None:
            return self._emit_card(read.kind, read.number, unproved=Unproved.WRONG)
        reading = CardReading(key.name, counter)
        return self._emit_card(read.kind, read.number, Assurance.CARD_KEY, reading=reading)

    def _emit_card(
        self,
        kind: str,
        text: str,
        assurance: Assurance = Assurance.NUMBER_ONLY,
        unproved: Unproved | None = None,
        reading: CardReading | None = None,
    ) -> bool:
        number = _parse_number(kind, text)
        if number is None:
            return False
        if number.is_random:
            self._emit(CardRefused(self.name, DenyReason.CARD_NUMBER_RANDOM, number))
        else:
            self._emit(CardPresented(self.name, number, assurance, unproved, reading))
        return True

    def _change_condition(self, condition: Condition, active: bool) -> None:
        """A bridge's first report that a reader is sound is not news."""
        if active == (condition in self._active_conditions):
            return
        self._active_conditions ^= {condition}
        self._emit(ReaderConditionChanged(self.name, condition, active))

    def _emit_offline(self, problem: Problem) -> None:
        self._online, self._problem, self._pending_problem = False, problem, None
        self._emit(ReaderOffline(self.name, problem.code.value, problem.fields))

    def _emit(self, signal: ReaderSignal) -> None:
        try:
            self._listener(signal)
        except Exception:
            log.exception("The listener of reader %s failed; it may only queue signals.", self.name)


def _parse_number(kind: str, text: str) -> CardNumber | None:
    """None if that is not a card's number."""
    try:
        return CardNumber.parse(text, CredentialKind(kind))
    except ValueError:
        return None


def _is_pin(digits: str) -> bool:
    return 0 < len(digits) <= _MOST_PIN_DIGITS and digits.isascii() and digits.isdecimal()


def _problem(code: str, fields: Mapping[str, str | int]) -> Problem:
    plain = {name: _printable(value) if isinstance(value, str) else value for name, value in fields.items()}
    return Problem(ProblemCode(code), plain)


def _printable(text: str) -> str:
    """Text from a bridge goes to the log and the page: keep one line, without control characters or
    surrogates.
    """
    return "".join(c if c.isprintable() else "?" for c in text)[:240]
