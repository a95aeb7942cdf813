"""A reader behind a bridge: a child process that speaks firmware_bridge.messages on its pipes.

The thread here starts the bridge, hears it, and kills it when its heartbeat stops. Nothing the bridge does,
says or fails to do reaches further than a signal: its death is a ReaderOffline, its nonsense is counted.
"""

import contextlib
import logging
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from controller.config import ReaderConfig
from controller.model.actions import Indication
from controller.model.credentials import CardNumber, CredentialKind
from controller.model.reasons import DenyReason
from controller.model.signals import CardPresented, CardRefused, ReaderOffline, ReaderOnline, ReaderSignal
from firmware_bridge import messages
from firmware_bridge.bridge_process import BridgeProcess
from firmware_bridge.simulator import cable

log = logging.getLogger(__name__)

FIRST_BACK_OFF, LAST_BACK_OFF = 0.25, 5.0
HEALTHY_SECONDS = 10.0
STOP_SECONDS = 1.0
_ANSWERS_KEPT = 64


def nfc_command(reader: ReaderConfig, simulator: Path | None) -> list[str]:
    """`simulator` is the data folder's simulator/, given in demo only."""
    # -P: the working folder may be the data folder, and nothing may be imported from there.
    command = [
        sys.executable,
        "-P",
        "-m",
        "firmware_bridge.nfc",
        "--reader",
        reader.name,
        "--path",
        reader.path,
    ]
    if simulator is not None and reader.path.startswith("udp:"):
        command += ["--cable", str(cable.flag(simulator, reader.name))]
    return command


class BridgeReader:
    """A CredentialReader. Signals come on its own thread; the listener may only queue them."""

    def __init__(
        self, name: str, command: list[str], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.name = name
        self._command, self._monotonic = command, monotonic
        self._listener: Callable[[ReaderSignal], None] = lambda signal: None
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._bridge: BridgeProcess | None = None
        self._online: bool | None = None
        self._answered: dict[int, tuple[str, str]] = {}
        self._bad_lines = 0
        self.restarts = 0

    def start(self, listener: Callable[[ReaderSignal], None]) -> None:
        self._listener = listener
        self._thread = threading.Thread(target=self._run, name=f"reader-{self.name}", daemon=True)
        self._thread.start()

    def show(self, indication: Indication) -> None:
        self._say(messages.Show(indication.value))

    def stop(self) -> None:
        """Let the bridge put its reader to rest and end; kill it when it does not. No signal follows."""
        self._stopping.set()
        if self._thread is None:
            return
        if (bridge := self._bridge) is not None:
            bridge.hang_up()
        self._thread.join(STOP_SECONDS)
        while self._thread.is_alive():
            if (bridge := self._bridge) is not None:
                bridge.kill()
            self._thread.join(STOP_SECONDS)
        self._thread = None

    @property
    def process_id(self) -> int | None:
        bridge = self._bridge
        return None if bridge is None else bridge.process_id

    @property
    def bad_lines(self) -> int:
        """Lines that were no message, or a message that was not due, since the start."""
        bridge = self._bridge
        return self._bad_lines + (0 if bridge is None else bridge.bad_lines)

    def _run(self) -> None:
        back_off = FIRST_BACK_OFF
        while not self._stopping.is_set():
            started = self._monotonic()
            problem = self._live()
            if self._stopping.is_set():
                return
            self._offline(f"The bridge of reader {self.name} {problem}.")
            if self._monotonic() - started >= HEALTHY_SECONDS:
                back_off = FIRST_BACK_OFF
            self._stopping.wait(back_off)
            back_off = min(2 * back_off, LAST_BACK_OFF)
            self.restarts += 1

    def _live(self) -> str:
        """One life of the bridge, from start to end; gives back why it ended."""
        try:
            bridge = self._bridge = BridgeProcess(self._command, self._monotonic)
        except OSError as error:
            return f"cannot be started ({error.strerror}); install Genkan again"
        self._answered.clear()
        try:
            if self._stopping.is_set():
                bridge.hang_up()
            for message in bridge.hear():
                self._take(message)
            return "was silent and is started again" if bridge.silent else "ended and is started again"
        finally:
            if not self._stopping.is_set():
                bridge.kill()
            bridge.bury()
            self._bad_lines += bridge.bad_lines
            self._bridge = None

    def _take(self, message: messages.FromBridge) -> None:
        match message:
            case messages.DeviceOnline(device):
                if self._online is not True:
                    self._online = True
                    self._tell(ReaderOnline(self.name, _plain(device)))
            case messages.DeviceOffline(problem):
                self._offline(_plain(problem))
            case messages.CardFound(presentation, kind, number):
                self._answered[presentation] = (kind, number)
                if len(self._answered) > _ANSWERS_KEPT:
                    del self._answered[next(iter(self._answered))]
                self._say(messages.NumberOnly(presentation))
            case messages.CardPresented(presentation, kind, number, assurance):
                # Once for each presentation, the card that was found, and no more than was asked of it.
                if self._answered.pop(presentation, None) == (kind, number) and assurance == 0:
                    self._card(kind, number)
                else:
                    self._bad_lines += 1
            case messages.CardRefused(_, DenyReason.CARD_NUMBER_RANDOM.value, number):
                refused: CardNumber | None = None  # without a number we can read it is a refusal all the same
                with contextlib.suppress(ValueError):
                    refused = CardNumber.parse(number)
                self._tell(CardRefused(self.name, DenyReason.CARD_NUMBER_RANDOM, refused))
            case _:
                self._bad_lines += 1

    def _card(self, kind: str, text: str) -> None:
        try:
            number = CardNumber.parse(text, CredentialKind(kind))
        except ValueError:
            self._bad_lines += 1
            return
        if number.is_random:
            self._tell(CardRefused(self.name, DenyReason.CARD_NUMBER_RANDOM, number))
        else:
            self._tell(CardPresented(self.name, number))

    def _offline(self, problem: str) -> None:
        if self._online is not False:
            self._online = False
            self._tell(ReaderOffline(self.name, problem))

    def _tell(self, signal: ReaderSignal) -> None:
        try:
            self._listener(signal)
        except Exception:
            log.exception("the listener of reader %s failed; it may only queue", self.name)

    def _say(self, message: messages.ToBridge) -> None:
        if (bridge := self._bridge) is not None:
            bridge.say(message)


def _plain(text: str) -> str:
    """Text from the bridge goes to the log and the page: one line, no control characters or surrogates."""
    return "".join(c if c.isprintable() else "?" for c in text)[:200]
