"""Parses a SUN message from the bytes of an NDEF message, which are hostile until the door verifies the MAC.
Pure.

The message is one URI record. Its parameters are named as in NXP's AN12196 (`e`, `c`) or as in the open
sdm-backend (`picc_data`, `cmac`, `uid`, `ctr`); others are ignored.
"""

from dataclasses import dataclass

from firmware_bridge.nfc.sun_mac import COUNTER_BYTES, ENCRYPTED_BYTES, MAC_BYTES, UID_BYTES

LONGEST = 512  # the card's NDEF file has 256
_URI = b"U"
_WELL_KNOWN, _SHORT, _WITH_ID, _CHUNKED = 0x01, 0x10, 0x08, 0x20


@dataclass(frozen=True)
class SunMessage:
    """`sun_data` is UID and counter, ten bytes, or sixteen encrypted; `mac` may prove them."""

    sun_data: bytes
    mac: bytes


def parse_sun_message(ndef: bytes) -> SunMessage | None:
    """None if the message is invalid or holds something else."""
    text = _uri(ndef)
    query = None if text is None else _query(text)
    if query is None:
        return None
    mac = _bytes(query, MAC_BYTES, "c", "cmac")
    sun_data = _bytes(query, ENCRYPTED_BYTES, "e", "picc_data")
    if sun_data is None:
        uid, counter = _bytes(query, UID_BYTES, "uid"), _bytes(query, COUNTER_BYTES, "ctr")
        sun_data = None if uid is None or counter is None else uid + counter
    return None if sun_data is None or mac is None else SunMessage(sun_data, mac)


def _uri(ndef: bytes) -> str | None:
    """Return the text behind the prefix byte of the first record."""
    if not 3 <= len(ndef) <= LONGEST or ndef[0] & 0x07 != _WELL_KNOWN or ndef[0] & _CHUNKED:
        return None
    at = 3 if ndef[0] & _SHORT else 6
    length, id_bytes = int.from_bytes(ndef[2:at], "big"), 0
    if ndef[0] & _WITH_ID:
        id_bytes, at = (ndef[at] if at < len(ndef) else 0), at + 1
    kind, begins = ndef[at : at + ndef[1]], at + ndef[1] + id_bytes
    payload = ndef[begins : begins + length]
    if kind != _URI or len(payload) != length or not payload:
        return None
    try:
        return payload[1:].decode("ascii")
    except UnicodeDecodeError:
        return None


def _query(text: str) -> dict[str, str] | None:
    """None if a name appears twice: the right one can't be known."""
    found: dict[str, str] = {}
    for part in text.partition("?")[2].partition("#")[0].split("&"):
        name, _, value = part.partition("=")
        if name in found:
            return None
        found[name] = value
    return found


def _bytes(query: dict[str, str], size: int, *names: str) -> bytes | None:
    value = next((query[name] for name in names if name in query), "")
    if len(value) != 2 * size or any(digit not in "0123456789ABCDEFabcdef" for digit in value):
        return None
    return bytes.fromhex(value)
