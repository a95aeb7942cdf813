"""PINs: what is stored of one, what the log says of a try, and which PINs are taken at all."""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

MOST_DIGITS = 12
LEAST_DIGITS = 4
CODES_PER_HOLDER = 1000  # IEC 60839-11-1


@dataclass(frozen=True)
class StoredPin:
    """Keyed hashes, and how many digits each had."""

    hash: bytes = field(repr=False)
    digits: int
    duress_hash: bytes | None = field(default=None, repr=False)
    duress_digits: int | None = None
    set_utc: datetime | None = field(default=None, compare=False)  # as the registry's row says

    @property
    def shortest(self) -> int:
        return self.digits if self.duress_digits is None else min(self.digits, self.duress_digits)


@dataclass(frozen=True)
class PinTry:
    """A PIN that was looked at, as its record says."""

    credential: str
    reader: str
    right: bool
    utc: datetime
    boot: str
    mono_ms: int


def least_digits(holders: int) -> int:
    """So that there are a thousand possible codes for each holder of a PIN: 10 holders 4, 100 holders 5."""
    digits = LEAST_DIGITS
    while 10**digits < CODES_PER_HOLDER * holders:
        digits += 1
    return digits


def is_trivial(digits: str) -> bool:
    """One digit throughout, or counting up or down (after 9 comes 0)."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(digits)}
    return len(steps) == 1 and steps <= {0, 1, 9}
