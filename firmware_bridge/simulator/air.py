"""The frames nfcpy's UDP device sends through the "air": a bit rate and hex bytes, with a space between."""

Frame = tuple[str, bytes]


def to_datagram(bitrate: str, data: bytes) -> bytes:
    return f"{bitrate} {data.hex()}".encode("ascii")


def from_datagram(datagram: bytes) -> Frame | None:
    """None for RFOFF (the reader switched the field off) and for anything that is not a frame."""
    words = datagram.split()
    if len(words) != 2:
        return None
    try:
        return words[0].decode("ascii"), bytes.fromhex(words[1].decode("ascii"))
    except ValueError:
        return None


def address(text: str) -> tuple[str, int]:
    """HOST:PORT; raises ValueError with a sentence."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError(f"{text!r} is not an address; write HOST:PORT, for example 127.0.0.1:54321.")
    return host, int(port)
