"""What a receiver gets from bytes on a serial line whose two ends have different speeds. Pure."""

import termios
from math import ceil

# By the constant of termios(3); OSDP's speeds and those of a PN532 are among them.
BAUD_OF = {
    getattr(termios, f"B{baud}"): baud
    for baud in (9600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 921_600)
}


def misheard(data: bytes, sent: int, heard: int) -> bytes:
    """`data`, sent at `sent` baud without a pause, as a receiver at `heard` baud reads it: 8 bits, no parity.

    0 is an unknown speed, which only the same unknown speed understands.
    """
    if sent == heard:
        return data
    if 0 in (sent, heard):
        return b""
    line = [bit for byte in data for bit in (0, *(byte >> place & 1 for place in range(8)), 1)]
    step = sent / heard  # of the sender's bits, for one of the receiver's
    found = bytearray()
    at = 0.0
    while (start := _falls(line, at)) is not None:
        bits = [_level(line, start + step * (1.5 + place)) for place in range(9)]
        if bits.pop():  # else no stop bit: a receiver drops the byte
            found.append(sum(bit << place for place, bit in enumerate(bits)))
        at = start + step * 9.5
    return bytes(found)


def _falls(line: list[int], at: float) -> int | None:
    """Where the next start bit begins: the idle line goes low."""
    return next((i for i in range(ceil(at), len(line)) if not line[i] and (i == 0 or line[i - 1])), None)


def _level(line: list[int], at: float) -> int:
    return line[int(at)] if at < len(line) else 1
