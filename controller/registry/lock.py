"""registry.lock: whoever writes, checkpoints or closes registry.db holds it.

Two processes writing or checkpointing one WAL at the same time is SQLite's WAL-reset bug; the lock makes
that impossible between the web, the command line and the door (which only closes).
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
    """Whoever makes it lets the group use it, whatever the umask: the services are different users."""
    flags = os.O_RDWR | os.O_CLOEXEC
    while True:
        try:
            return os.open(file, flags)
        except FileNotFoundError:
            pass
        try:
            descriptor = os.open(file, flags | os.O_CREAT | os.O_EXCL, MODE)
        except FileExistsError:
            continue  # another process was quicker
        os.fchmod(descriptor, MODE)
        return descriptor


@contextmanager
def held(file: Path) -> Iterator[None]:
    """Wait for the lock. It belongs to this call (an own descriptor), so threads exclude each other too."""
    descriptor = _open(file)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def held_or_not(file: Path) -> Iterator[bool]:
    """Take the lock if it is free; yields whether it was."""
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
