"""Splits bytes into lines, however the pipe slices them; never holds more than one line."""

from firmware_bridge.messages import MAX_LINE


class LineBuffer:
    """`feed` takes bytes as read and returns whole lines, each with its newline.

    A line longer than MAX_LINE is dropped up to its newline and counted; the next line is read normally.
    """

    def __init__(self) -> None:
        self.dropped = 0
        self._held = b""
        self._skipping = False

    def feed(self, data: bytes) -> list[bytes]:
        lines: list[bytes] = []
        start = 0
        while (end := data.find(b"\n", start)) >= 0:
            self._close(data[start : end + 1], lines)
            start = end + 1
        self._hold(data[start:])
        return lines

    def _close(self, tail: bytes, lines: list[bytes]) -> None:
        if self._skipping or len(self._held) + len(tail) > MAX_LINE:
            self.dropped += 1
        else:
            lines.append(self._held + tail)
        self._held, self._skipping = b"", False

    def _hold(self, rest: bytes) -> None:
        if self._skipping:
            return
        if len(self._held) + len(rest) >= MAX_LINE:  # no newline can make it fit any more
            self._held, self._skipping = b"", True
        else:
            self._held += rest
