"""Cards that pretend to be another FeliCa Lite-S, and pairs that disturb each other.

Each is a Face around real ones, so that only the one thing its name gives is wrong with it.
"""

import random
from collections.abc import Sequence

from firmware_bridge.nfc.lite_s_blocks import BLOCK_BYTES, MAC_A, READ
from firmware_bridge.simulator.air import Frame
from firmware_bridge.simulator.faces import Face
from firmware_bridge.simulator.lite_s import LiteSFace

_POLLING = 0
_IDM = slice(2, 10)


class _Around:
    def __init__(self, face: Face) -> None:
        self.face = face

    @property
    def was_read(self) -> bool:
        return self.face.was_read

    def power_up(self) -> None:
        self.face.power_up()


class WrongMac(_Around):
    """One bit of MAC_A is wrong, in every answer that has one."""

    def answer(self, bitrate: str, command: bytes) -> Frame | None:
        frame = self.face.answer(bitrate, command)
        if frame is None or command[1] != READ or command[-1] != MAC_A or len(frame[1]) < 13 + BLOCK_BYTES:
            return frame
        at = len(frame[1]) - BLOCK_BYTES
        return bitrate, frame[1][:at] + bytes([frame[1][at] ^ 1]) + frame[1][at + 1 :]


class LeavingCard(_Around):
    """Leaves the field after `steps` commands: answers no polling either."""

    def __init__(self, face: Face, steps: int) -> None:
        super().__init__(face)
        self._left = steps

    def answer(self, bitrate: str, command: bytes) -> Frame | None:
        if self._left < 0:
            return None
        if bitrate.endswith("F") and command[1:2] != b"\0":
            self._left -= 1
        return self.face.answer(bitrate, command) if self._left >= 0 else None


class Silent(_Around):
    """Answers polling, then `steps` commands, and nothing more."""

    def __init__(self, face: Face, steps: int) -> None:
        super().__init__(face)
        self._left = steps

    def answer(self, bitrate: str, command: bytes) -> Frame | None:
        if command[1:2] != b"\0":
            if self._left <= 0:
                return None
            self._left -= 1
        return self.face.answer(bitrate, command)


class Spliced(_Around):
    """Shows another card's number, in polling and around every answer; its own card does the rest.

    `in_the_block`: it also puts that number into the ID block of its answers.
    """

    def __init__(self, shown_idm: bytes, own: LiteSFace, in_the_block: bool = False) -> None:
        super().__init__(own)
        self._shown_idm, self._own, self._in_the_block = shown_idm, own.memory.idm, in_the_block

    def answer(self, bitrate: str, command: bytes) -> Frame | None:
        if len(command) >= 10 and command[1] != _POLLING:
            if command[_IDM] != self._shown_idm:
                return None
            command = command[:2] + self._own + command[10:]
        frame = self.face.answer(bitrate, command)
        if frame is None:
            return None
        answer = frame[1][:2] + self._shown_idm + frame[1][10:]
        return bitrate, answer.replace(self._own, self._shown_idm) if self._in_the_block else answer


class Replayed(_Around):
    """Repeats the answers of a recorded exchange, in their order, to any commands."""

    def __init__(self, face: Face, answers: Sequence[bytes]) -> None:
        super().__init__(face)
        self._answers = list(answers)

    def answer(self, bitrate: str, command: bytes) -> Frame | None:
        if command[1:2] == b"\0":
            return self.face.answer(bitrate, command)
        return (bitrate, self._answers.pop(0)) if self._answers else None


class Pair:
    """Two cards in one field: polling is answered by either, by both (unreadable), or by none; a command by
    the card it names.
    """

    def __init__(self, one: Face, other: Face, chance: random.Random) -> None:
        self._faces, self._chance = (one, other), chance

    @property
    def was_read(self) -> bool:
        return any(face.was_read for face in self._faces)

    def power_up(self) -> None:
        for face in self._faces:
            face.power_up()

    def answer(self, bitrate: str, command: bytes) -> Frame | None:
        answers = [frame for face in self._faces if (frame := face.answer(bitrate, command)) is not None]
        if len(answers) < 2:
            return answers[0] if answers else None
        case = self._chance.randrange(4)
        if case < 2:
            return answers[case]
        if case == 2:
            return None
        mixed = bytes(self._chance.choice(pair) for pair in zip(answers[0][1], answers[1][1], strict=False))
        return bitrate, mixed


class Garbled(_Around):
    """Answers polling; its other answers are cut, lengthened, flipped, invented or those of another command.
    The same `chance` produces the same answers.
    """

    def __init__(self, face: Face, chance: random.Random) -> None:
        super().__init__(face)
        self._chance, self._before = chance, b""

    def answer(self, bitrate: str, command: bytes) -> Frame | None:
        frame = self.face.answer(bitrate, command)
        if command[1:2] == b"\0":
            return frame
        honest = b"" if frame is None else frame[1]
        garbled = self._garble(honest)
        self._before = honest
        return bitrate, garbled

    def _garble(self, honest: bytes) -> bytes:
        chance = self._chance
        match chance.randrange(6):
            case 0:
                return honest[: chance.randrange(len(honest) + 1)]
            case 1:
                return honest + chance.randbytes(chance.randrange(1, 300))
            case 2:
                mutated = bytearray(honest or b"\0")
                mutated[chance.randrange(len(mutated))] ^= 1 << chance.randrange(8)
                return bytes(mutated)
            case 3:
                return chance.randbytes(chance.randrange(280))
            case 4:
                return honest[:10] + chance.randbytes(max(0, len(honest) - 10))
        return self._before or honest
