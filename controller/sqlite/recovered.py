"""A database whose writer left a -wal without a -shm, for a reader who may not write beside it.

SQLite could only read it in place by creating the -shm. The reader copies database and -wal into a folder of
its own and lets SQLite put them together there. Of files that change all the time it copies only so many as
leave it time for its work.
"""

import contextlib
import os
import sqlite3
import stat
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

from controller.sqlite.limits import limit

MOST_BYTES = 64 * 1024 * 1024  # of both files
MOST_S = 1.0  # the reader has to wait until they are copied
SPENT_S, SPENT_WITHIN_S = 0.5, 10.0  # after so many seconds of copying within these the files must wait
_PIECE = 1024 * 1024


class Recoveries:
    """Limits the time that a process spends with them; for all its threads."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._guard = threading.Lock()
        self._done: deque[tuple[float, float]] = deque()  # when each ended, and how many seconds it took

    @contextlib.contextmanager
    def recovered(self, file: Path) -> Iterator[Path]:
        """As the function `recovered`, and sqlite3.OperationalError once the time is used up."""
        begun = self._monotonic()
        if self._spent_s(begun) >= SPENT_S:
            raise sqlite3.OperationalError(f"{file.name}-shm is missing, and {file.name}-wal keeps changing")
        try:
            with recovered(file) as whole:
                yield whole
        finally:
            ended = self._monotonic()
            with self._guard:
                self._done.append((ended, ended - begun))

    def _spent_s(self, now: float) -> float:
        with self._guard:
            while self._done and now - self._done[0][0] >= SPENT_WITHIN_S:
                self._done.popleft()
            return sum(seconds for _, seconds in self._done)


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
