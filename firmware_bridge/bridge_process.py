"""The door's end of a bridge: its process, started and watched, and the two pipes to it."""

import contextlib
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from firmware_bridge.lines import LineBuffer
from firmware_bridge.messages import (
    BadMessage,
    BridgeHeartbeat,
    FromBridge,
    ToBridge,
    decode_from_bridge,
    encode,
)

SILENT_SECONDS = 2.7  # some of the three that it may take to be killed goes by until we wake up
PIPE_BYTES = 65_536  # all that a pipe holds: one read takes whatever had been said by then
STARTING_SECONDS = 30.0  # before the first heartbeat: a small or busy machine imports for many seconds


class BridgeProcess:
    """One life of a bridge. One thread hears; any thread may say, hang up or kill."""

    def __init__(self, command: list[str], monotonic: Callable[[], float] = time.monotonic) -> None:
        """Start it; raises OSError when there is no such program."""
        home = str(Path(__file__).parents[1])
        paths = [home, *filter(None, [os.environ.get("PYTHONPATH")])]
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            process_group=0,  # Ctrl-C in the terminal is for the door, which then stops the bridge in order
            bufsize=0,
        )
        assert self._child.stdin is not None and self._child.stdout is not None  # noqa: S101
        self._to, self._from = self._child.stdin, self._child.stdout
        os.set_blocking(self._to.fileno(), False)
        self.bad_lines = 0

    @property
    def process_id(self) -> int:
        return self._child.pid

    @property
    def exit_text(self) -> str:
        """Once it is buried: its exit status, or the signal that ended it."""
        status = self._child.returncode
        if status >= 0:
            return f"exit {status}"
        names = {one.value: one.name for one in signal.Signals}
        return f"signal {-status}" + (f", {names[-status]}" if -status in names else "")

    def hear(self) -> Iterator[FromBridge]:
        """Every message, until it ends or its heartbeat stops; `silent` tells which."""
        lines, dropped = LineBuffer(), 0
        deadline = self._monotonic() + STARTING_SECONDS
        self.silent = False
        while True:
            # What is already in the pipe is read before silence is judged: it may be us who slept.
            left = deadline - self._monotonic()
            overdue = left <= 0
            if not select.select([self._from], [], [], max(0.0, left))[0]:
                self.silent = True
                return
            data = os.read(self._from.fileno(), PIPE_BYTES)
            if not data:
                return
            for line in lines.feed(data):
                try:
                    message = decode_from_bridge(line)
                except BadMessage:
                    self.bad_lines += 1
                    continue
                if isinstance(message, BridgeHeartbeat):
                    overdue = False
                    deadline = self._monotonic() + SILENT_SECONDS
                yield message
            self.bad_lines += lines.dropped - dropped
            dropped = lines.dropped
            if overdue:
                self.silent = True
                return

    def send(self, message: ToBridge) -> None:
        """Never blocks. The pipe is full when the bridge hangs, broken when it died: then it is not said."""
        with self._lock:
            if not self._to.closed:
                with contextlib.suppress(BlockingIOError, BrokenPipeError):
                    os.write(self._to.fileno(), encode(message))

    def hang_up(self) -> None:
        """Close its stdin, on which a sound bridge puts its reader to rest and ends."""
        with self._lock:
            self._to.close()

    def kill(self) -> None:
        """With whatever it started; not when it is buried, because its number may be another's by then."""
        with self._lock:
            if self._child.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self._child.pid, signal.SIGKILL)

    def reap(self) -> None:
        """Wait for its end, and leave neither a zombie nor an open pipe. Called by the thread that hears."""
        os.waitid(os.P_PID, self._child.pid, os.WEXITED | os.WNOWAIT)
        with self._lock:
            self._child.wait()
            self._to.close()
            self._from.close()
