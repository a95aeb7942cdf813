"""The door's side of a bridge: starts its process, watches it, and holds the two pipes to it."""

import contextlib
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from firmware_bridge.message_stream import MessageStream
from firmware_bridge.messages import FromBridge, ToBridge, encode

PIPE_BYTES = 65_536  # all that a pipe holds: one read takes everything sent so far


class BridgeProcess:
    """One run of a bridge. One thread reads; any thread may send, hang up or kill."""

    def __init__(self, command: list[str], monotonic: Callable[[], float] = time.monotonic) -> None:
        """Start the process; raises OSError if there is no such program."""
        home = str(Path(__file__).parents[1])
        paths = [home, *filter(None, [os.environ.get("PYTHONPATH")])]
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            process_group=0,  # Ctrl-C in the terminal reaches the door only, which then stops the bridge
            bufsize=0,
        )
        assert self._child.stdin is not None and self._child.stdout is not None  # noqa: S101
        self._to, self._from = self._child.stdin, self._child.stdout
        os.set_blocking(self._to.fileno(), False)
        self._stream = MessageStream(monotonic())

    @property
    def bad_lines(self) -> int:
        return self._stream.bad_lines

    @property
    def process_id(self) -> int:
        return self._child.pid

    @property
    def exit_text(self) -> str:
        """Its exit status, or the signal that ended it; known after `reap`."""
        status = self._child.returncode
        if status >= 0:
            return f"exit {status}"
        names = {one.value: one.name for one in signal.Signals}
        return f"signal {-status}" + (f", {names[-status]}" if -status in names else "")

    def hear(self) -> Iterator[FromBridge]:
        """Yield every message until the process ends or its heartbeat stops; `silent` is True in the second
        case.
        """
        self.silent = False
        while True:
            # Read what is already in the pipe before judging silence: our own thread may have slept.
            before = self._monotonic()
            left = self._stream.seconds_left(before)
            if not select.select([self._from], [], [], left)[0]:
                self.silent = True
                return
            data = os.read(self._from.fileno(), PIPE_BYTES)
            if not data:
                return
            yield from self._stream.feed(data, self._monotonic())
            if self._stream.seconds_left(before) == 0:
                self.silent = True
                return

    def send(self, message: ToBridge) -> None:
        """Send a message; never blocks. The message is lost if the bridge hangs (full pipe) or is dead
        (broken pipe).
        """
        with self._lock:
            if not self._to.closed:
                with contextlib.suppress(BlockingIOError, BrokenPipeError):
                    os.write(self._to.fileno(), encode(message))

    def hang_up(self) -> None:
        """Close its stdin: a sound bridge then closes its reader and ends."""
        with self._lock:
            self._to.close()

    def kill(self) -> None:
        """Kill the process and its children, unless it is reaped: its process number may belong to another by
        then.
        """
        with self._lock:
            if self._child.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self._child.pid, signal.SIGKILL)

    def reap(self) -> None:
        """Wait for its end, and leave neither a zombie nor an open pipe. Called by the thread that reads."""
        os.waitid(os.P_PID, self._child.pid, os.WEXITED | os.WNOWAIT)
        with self._lock:
            self._child.wait()
            self._to.close()
            self._from.close()
