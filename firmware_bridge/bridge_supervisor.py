"""Keeps a bridge running: starts it, reads its messages, kills it when its heartbeat stops, and restarts it.

It restarts the bridge immediately, because a person may be waiting at the door. Only a bridge that dies again
and again gets a pause, and a longer one if that does not end. The bridge's faults reach no further than the
callbacks.
"""

import errno
import logging
import math
import threading
import time
from collections.abc import Callable

from firmware_bridge.bridge_process import BridgeProcess
from firmware_bridge.messages import DeviceOnline, FromBridge, ToBridge
from firmware_bridge.problems import Problem, ProblemCode

log = logging.getLogger(__name__)

FIRST_PAUSE = 0.25
LONGEST_PAUSE = {True: 0.5, False: 2.0}  # by whether its reader was online
HEALTHY_SECONDS = 10.0
STOP_SECONDS = 1.0
ABANDONED_AT_MOST = 3  # threads that hang at the same time; each keeps its stack


class BridgeSupervisor:
    """Calls `on_start` before each run of the bridge, `on_message` for each message (heartbeats too), and
    `on_end` with the problem that ended the run. All three run on the supervisor's thread."""

    def __init__(
        self,
        command: list[str],
        on_start: Callable[[], None],
        on_message: Callable[[FromBridge], None],
        on_end: Callable[[Problem], None],
        monotonic: Callable[[], float] = time.monotonic,
        short_lives: float = math.inf,
    ) -> None:
        """`short_lives`: after so many in a row, the pause is long even if the reader was online."""
        self._command, self._on_start, self._on_message, self._on_end = command, on_start, on_message, on_end
        self._monotonic = monotonic
        self._short_lives = short_lives
        self._thread: threading.Thread | None = None
        self._abandoned: list[threading.Thread] = []
        self._stopping = threading.Event()
        self._bridge: BridgeProcess | None = None
        self._bad_lines = 0
        self._callback_began: float | None = None
        self.worked = False  # the last life's reader was online
        self.restarts = 0

    def start(self, name: str) -> None:
        """`name` is the name of the thread."""
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def restart(self) -> bool:
        """The thread hangs in a callback: kill its bridge and give both a successor. When the thread goes on,
        it finds itself abandoned and ends. False while too many hang already; then only the bridge is killed.
        """
        self.kill_bridge()
        self._abandoned = [thread for thread in self._abandoned if thread.is_alive()]
        thread = self._thread
        if thread is None or self._stopping.is_set() or len(self._abandoned) >= ABANDONED_AT_MOST:
            return False
        self._abandoned.append(thread)
        self._callback_began = None
        self.start(thread.name)
        return True

    @property
    def is_abandoned(self) -> bool:
        """Whether the calling thread has a successor, so that nobody wants what it heard."""
        return threading.current_thread() in self._abandoned

    @property
    def hanging(self) -> list[str]:
        """The names of the threads that have a successor and still hang. `stop` does not wait for them."""
        return [thread.name for thread in self._abandoned if thread.is_alive()]

    def stop(self) -> None:
        """Let the bridge close its device and end; kill it if it does not. No callback follows."""
        self._stopping.set()
        thread = self._thread  # readers of one line share a bridge and may stop it at the same time
        if thread is None:
            return
        if (bridge := self._bridge) is not None:
            bridge.hang_up()
        thread.join(STOP_SECONDS)
        while thread.is_alive():
            if (bridge := self._bridge) is not None:
                bridge.kill()
            thread.join(STOP_SECONDS)
        self._thread = None

    @property
    def stalled_s(self) -> float:
        """How long the thread has hung in one callback so far; infinite for a thread that has died."""
        thread, began = self._thread, self._callback_began
        if thread is not None and not thread.is_alive() and not self._stopping.is_set():
            return math.inf
        return 0.0 if began is None else time.monotonic() - began

    def kill_bridge(self) -> None:
        """When the thread goes on, it finds its bridge ended, reports that and starts another."""
        if (bridge := self._bridge) is not None:
            bridge.kill()

    def send(self, message: ToBridge) -> None:
        if (bridge := self._bridge) is not None:
            bridge.send(message)

    @property
    def process_id(self) -> int | None:
        bridge = self._bridge
        return None if bridge is None else bridge.process_id

    @property
    def bad_lines(self) -> int:
        """Invalid lines, and messages whose callback failed, since the start."""
        bridge = self._bridge
        return self._bad_lines + (0 if bridge is None else bridge.bad_lines)

    def _run(self) -> None:
        pause: float | None = None
        short = 0
        while not self._stopping.is_set():
            started = self._monotonic()
            problem = self._run_once()
            if self._stopping.is_set() or self.is_abandoned:
                return
            self._on_end(problem)
            lived = self._monotonic() - started
            short = short + 1 if lived < HEALTHY_SECONDS else 0
            pause = next_pause(pause, lived, self.worked, short, short_lives=self._short_lives)
            self._stopping.wait(pause)
            self.restarts += 1

    def _run_once(self) -> Problem:
        """Run the bridge once, from start to end; return the problem that ended it."""
        try:
            bridge = self._bridge = BridgeProcess(self._command, self._monotonic)
        except OSError as error:
            return Problem(
                ProblemCode.BRIDGE_NOT_STARTED, {"error": errno.errorcode.get(error.errno or 0, "EIO")}
            )
        self.worked = False
        self._on_start()
        try:
            if self._stopping.is_set():
                bridge.hang_up()
            for message in bridge.hear():
                self.worked |= isinstance(message, DeviceOnline)
                self._deliver(message)
                if self.is_abandoned:
                    break
        finally:
            if not self._stopping.is_set():
                bridge.kill()
            bridge.reap()
            self._bad_lines += bridge.bad_lines
            if self._bridge is bridge:
                self._bridge = None
        if bridge.silent:
            return Problem(ProblemCode.BRIDGE_SILENT)
        return Problem(ProblemCode.BRIDGE_ENDED, {"end": bridge.exit_text})

    def _deliver(self, message: FromBridge) -> None:
        """Deliver a message. If its callback fails, go on with the next message: the thread would not
        restart.
        """
        self._callback_began = time.monotonic()
        try:
            self._on_message(message)
        except Exception as error:  # its text may contain a key, which no log may have
            self._bad_lines += 1
            log.error("A message of a bridge could not be processed (%s).", type(error).__name__)
        finally:
            if not self.is_abandoned:
                self._callback_began = None


def next_pause(
    last: float | None, lived: float, worked: bool, short: int = 0, short_lives: float = math.inf
) -> float:
    """Return the pause in seconds before the next run, after a run of `lived` seconds; `last` is the pause
    before that run.

    `worked`: its reader was online. `short`: short runs in a row, this one included; beyond `short_lives` of
    them the pause is long. `last` is None at the first end. A healthy run is followed by no pause.
    """
    if last is None or lived >= HEALTHY_SECONDS:
        return 0.0
    return min(max(2 * last, FIRST_PAUSE), LONGEST_PAUSE[worked and short <= short_lives])
