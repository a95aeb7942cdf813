"""Which other programs hold the journal: they block the door's writes, or keep its WAL from being emptied."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from controller.sqlite.wal_locks import Locks, blocking_locks, programs_of, reading_locks

WAL_AT_MOST = 64 * 1024 * 1024


class HeldBy(StrEnum):
    """What the other programs keep the door from."""

    LOCK = "lock"  # writing a record
    READING = "reading"  # emptying the WAL, which grows


@dataclass(frozen=True)
class Held:
    by: HeldBy
    locks: Locks

    @property
    def programs(self) -> str | None:
        """The programs as "name (process id)"; None if none of them is visible."""
        return programs_of(self.locks)


def held_now(file: Path, wal_at_most: int = WAL_AT_MOST) -> Held | None:
    """None if no other program holds the journal. A usual reader holds it for a moment."""
    if locks := blocking_locks(file):
        return Held(HeldBy.LOCK, locks)
    if _size(file.with_name(f"{file.name}-wal")) > wal_at_most and (locks := reading_locks(file)):
        return Held(HeldBy.READING, locks)
    return None


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
