"""A virtual NTAG 424 DNA card, as far as a reader at a door uses one: a new SUN message at each reading.

ISO/IEC 14443-4 without CID and NAD; selecting its NDEF application and files, and reading them (ISO/IEC
7816-4), as in its data sheet (NT4H2421Gx). Its keys can't be changed here.
"""

import os
from collections.abc import Callable

from firmware_bridge.nfc import sun_mac
from firmware_bridge.simulator.air import Frame
from firmware_bridge.simulator.faces import TypeAFace

URL = "genkan.example/b?"
_ATS = bytes.fromhex("067777710280")  # frames of 128 bytes from the reader
_CONTAINER = bytes.fromhex("001720010000FF0406E104010000000506E10500808283")
_APPLICATION = bytes.fromhex("D2760000850101")
_CONTAINER_FILE, _NDEF_FILE = b"\xe1\x03", b"\xe1\x04"
_RATS, _DESELECT = 0xE0, 0xC2
_DONE, _NO_FILE, _NO_COMMAND = b"\x90\x00", b"\x6a\x82", b"\x6d\x00"
_FRAME_SIZES = (16, 24, 32, 40, 48, 64, 96, 128, 256)
_BLOCK_OVERHEAD = 3  # its own byte and two of a checksum
HTTPS = b"\x04"


def ndef_file(url: str) -> bytes:
    """Return the file with one URI record, `url` without its https://."""
    payload = HTTPS + url.encode("ascii")
    record = bytes([0xD1, 1, len(payload)]) + b"U" + payload
    return len(record).to_bytes(2, "big") + record


class Type4Face(TypeAFace):
    """Any Type 4 card; it calls `message` for its NDEF file each time that file is selected."""

    def __init__(self, uid: str, message: Callable[[], bytes]) -> None:
        super().__init__(uid)
        self._message = message
        self._begin()

    def _begin(self) -> None:
        self._active = False
        self._rest = b""  # of a long answer
        self._last: bytes | None = None
        self._room = _FRAME_SIZES[0]
        self._file = b""
        self._application = self._unread = False

    def power_up(self) -> None:
        self._begin()

    def answer(self, bitrate: str, command: bytes) -> Frame | None:
        if bitrate != "106A" or not command:
            return None
        if command in (b"\x26", b"\x52"):  # the virtual reader has no field to switch off
            self._begin()
        if not self._active and command[0] != _RATS:
            frame = super().answer(bitrate, command)
            is_last = frame is not None and frame[1] == b"\x00"
            return (bitrate, b"\x20") if is_last else frame
        answer = self._activated(command)
        if answer is None:
            return None
        self._last = answer
        return bitrate, answer

    def _activated(self, command: bytes) -> bytes | None:
        if command[0] == _RATS:
            if self._active or len(command) != 2:
                return None
            self._active = True
            self._room = _FRAME_SIZES[min(command[1] >> 4, 8)] - _BLOCK_OVERHEAD
            return _ATS
        if command[0] == _DESELECT:
            self._begin()
            return bytes([_DESELECT])
        if command[0] & 0xF6 == 0xB2:  # not received: once more
            return self._last
        if command[0] & 0xF6 == 0xA2:
            return self._next(command[0] & 1)
        if command[0] & 0xFE != 0x02:
            return None
        self._rest = self._apdu(command[1:])
        return self._next(command[0] & 1)

    def _next(self, number: int) -> bytes:
        now, self._rest = self._rest[: self._room], self._rest[self._room :]
        return bytes([0x02 | number | (0x10 if self._rest else 0)]) + now

    def _apdu(self, apdu: bytes) -> bytes:
        match tuple(apdu[1:3]):
            case (0xA4, 0x04):
                self._application = apdu[5 : 5 + apdu[4]] == _APPLICATION
                return _DONE if self._application else _NO_FILE
            case (0xA4, 0x00) if self._application:
                self._file, self._unread = b"", apdu[5:7] == _NDEF_FILE
                if apdu[5:7] == _CONTAINER_FILE:
                    self._file = _CONTAINER
                return _DONE if self._file or self._unread else _NO_FILE
            case (0xB0, _) if self._file or self._unread:
                if self._unread:  # the counter rises once, at the first reading after the file is selected
                    self._file, self._unread = self._message(), False
                at = int.from_bytes(apdu[2:4], "big")
                return self._file[at : at + (apdu[4] or 256)] + _DONE
        return _NO_COMMAND


class Ntag424Face(Type4Face):
    """A card with its own key for SUN messages. `counter` counts its readings; `kept` is called with each new
    value.
    """

    def __init__(
        self,
        uid: str,
        key: bytes,
        counter: int = 0,
        encrypted: bool = False,
        kept: Callable[[int], object] = lambda counter: None,
    ) -> None:
        super().__init__(uid, self._read)
        self.key, self.counter, self._encrypted, self._kept = key, counter, encrypted, kept

    def _read(self) -> bytes:
        self.counter += 1
        self._kept(self.counter)
        return ndef_file(self.url())

    def url(self) -> str:
        """The URL of the newest reading."""
        query = f"uid={self.uid.hex().upper()}&ctr={self.counter:06X}"
        if self._encrypted:
            picc = sun_mac.encrypted(self.key, self.uid, self.counter, os.urandom(5))
            query = f"e={picc.hex().upper()}"
        return f"{URL}{query}&c={sun_mac.mac(self.key, self.uid, self.counter).hex().upper()}"


class RecordedFace(Type4Face):
    """Hostile: another card with the UID of a badge, which repeats an old message of that badge."""

    def __init__(self, uid: str, url: str) -> None:
        super().__init__(uid, lambda: ndef_file(url))
