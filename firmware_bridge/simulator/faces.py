"""A card's answers, one face for each technology: one command in, one answer or none out."""

from functools import reduce
from operator import xor
from typing import Protocol

from firmware_bridge.simulator.air import Frame


class Face(Protocol):
    @property
    def was_read(self) -> bool:
        """The reader has received the whole number."""
        ...

    def power_up(self) -> None:
        """The card enters a field."""

    def answer(self, bitrate: str, command: bytes) -> Frame | None: ...


class FelicaFace:
    """A FeliCa card: answers SENSF_REQ (polling) with IDm, PMm and, if requested, the system code."""

    def __init__(self, idm: str, system_code: bytes = b"\x88\xb4") -> None:
        self.idm = _number(idm, (8,), "an IDm", "16")
        self.pmm = bytes.fromhex("00F0000000000000")
        self.system_code = system_code
        self.was_read = False

    def power_up(self) -> None:
        pass

    def answer(self, bitrate: str, command: bytes) -> Frame | None:
        if bitrate not in ("212F", "424F") or len(command) != 6 or command[:2] != b"\x06\x00":
            return None
        if not all(w in (0xFF, own) for w, own in zip(command[2:4], self.system_code, strict=True)):
            return None
        answer = b"\x01" + self.idm + self.pmm + (self.system_code if command[4] == 1 else b"")
        self.was_read = True
        return bitrate, bytes([len(answer) + 1]) + answer


class TypeAFace:
    """An ISO 14443-3 Type A card with a UID of 4, 7 or 10 bytes: SENS, SDD and SEL for each cascade level."""

    def __init__(self, uid: str) -> None:
        self.uid = _number(uid, (4, 7, 10), "a UID", "8, 14 or 20")
        parts, rest = [], self.uid
        while len(rest) > 4:
            parts.append(b"\x88" + rest[:3])  # the cascade tag: more follows
            rest = rest[3:]
        self.levels = [part + bytes([reduce(xor, part)]) for part in [*parts, rest]]
        self.was_read = False

    def power_up(self) -> None:
        pass

    def answer(self, bitrate: str, command: bytes) -> Frame | None:
        if bitrate != "106A":
            return None
        if command in (b"\x26", b"\x52"):
            self.was_read = False  # the reader starts again because it missed an answer
            return bitrate, bytes([(0x04, 0x44, 0x84)[len(self.levels) - 1], 0x00])
        level = {0x93: 0, 0x95: 1, 0x97: 2}.get(command[0]) if len(command) >= 2 else None
        if level is None or level >= len(self.levels):
            return None
        if command[1:] == b"\x20":
            return bitrate, self.levels[level]
        if command[1:] == b"\x70" + self.levels[level]:
            last = level == len(self.levels) - 1
            self.was_read = self.was_read or last
            return bitrate, b"\x00" if last else b"\x04"
        return None


def _number(text: str, sizes: tuple[int, ...], what: str, digits: str) -> bytes:
    try:
        number = bytes.fromhex(text)
    except ValueError:
        number = b""
    if len(number) not in sizes:
        raise ValueError(f"{text[:40]!r} is not {what}; write {digits} hexadecimal digits.")
    return number
