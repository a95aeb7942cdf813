"""OSDP frames: cuts bytes from the line into whole, undamaged frames, and reads what needs no key.

libosdp's Python build forgets a frame that is not complete by the next refresh (3.2.9 keeps its ring buffer
in a union with another receive path), and disables a reader for 300 s when one byte was damaged. So we cut
the frames here, drop damaged ones like silence, and pass only whole frames to the library.
"""

from binascii import crc_hqx
from dataclasses import dataclass

MARK, START = 0xFF, 0x53
MAX_FRAME = 255  # libosdp holds 256 bytes with the mark
_HEADER = 5
_LEAST = _HEADER + 2  # an id and a checksum
_CRC_FROM = 0x1D0F
_SEQUENCE, _USES_CRC, _SECURED = 0x03, 0x04, 0x08

POLL, ID, CAPABILITIES, LOCAL_STATUS, OUTPUT, LED, BUZZER, TEXT = (
    0x60,
    0x61,
    0x62,
    0x64,
    0x68,
    0x69,
    0x6A,
    0x6B,
)
KEY_SET, CHALLENGE, CRYPTOGRAM = 0x75, 0x76, 0x77
ACK, NAK, ID_REPORT, CAPABILITIES_REPORT = 0x40, 0x41, 0x45, 0x46
CLIENT_CRYPTOGRAM, INITIAL_MAC, BUSY = 0x76, 0x78, 0x79
REFUSED_RECORD = 9  # a NAK code on which the library does not act


@dataclass(frozen=True)
class Frame:
    """One whole frame, without the mark before it. `security` is None in the clear, otherwise the block's
    type: 0x11 to 0x14 are the handshake, 0x15 to 0x18 have a MAC.
    """

    raw: bytes
    address: int
    is_reply: bool
    sequence: int
    security: int | None
    id: int

    def __repr__(self) -> str:
        """Without the data: they may be a card number or a key."""
        return f"Frame(address={self.address}, id=0x{self.id:02X}, {len(self.raw)} bytes)"


def parse(raw: bytes) -> Frame | None:
    """Return the frame; None unless `raw` is exactly one frame with a correct check."""
    if len(raw) < _LEAST or raw[0] != START or raw[2] | raw[3] << 8 != len(raw):
        return None
    control = raw[4]
    check = 2 if control & _USES_CRC else 1
    if _check(raw[:-check], check) != raw[-check:]:
        return None
    at, security = _HEADER, None
    if control & _SECURED:
        size = raw[_HEADER]
        if size < 2:
            return None
        at, security = _HEADER + size, raw[_HEADER + 1]
    mac = 4 if security is not None and security > 0x14 else 0
    if at >= len(raw) - check - mac:
        return None
    return Frame(
        raw=raw,
        address=raw[1] & 0x7F,
        is_reply=bool(raw[1] & 0x80),
        sequence=control & _SEQUENCE,
        security=security,
        id=raw[at],
    )


def refusal(address: int, sequence: int) -> bytes:
    """A reader's refusal (NAK), in the clear."""
    body = bytes([START, address | 0x80, 9, 0, sequence | _USES_CRC, NAK, REFUSED_RECORD])
    return body + _check(body, 2)


def _check(data: bytes, size: int) -> bytes:
    if size == 2:
        return crc_hqx(data, _CRC_FROM).to_bytes(2, "little")
    return bytes([-sum(data) & 0xFF])


class OsdpFramer:
    """`feed` takes bytes as they come and returns whole frames. Never holds more than one."""

    def __init__(self) -> None:
        self._held = bytearray()
        self.damaged = 0

    @property
    def is_empty(self) -> bool:
        """Nothing came since the last whole frame, neither a part of one nor noise."""
        return not self._held

    @property
    def is_garbled(self) -> bool:
        """Holds more than marks and breaks, which any line may have when its direction turns."""
        return bool(self._held.strip(b"\x00\xff"))

    def feed(self, data: bytes) -> list[Frame]:
        self._held += data
        found: list[Frame] = []
        while (start := self._held.find(START)) >= 0:
            size = self._size(start)
            if size is None:  # the rest has not arrived yet
                break
            frame = parse(bytes(self._held[start : start + size]))
            if frame is None:  # a start byte may occur anywhere: search for the next one
                self.damaged += 1
                del self._held[: start + 1]
                continue
            found.append(frame)
            del self._held[: start + size]
        del self._held[: -MAX_FRAME - 1]
        return found

    def reset(self) -> None:
        self._held.clear()

    def _size(self, start: int) -> int | None:
        """The size of the frame that begins there; None while it is incomplete, 1 if it can't be a frame."""
        held = len(self._held) - start
        if held < 4:
            return None
        size = self._held[start + 2] | self._held[start + 3] << 8
        if not _LEAST <= size <= MAX_FRAME:
            return 1
        return size if held >= size else None
