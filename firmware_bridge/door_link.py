"""The two pipes to the door process. Sending never blocks; `hear` waits no longer than its argument."""

import os
import select

from firmware_bridge.lines import LineBuffer
from firmware_bridge.messages import BadMessage, FromBridge, ToBridge, decode_to_bridge, encode


class DoorLink:
    def __init__(self, out_fd: int, in_fd: int) -> None:
        self._out_fd, self._in_fd = out_fd, in_fd
        self._lines = LineBuffer()
        self.closed = False
        self.bad_lines = 0

    def send(self, message: FromBridge) -> bool:
        """Return False if the pipe is full (the door has not read for long) or closed.

        A pipe that `select` reports writable accepts a whole page, so a line goes in whole or not at all.
        """
        if self.closed or not select.select([], [self._out_fd], [], 0)[1]:
            return False
        try:
            os.write(self._out_fd, encode(message))
        except BrokenPipeError:
            self.closed = True
            return False
        return True

    def hear(self, seconds: float, beside: int | None = None) -> list[ToBridge]:
        """Return the door's messages; waits up to `seconds` for one, or until `beside` is readable."""
        watched = [self._in_fd] if beside is None else [self._in_fd, beside]
        if self.closed or self._in_fd not in select.select(watched, [], [], max(0.0, seconds))[0]:
            return []
        data = os.read(self._in_fd, 4096)
        if not data:
            self.closed = True
        heard: list[ToBridge] = []
        for line in self._lines.feed(data):
            try:
                heard.append(decode_to_bridge(line))
            except BadMessage:
                self.bad_lines += 1
        return heard
