"""The frames between a host and a PN532 on a serial line (PN532 User Manual UM0701-02, section 6.2.1).

Written for the chip's side of the line: it parses the host's frames and builds the chip's.
"""

from enum import Enum

_START = b"\x00\xff"
_EXTENDED = b"\xff\xff"
MAX_DATA = 265
ACK = bytes.fromhex("0000FF00FF00")
APPLICATION_ERROR = bytes.fromhex("0000FF01FF7F8100")  # "syntax error": no such command, or wrong parameters


class Control(Enum):
    ACK = b"\x00\xff"
    NACK = b"\xff\x00"


def information(data: bytes) -> bytes:
    """`data` begins with the direction byte, D4 from the host and D5 to it."""
    if len(data) < 256:
        head = bytes((len(data), -len(data) & 0xFF))
    else:
        size = len(data).to_bytes(2, "big")
        head = _EXTENDED + size + bytes((-sum(size) & 0xFF,))
    return b"\x00" + _START + head + data + bytes((-sum(data) & 0xFF, 0))


class Pn532Framer:
    """Bytes in any slices; `woken` counts those before a frame's start code, which wake a chip up."""

    def __init__(self) -> None:
        self._held = bytearray()
        self.woken = 0

    def feed(self, data: bytes) -> list[bytes | Control]:
        """Return whole frames with correct checksums; ignore anything else, as the chip does."""
        self._held += data
        found: list[bytes | Control] = []
        while (start := self._held.find(_START)) >= 0:
            self.woken += start
            del self._held[:start]
            frame, size = self._first()
            if size == 0:
                return found
            del self._held[:size]
            if frame is not None:
                found.append(frame)
        keep = 1 if self._held.endswith(b"\x00") else 0
        self.woken += len(self._held) - keep
        del self._held[: len(self._held) - keep]
        return found

    def _first(self) -> tuple[bytes | Control | None, int]:
        """Return the frame at the start and how many bytes to remove; 0 if more must come."""
        held = bytes(self._held)
        if len(held) < 4:
            return None, 0
        code = held[2:4]
        if code in (Control.ACK.value, Control.NACK.value):
            return Control(code), 4
        if code != _EXTENDED:
            size, at, sound = held[2], 4, sum(code) & 0xFF == 0
        elif len(held) < 7:
            return None, 0
        else:
            size, at, sound = int.from_bytes(held[4:6], "big"), 7, sum(held[4:7]) & 0xFF == 0
        if not sound or size > MAX_DATA:
            return None, len(_START)
        if len(held) < at + size + 1:
            return None, 0
        data = held[at : at + size + 1]
        return (data[:-1] if sum(data) & 0xFF == 0 else None), at + size + 1
