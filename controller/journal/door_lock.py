"""journal/door.lock: the process that writes the journal holds it; any other process can test it.

It is an open-file-description lock (Linux `F_OFD_SETLK`). The kernel drops it when the process dies, two
holders within one process conflict as well, and `is_held` needs only read permission on the file.

A door must also start on a read-only disk, where no write lock is possible. There it takes a read lock, which
excludes every write lock. Read locks don't exclude each other, so the door then checks for other holders: two
doors that start at the same moment may both give up, but never both go on.
"""

import fcntl
import os
import struct
from pathlib import Path

from controller.errors import AlreadyRunning

NAME = "door.lock"
FLOCK = "hhqqi0q"  # struct flock of 64-bit Linux: type, whence, start, length, pid


class DoorLock:
    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    @classmethod
    def acquire(cls, folder: Path) -> "DoorLock":
        """Raise AlreadyRunning if another process holds the lock, OSError if it can't be tested."""
        kind = fcntl.F_WRLCK
        try:
            descriptor = os.open(folder / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        except OSError:
            descriptor, kind = os.open(folder / NAME, os.O_RDONLY | os.O_CLOEXEC), fcntl.F_RDLCK
        try:
            fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, struct.pack(FLOCK, kind, os.SEEK_SET, 0, 0, 0))
            alone = kind == fcntl.F_WRLCK or not _held_by_others(descriptor)
        except BlockingIOError:
            alone = False
        except OSError:
            os.close(descriptor)
            raise
        if not alone:
            os.close(descriptor)
            raise AlreadyRunning(
                f"{folder}: another door process is running on this data folder; stop it first."
            )
        return cls(descriptor)

    def release(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:  # a second call must not close a reused descriptor
            os.close(descriptor)


def is_held(folder: Path) -> bool:
    """Return whether a door process is running on this journal folder."""
    try:
        descriptor = os.open(folder / NAME, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        return _held_by_others(descriptor)
    finally:
        os.close(descriptor)


def _held_by_others(descriptor: int) -> bool:
    query = struct.pack(FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
    answer = fcntl.fcntl(descriptor, fcntl.F_OFD_GETLK, query)
    return bool(struct.unpack(FLOCK, answer)[0] != fcntl.F_UNLCK)
