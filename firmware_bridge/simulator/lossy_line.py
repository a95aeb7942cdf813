"""A faulty line: it delays, drops, slices and garbles what passes. Time and chance are arguments.

Its code must meet the standard of a driver, because every claim about recovery rests on it. One `Lane` for
each direction.
"""

import heapq
import random
from dataclasses import dataclass

BITS_A_BYTE = 10


@dataclass(frozen=True)
class Fault:
    """What the line does. Chances are 0 to 1; `loss` is of whole messages, `noise` of single bits."""

    baud: int | None = None  # None: no time passes on the line
    loss: float = 0.0
    noise: float = 0.0
    delay_seconds: float = 0.0
    byte_by_byte: bool = False


PERFECT = Fault()


class Lane:
    def __init__(self, fault: Fault, chance: random.Random) -> None:
        self.fault, self._chance = fault, chance
        self._under_way: list[tuple[float, int, bytes]] = []
        self._free_at = 0.0
        self._count = 0
        self.lost = self.flipped = 0

    def add(self, data: bytes, now: float) -> None:
        """Send a message; it needs its time behind the messages in transit."""
        fault = self.fault
        if fault.loss and self._chance.random() < fault.loss:
            self.lost += 1
            return
        data = self._garbled(data)
        byte_seconds = BITS_A_BYTE / fault.baud if fault.baud else 0.0
        start = max(now, self._free_at)
        self._free_at = start + byte_seconds * len(data)
        if fault.byte_by_byte:
            for index in range(len(data)):
                at = start + byte_seconds * (index + 1)
                self._deliver(at + fault.delay_seconds, data[index : index + 1])
        else:
            self._deliver(self._free_at + fault.delay_seconds, data)

    def due(self, now: float) -> list[bytes]:
        """Return what has arrived by now, in its pieces."""
        arrived = []
        while self._under_way and self._under_way[0][0] <= now:
            arrived.append(heapq.heappop(self._under_way)[2])
        return arrived

    @property
    def next_at(self) -> float | None:
        return self._under_way[0][0] if self._under_way else None

    def _deliver(self, at: float, data: bytes) -> None:
        self._count += 1
        heapq.heappush(self._under_way, (at, self._count, data))

    def _garbled(self, data: bytes) -> bytes:
        if not self.fault.noise:
            return data
        garbled = bytearray(data)
        for bit in range(8 * len(data)):
            if self._chance.random() < self.fault.noise:
                garbled[bit // 8] ^= 1 << bit % 8
                self.flipped += 1
        return bytes(garbled)
