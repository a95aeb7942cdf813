"""PINs: what is stored of one, what a record of a try contains, and which PINs are allowed."""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

MOST_DIGITS = 12
LEAST_DIGITS = 4
CODES_PER_HOLDER = 1000  # IEC 60839-11-1


@dataclass(frozen=True)
class StoredPin:
    """Keyed hashes, and how many digits each PIN had."""

    hash: bytes = field(repr=False)
    digits: int
    duress_hash: bytes | None = field(default=None, repr=False)
    duress_digits: int | None = None
    set_utc: datetime | None = field(default=None, compare=False)  # from the registry's row

    @property
    def shortest(self) -> int:
        return self.digits if self.duress_digits is None else min(self.digits, self.duress_digits)


@dataclass(frozen=True)
class PinTry:
    """A checked PIN, from its record."""

    credential: str
    reader: str
    right: bool
    utc: datetime
    boot: str
    mono_ms: int


def least_digits(holders: int) -> int:
    """Enough digits for a thousand possible codes per holder of a PIN: 4 for 10 holders, 5 for 100."""
    digits = LEAST_DIGITS
    while 10**digits < CODES_PER_HOLDER * holders:
        digits += 1
    return digits


def is_trivial(digits: str) -> bool:
    """The same digit throughout, or counting up or down (after 9 comes 0)."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(digits)}
    return len(steps) == 1 and steps <= {0, 1, 9}
