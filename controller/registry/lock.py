"""registry.lock: a process holds it while it writes, checkpoints or closes registry.db.

SQLite's WAL-reset bug strikes when two processes write or checkpoint one WAL at the same time. The lock rules
that out among the web service, the command line and the door (which only closes).
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MODE = 0o660


def lock_file(database: Path) -> Path:
    return database.with_suffix(".lock")


def _open(file: Path) -> int:
    """Open the file, creating it group-writable under any umask: the services run as different users."""
    flags = os.O_RDWR | os.O_CLOEXEC
    while True:
        try:
            return os.open(file, flags)
        except FileNotFoundError:
            pass
        try:
            descriptor = os.open(file, flags | os.O_CREAT | os.O_EXCL, MODE)
        except FileExistsError:
            continue  # another process created it first
        os.fchmod(descriptor, MODE)
        return descriptor


@contextmanager
def hold_lock(file: Path) -> Iterator[None]:
    """Wait for the lock. Each call opens its own descriptor, so threads exclude each other, too."""
    descriptor = _open(file)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def try_lock(file: Path) -> Iterator[bool]:
    """Take the lock if it is free; yield whether it was free."""
    descriptor = _open(file)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            free = True
        except BlockingIOError:
            free = False
        yield free
    finally:
        os.close(descriptor)
