"""The trace of every pin: JSON lines that `genkan sim trace` shows. Times are of the monotonic clock."""

import errno
import json
import logging
import os
import threading
from pathlib import Path
from typing import TypedDict

log = logging.getLogger(__name__)

MAX_BYTES = 10_000_000


class PinChange(TypedDict):
    mono_ms: float
    pin: int
    name: str
    level: int
    state: str


class Trace:
    """Appends; a line is in the file when `pin_changed` returns. Starts a new trace when the file is too
    long.

    It never raises into the thread that moves a pin: it counts lines lost to a full disk in `lost`.
    """

    def __init__(self, path: Path, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._file = path.open("ab", buffering=0)
        self._lock = threading.Lock()
        self.lost = 0

    def pin_changed(self, pin: int, name: str, level: int, state: str, mono_ms: float) -> None:
        change = PinChange(mono_ms=round(mono_ms, 3), pin=pin, name=name, level=level, state=state)
        line = json.dumps(change, separators=(",", ":")).encode("ascii") + b"\n"
        with self._lock:
            try:
                self._append(line)
            except OSError as error:
                self.lost += 1
                log.warning("%s %s is not in the trace (%d lost so far): %s", name, state, self.lost, error)

    def _append(self, line: bytes) -> None:
        """Write the whole line or nothing."""
        end = os.fstat(self._file.fileno()).st_size
        if end > self._max_bytes:
            self._file.truncate(0)
            end = 0
        try:
            if self._file.write(line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError:
            self._file.truncate(end)
            raise

    def close(self) -> None:
        self._file.close()


def read(path: Path) -> list[PinChange]:
    """Return all changes so far; a line still being written is left for the next call."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in data[: data.rfind(b"\n") + 1].splitlines()]
