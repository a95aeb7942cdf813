"""A database whose writer left a -wal without a -shm, for a reader who may not write beside it.

SQLite could only read it in place by creating the -shm. The reader copies database and -wal into a folder of
its own and lets SQLite put them together there. Files that change all the time are not copied each time:
only once they have been still for `QUIET_S`.
"""

import contextlib
import os
import sqlite3
import stat
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from controller.sqlite.limits import limit

MOST_BYTES = 64 * 1024 * 1024  # of both files
MOST_S = 1.0  # the reader has to wait until they are copied
QUIET_S = 10.0
_PIECE = 1024 * 1024
Stamp = tuple[int, ...]


@dataclass(frozen=True)
class _Seen:
    """`stamp` identifies the files and their content, `since` when. `is_recovered`: copied whole."""

    stamp: Stamp
    since: float
    is_recovered: bool = False


class Recoveries:
    """Which files were recovered when; for all threads of a process."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._guard = threading.Lock()
        self._seen: dict[Path, _Seen] = {}

    @contextlib.contextmanager
    def recovered(self, file: Path, stamp: Stamp) -> Iterator[Path]:
        """As the function `recovered`, and sqlite3.OperationalError for files that have changed a moment
        ago.
        """
        begun = self._begin(file, stamp)
        with recovered(file) as whole:
            yield whole
        with self._guard:
            self._seen[file] = _Seen(stamp, begun, is_recovered=True)

    def _begin(self, file: Path, stamp: Stamp) -> float:
        now = self._monotonic()
        with self._guard:
            seen = self._seen.get(file)
            if seen is not None and seen.stamp == stamp and seen.is_recovered:
                return seen.since  # for another reader
            is_quiet = seen is None or now - seen.since >= QUIET_S
            if seen is None or is_quiet or seen.stamp != stamp:
                self._seen[file] = _Seen(stamp, now)
        if not is_quiet:
            raise sqlite3.OperationalError(
                f"{file.name}-shm is missing, and {file.name}-wal has changed within {QUIET_S:.0f} s"
            )
        return now


@contextlib.contextmanager
def recovered(file: Path, most: int = MOST_BYTES, within_s: float = MOST_S) -> Iterator[Path]:
    """The whole database as one file; it is removed at the end, also under an open connection.

    Raise OSError, sqlite3.Error, or ValueError for files that are too large for this disk.
    """
    end_s = time.monotonic() + within_s
    with tempfile.TemporaryDirectory(prefix="genkan-") as folder:
        whole = Path(folder) / file.name
        for end in ("", "-wal"):
            most = _copy(file.with_name(file.name + end), whole.with_name(whole.name + end), most, end_s)
        with contextlib.closing(sqlite3.connect(whole, isolation_level=None)) as db:
            limit(db)
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        yield whole


def _copy(source: Path, target: Path, most: int, end_s: float) -> int:
    """Return how many bytes of `most` are left."""
    with contextlib.ExitStack() as opened:
        descriptor = os.open(source, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        reading = opened.enter_context(open(descriptor, "rb", buffering=0))
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError(f"{source.name} is not a regular file")
        writing = opened.enter_context(target.open("xb", buffering=0))
        while piece := reading.read(_PIECE):
            most -= len(piece)
            if most < 0 or (len(piece) == _PIECE and time.monotonic() > end_s):
                raise ValueError(f"has no {source.name.removesuffix('-wal')}-shm, and is too large to copy")
            writing.write(piece)
    return most
