"""A card read by an OSDP reader, as a number: its bits, and how many there are.

The reader decides what the bits mean. The same card is 26 bits behind one reader, its UID forwards behind
another and backwards behind a third, and 32, 56, 64 or 80 bits may be a UID or not. So a number read over
OSDP is a kind of its own, never the FeliCa or Type A number of the same length.
"""

from collections.abc import Mapping
from typing import Any

KIND = "wiegand"
LEAST_BITS, MOST_BITS = 26, 128
_RAW_FORMATS = (0, 1)  # unspecified, and Wiegand with parity; text formats are not card numbers


def number_of(event: Mapping[str, Any]) -> str | None:
    """Upper-case hex: one byte with the count of bits, then the bits as a whole number, in as few bytes as
    hold that many. None if it is not a card number we accept.
    """
    bits, data = event.get("length"), event.get("data")
    if event.get("format") not in _RAW_FORMATS or not isinstance(bits, int) or not isinstance(data, bytes):
        return None
    if not LEAST_BITS <= bits <= MOST_BITS or len(data) != (bits + 7) // 8:
        return None
    padding = 8 * len(data) - bits  # fills up the last byte
    value = int.from_bytes(data, "big") >> padding
    return f"{bits:02X}{value:0{2 * len(data)}X}"


class Reads:
    """A card that lies on the reader and is read repeatedly is one presentation. Pure: time is passed in."""

    SAME_MS = 500

    def __init__(self) -> None:
        self._last: tuple[str, int] | None = None

    def is_new(self, number: str, now_ms: int) -> bool:
        last, self._last = self._last, (number, now_ms)
        return last is None or last[0] != number or now_ms - last[1] >= self.SAME_MS
