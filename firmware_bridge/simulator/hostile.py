"""A card that answers as no card should: the NFC stack and the bridge must survive all of it.

The same `chance` produces the same answers, so a failing case can be repeated.
"""

import random
from collections.abc import Callable

from firmware_bridge.simulator.air import from_datagram, to_datagram
from firmware_bridge.simulator.card import VirtualCard
from firmware_bridge.simulator.faces import FelicaFace, TypeAFace

_SILENCE = 0.003  # share of all answers; each costs the reader a whole empty poll


class HostileCard(VirtualCard):
    """Wrong lengths, flipped bits, garbage, invalid frames, floods, and sometimes silence."""

    def __init__(self, reader: tuple[str, int], chance: random.Random) -> None:
        self._felica, self._type_a = FelicaFace("0101031284C0FFEE"), TypeAFace("04112233445566")
        super().__init__(reader, self._felica, away_seconds=0.0)
        self._chance = chance
        self._tricks: list[Callable[[str, bytes], list[bytes]]] = [
            self._cut,
            self._lengthened,
            self._flipped,
            self._random_bytes,
            self._lying_length,
            self._no_frame,
            self._flood,
        ]
        self.answered = 0

    def answers(self, datagram: bytes) -> list[bytes]:
        frame = from_datagram(datagram)
        if frame is None or self._chance.random() < _SILENCE:
            return []
        bitrate, command = frame
        honest = (self._type_a if bitrate == "106A" else self._felica).answer(bitrate, command)
        answers = self._chance.choice(self._tricks)(bitrate, honest[1] if honest else b"")
        self.answered += 1
        return answers

    def _cut(self, bitrate: str, honest: bytes) -> list[bytes]:
        return [to_datagram(bitrate, honest[: self._chance.randrange(len(honest) + 1)])]

    def _lengthened(self, bitrate: str, honest: bytes) -> list[bytes]:
        return [to_datagram(bitrate, honest + self._chance.randbytes(self._chance.randrange(1, 300)))]

    def _flipped(self, bitrate: str, honest: bytes) -> list[bytes]:
        mutated = bytearray(honest or b"\x00")
        mutated[self._chance.randrange(len(mutated))] ^= 1 << self._chance.randrange(8)
        return [to_datagram(bitrate, bytes(mutated))]

    def _random_bytes(self, bitrate: str, _: bytes) -> list[bytes]:
        return [to_datagram(bitrate, self._chance.randbytes(self._chance.randrange(40)))]

    def _lying_length(self, bitrate: str, honest: bytes) -> list[bytes]:
        """A first byte (FeliCa's length) that agrees with the frame, over a body of any size."""
        body = self._chance.randbytes(self._chance.randrange(1, 30))
        return [to_datagram(bitrate, bytes([len(body) + 2, 1]) + body)]

    def _no_frame(self, bitrate: str, honest: bytes) -> list[bytes]:
        return [
            self._chance.choice(
                [
                    b"",
                    b"RFOFF",
                    b"\xff\xfe \x00",
                    bitrate.encode("ascii"),
                    bitrate.encode("ascii") + b" zz",
                    bitrate.encode("ascii") + b" 123",
                    b"999Z " + honest.hex().encode("ascii"),
                    b"a b c d",
                    self._chance.randbytes(self._chance.randrange(1500)),
                ]
            )
        ]

    def _flood(self, bitrate: str, honest: bytes) -> list[bytes]:
        return [to_datagram(bitrate, self._chance.randbytes(20)) for _ in range(20)]
