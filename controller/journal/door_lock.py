"""journal/door.lock: held by the one process that writes the journal, seen by all others untouched.

It is an open-file-description lock: it ends with the process however that dies, two holders in one process
collide as well, and `is_held` needs no more than the right to read the file.

A door must start on a disk that takes no write, where the lock for writing cannot be had. The file can still
be read, and a lock for reading shuts out every lock for writing; two of them do not shut each other out, so
the taker looks once it holds its own. Two that start at the same moment may both give up, never both go on.
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
        """Raise AlreadyRunning when another journal is open on this folder, OSError if nobody can tell."""
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
        if descriptor is not None:  # its number may belong to another file by a second call
            os.close(descriptor)


def is_held(folder: Path) -> bool:
    """Whether a door process is running on this journal folder."""
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
