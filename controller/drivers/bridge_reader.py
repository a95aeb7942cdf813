"""A reader behind a bridge: a child process that speaks firmware_bridge.messages on its pipes.

The thread here starts the bridge, hears it, and kills it when its heartbeat stops. Nothing the bridge does,
says or fails to do reaches further than a signal: its death is a ReaderOffline, its nonsense is counted.
"""

import contextlib
import logging
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import firmware_bridge
from controller.config import ReaderConfig
from controller.model.actions import Indication
from controller.model.credentials import CardNumber, CredentialKind
from controller.model.reasons import DenyReason
from controller.model.signals import CardPresented, CardRefused, ReaderOffline, ReaderOnline, ReaderSignal
from firmware_bridge import messages
from firmware_bridge.lines import LineBuffer
from firmware_bridge.simulator import cable

log = logging.getLogger(__name__)

SILENT_SECONDS = 3.0
STARTING_SECONDS = 10.0  # before the first heartbeat: a small Pi imports for seconds after a cold boot
FIRST_BACK_OFF, LAST_BACK_OFF = 0.25, 5.0
HEALTHY_SECONDS = 10.0
STOP_SECONDS = 1.0
_ANSWERS_KEPT = 64


def nfc_command(reader: ReaderConfig, simulator: Path | None) -> list[str]:
    """`simulator` is the data folder's simulator/, given in demo only."""
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
        self._lock = threading.Lock()  # of _child, for show() and stop() from other threads
        self._child: subprocess.Popen[bytes] | None = None
        self._online: bool | None = None
        self.bad_lines = 0
        self.restarts = 0

    def start(self, listener: Callable[[ReaderSignal], None]) -> None:
        self._listener = listener
        self._thread = threading.Thread(target=self._run, name=f"reader-{self.name}", daemon=True)
        self._thread.start()

    def show(self, indication: Indication) -> None:
        self._say(messages.Show(indication.value))

    def stop(self) -> None:
        """Close the bridge's stdin, so that it puts its reader to rest and ends; kill it when it does not."""
        self._stopping.set()
        with self._lock:
            if self._child is not None and self._child.stdin is not None:
                self._child.stdin.close()
        if self._thread is None:
            return
        self._thread.join(STOP_SECONDS)
        with self._lock:
            if self._child is not None:
                _kill(self._child)
        self._thread.join()
        self._thread = None

    @property
    def process_id(self) -> int | None:
        child = self._child
        return None if child is None else child.pid

    def _run(self) -> None:
        back_off = FIRST_BACK_OFF
        while not self._stopping.is_set():
            started = self._monotonic()
            problem = self._live()
            if self._stopping.is_set():
                return
            self._offline(problem)
            if self._monotonic() - started >= HEALTHY_SECONDS:
                back_off = FIRST_BACK_OFF
            self._stopping.wait(back_off)
            back_off = min(2 * back_off, LAST_BACK_OFF)
            self.restarts += 1

    def _live(self) -> str:
        """One life of the bridge, from start to end; gives back why it ended."""
        try:
            child = self._spawn()
        except OSError as error:
            return f"The bridge of reader {self.name} cannot be started ({error.strerror}); install it again."
        try:
            return self._hear(child)
        finally:
            self._bury(child)

    def _spawn(self) -> subprocess.Popen[bytes]:
        home = str(Path(firmware_bridge.__file__).parents[1])
        paths = [home, *filter(None, [os.environ.get("PYTHONPATH")])]
        child = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            process_group=0,  # Ctrl-C in the terminal is for the door, which then stops the bridge in order
            bufsize=0,
        )
        assert child.stdin is not None  # noqa: S101
        os.set_blocking(child.stdin.fileno(), False)
        with self._lock:
            self._child = child
            if self._stopping.is_set():
                child.stdin.close()
        return child

    def _hear(self, child: subprocess.Popen[bytes]) -> str:
        assert child.stdout is not None  # noqa: S101
        lines, dropped = LineBuffer(), 0
        answered: dict[int, tuple[str, str]] = {}
        deadline = self._monotonic() + STARTING_SECONDS
        while True:
            # What is already in the pipe is read before silence is judged: it may be us who slept.
            if not select.select([child.stdout], [], [], max(0.0, deadline - self._monotonic()))[0]:
                return f"The bridge of reader {self.name} was silent and is started again."
            data = os.read(child.stdout.fileno(), 4096)
            if not data:
                return f"The bridge of reader {self.name} ended and is started again."
            for line in lines.feed(data):
                try:
                    message = messages.decode_from_bridge(line)
                except messages.BadMessage:
                    self.bad_lines += 1
                    continue
                if isinstance(message, messages.Heartbeat):
                    deadline = self._monotonic() + SILENT_SECONDS
                else:
                    self._take(message, answered)
            self.bad_lines += lines.dropped - dropped
            dropped = lines.dropped

    def _take(self, message: messages.FromBridge, answered: dict[int, tuple[str, str]]) -> None:
        match message:
            case messages.DeviceOnline(device):
                if self._online is not True:
                    self._online = True
                    self._tell(ReaderOnline(self.name, _plain(device)))
            case messages.DeviceOffline(problem):
                self._offline(_plain(problem))
            case messages.CardFound(presentation, kind, number):
                answered[presentation] = (kind, number)
                if len(answered) > _ANSWERS_KEPT:
                    del answered[next(iter(answered))]
                self._say(messages.NumberOnly(presentation))
            case messages.CardPresented(presentation, kind, number, assurance):
                # Once for each presentation, the card that was found, and no more than was asked of it.
                if answered.pop(presentation, None) == (kind, number) and assurance == 0:
                    self._card(kind, number)
                else:
                    self.bad_lines += 1
            case messages.CardRefused(_, DenyReason.CARD_NUMBER_RANDOM.value, number):
                with contextlib.suppress(ValueError):
                    self._tell(
                        CardRefused(self.name, DenyReason.CARD_NUMBER_RANDOM, CardNumber.parse(number))
                    )
                    return
                self.bad_lines += 1
            case _:
                self.bad_lines += 1

    def _card(self, kind: str, text: str) -> None:
        try:
            number = CardNumber.parse(text, CredentialKind(kind))
        except ValueError:
            self.bad_lines += 1
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
        with self._lock:
            if self._child is None or self._child.stdin is None or self._child.stdin.closed:
                return
            # The pipe is full when the bridge hangs, broken when it died; the watch deals with either.
            with contextlib.suppress(BlockingIOError, BrokenPipeError):
                os.write(self._child.stdin.fileno(), messages.encode(message))

    def _bury(self, child: subprocess.Popen[bytes]) -> None:
        with self._lock:
            self._child = None
            if child.stdin is not None:
                child.stdin.close()
        if not self._stopping.is_set():
            _kill(child)
        child.wait()
        if child.stdout is not None:
            child.stdout.close()


def _kill(child: subprocess.Popen[bytes]) -> None:
    """With whatever it started. Only while it is not yet waited for, or its number may be another's."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)


def _plain(text: str) -> str:
    """Text from the bridge goes to the log and the page: one line, no control characters or surrogates."""
    return "".join(c if c.isprintable() else "?" for c in text)[:200]
