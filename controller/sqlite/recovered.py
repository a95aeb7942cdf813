"""A database whose writer left a -wal without a -shm, for a reader who may not write beside it.

SQLite could only read it in place by creating the -shm. The reader copies database and -wal into a folder of
its own and lets SQLite put them together there.
"""

import contextlib
import os
import sqlite3
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from controller.sqlite.limits import limit

MOST_BYTES = 64 * 1024 * 1024  # of both files; the reader has to wait until they are copied
_PIECE = 1024 * 1024


@contextlib.contextmanager
def recovered(file: Path, most: int = MOST_BYTES) -> Iterator[Path]:
    """The whole database as one file; it is removed at the end, also under an open connection.

    Raise OSError, sqlite3.Error, or ValueError for files that are too large.
    """
    with tempfile.TemporaryDirectory(prefix="genkan-") as folder:
        whole = Path(folder) / file.name
        for end in ("", "-wal"):
            most = _copy(file.with_name(file.name + end), whole.with_name(whole.name + end), most)
        with contextlib.closing(sqlite3.connect(whole, isolation_level=None)) as db:
            limit(db)
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        yield whole


def _copy(source: Path, target: Path, most: int) -> int:
    """Return how many bytes of `most` are left."""
    with contextlib.ExitStack() as opened:
        descriptor = os.open(source, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        reading = opened.enter_context(open(descriptor, "rb", buffering=0))
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError(f"{source.name} is not a regular file")
        writing = opened.enter_context(target.open("xb", buffering=0))
        while piece := reading.read(_PIECE):
            most -= len(piece)
            if most < 0:
                raise ValueError(f"has no {source.name.removesuffix('-wal')}-shm, and is too large to copy")
            writing.write(piece)
    return most
