"""Another program that holds a lock on a file, as one may that can only read it (write locks need more)."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path

_PROGRAM = """
import fcntl, os, struct, sys
file, kind, first, length = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
opened = os.open(file, os.O_RDWR if kind == "write" else os.O_RDONLY)
how = fcntl.F_WRLCK if kind == "write" else fcntl.F_RDLCK
flock = struct.pack("hhqqi0q", how, os.SEEK_SET, first, length, 0)
if kind == "flock":
    fcntl.flock(opened, fcntl.LOCK_EX)
else:
    fcntl.fcntl(opened, fcntl.F_OFD_SETLK if kind == "ofd_read" else fcntl.F_SETLK, flock)
print("held", flush=True)
sys.stdin.read()
"""
_TRANSACTION = """
import sqlite3, sys
db = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True, isolation_level=None)
db.execute("BEGIN")
db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
print("held", flush=True)
sys.stdin.read()
"""


class Held(StrEnum):
    READ = "read"
    WRITE = "write"
    OFD_READ = "ofd_read"
    FLOCK = "flock"


@contextlib.contextmanager
def held_lock(
    file: Path, kind: Held, first: int = 0, length: int = 1, before: Sequence[str] = ()
) -> Iterator[int]:
    """The id of its process. A length of 0 means: to the end of the file.

    `before` is put in front of its command.
    """
    with _running(before, _PROGRAM, file, kind.value, first, length) as process:
        yield process


@contextlib.contextmanager
def read_transaction(file: Path, before: Sequence[str] = ()) -> Iterator[int]:
    """A program reads the database, and does not end; the id of its process."""
    with _running(before, _TRANSACTION, file) as process:
        yield process


@contextlib.contextmanager
def _running(before: Sequence[str], program: str, *words: object) -> Iterator[int]:
    command = [*before, sys.executable, "-c", program, *map(str, words)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"
        try:
            yield child.pid
        finally:
            child.communicate(b"")
