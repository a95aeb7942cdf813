"""What every pin did and when: JSON lines that `genkan sim trace` shows. Times are of the monotonic clock."""

import json
import threading
from pathlib import Path
from typing import TypedDict

MAX_BYTES = 10_000_000


class PinChange(TypedDict):
    mono_ms: float
    pin: int
    name: str
    level: int
    state: str


class Trace:
    """Appends; a line is in the file when `pin_changed` returns. Starts over when it has grown too long."""

    def __init__(self, path: Path, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._file = path.open("ab", buffering=0)
        self._lock = threading.Lock()

    def pin_changed(self, pin: int, name: str, level: int, state: str, mono_ms: float) -> None:
        change = PinChange(mono_ms=round(mono_ms, 3), pin=pin, name=name, level=level, state=state)
        line = json.dumps(change, separators=(",", ":")).encode("ascii") + b"\n"
        with self._lock:
            if self._file.tell() > self._max_bytes:
                self._file.truncate(0)
            self._file.write(line)

    def close(self) -> None:
        self._file.close()


def read(path: Path) -> list[PinChange]:
    """All changes so far; a line still being written is left for the next time."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in data[: data.rfind(b"\n") + 1].splitlines()]
