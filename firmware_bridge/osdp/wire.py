"""The line itself: a serial port reserved for this process, and the frames that came over it."""

import contextlib
import errno
import os
import select
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import serial

from firmware_bridge import virtual_port
from firmware_bridge.osdp.frames import Frame, OsdpFramer
from firmware_bridge.problems import ProblemCode

_FLOOD = 64  # reads of 4 KiB: a flood must not hold the loop
BITS_A_BYTE = 10  # a start bit, eight, a stop bit


class Wire:
    """Never waits. Reading or writing a port that is gone raises OSError."""

    def __init__(self, port: Any, baud: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`port` is an open serial.Serial, or anything else with a `fileno` and a `close`."""
        self._port, self._monotonic = port, monotonic
        self.heard_at: float | None = None  # when the last byte came after a command was sent
        self._file: int = port.fileno()
        os.set_blocking(self._file, False)
        self._byte_seconds = BITS_A_BYTE / baud
        self._framer = OsdpFramer()
        self._frames: deque[Frame] = deque()

    @classmethod
    def open(cls, path: str, baud: int) -> "Wire":
        """Raises OSError; `why_not_open` gives the problem code."""
        if virtual_port.is_astray(path):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        port = serial.Serial(path, baud, timeout=0, exclusive=True)
        with contextlib.suppress(Exception):  # FTDI chips collect bytes for 16 ms by default
            port.set_low_latency_mode(True)
        return cls(port, baud)

    def fileno(self) -> int:
        return self._file

    @property
    def damaged(self) -> int:
        return self._framer.damaged

    @property
    def is_silent(self) -> bool:
        """Nothing came since the last flush that is not processed yet."""
        return self._framer.is_empty and not self._frames

    @property
    def is_garbled(self) -> bool:
        """More came than the idle line's marks and breaks: a reader at another speed, or another device."""
        return self._framer.is_garbled

    @property
    def has_frame(self) -> bool:
        return bool(self._frames)

    def seconds_for(self, size: int) -> float:
        """How long `size` bytes take on the line."""
        return size * self._byte_seconds

    def pump(self) -> None:
        """Read what has come. Only `select` distinguishes an idle terminal from an unplugged one."""
        if select.select([self._file], [], [], 0)[0]:
            if not (data := os.read(self._file, 4096)):
                raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
            self.heard_at = self._monotonic()
            self._frames.extend(self._framer.feed(data))
            while len(self._frames) > 16:  # a flood: an answer is one frame
                self._frames.popleft()

    def next_frame(self) -> Frame | None:
        return self._frames.popleft() if self._frames else None

    def send(self, data: bytes) -> int:
        try:
            return os.write(self._file, data)
        except BlockingIOError:
            return 0

    def flush(self) -> None:
        """Drop everything that came before a command was sent: it can't be its answer."""
        for _ in range(_FLOOD):
            self.heard_at = None
            self.pump()
            if self.heard_at is None:
                break
        self._frames.clear()
        self._framer.reset()

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self._port.close()


def why_not_open(error: OSError) -> ProblemCode:
    """Why `Wire.open` failed. pyserial gives some reasons in its text only."""
    text = str(error)
    if "exclusively lock" in text:
        return ProblemCode.LINE_BUSY
    if error.errno == errno.ENOENT or "No such file" in text:
        return ProblemCode.LINE_NOT_THERE
    if error.errno == errno.EACCES:
        return ProblemCode.LINE_NO_PERMISSION
    return ProblemCode.LINE_NOT_SERIAL
