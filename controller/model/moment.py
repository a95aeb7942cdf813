"""A moment as the door saw it: wall time, how far to trust it, and the monotonic clock."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ClockState(StrEnum):
    """How far the wall clock can be trusted."""

    TRUSTED = "trusted"  # the kernel calls it synchronised
    HOLDOVER = "holdover"  # plausible, not synchronised now
    UNTRUSTED = "untrusted"  # behind the newest durable record, jumped, or older than this program


@dataclass(frozen=True)
class Moment:
    """`utc` is aware UTC; `mono_ms` is milliseconds of CLOCK_BOOTTIME within boot `boot`.

    Timers use `mono_ms` alone. `not_before` is the newest trusted durable time: an expiry is judged
    against the later of the two, so a clock set back never revives a badge.
    """

    utc: datetime
    mono_ms: int
    boot: str
    clock: ClockState
    not_before: datetime | None = None

    @property
    def judged_utc(self) -> datetime:
        """The time that validity is judged by."""
        if self.not_before is not None and self.not_before > self.utc:
            return self.not_before
        return self.utc
