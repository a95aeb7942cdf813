"""Open-file-description locks on ranges of a file (Linux, fcntl(2)).

They belong to the open file, not to the process: the kernel drops them when its last descriptor is closed,
and two holders within one process conflict as well.
"""

import fcntl
import os
import struct

FLOCK = "hhqqi0q"  # struct flock of 64-bit Linux: type, whence, start, length, pid
SAFE = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK  # a pipe in place of a lock file holds nobody up


def set_lock(descriptor: int, kind: int, start: int = 0, length: int = 0) -> None:
    """Take a lock, or give it back (F_UNLCK), without waiting. A length of 0 means: to the end of the file.

    Raises BlockingIOError where another holder's lock conflicts.
    """
    fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, flock(kind, start, length))


def is_locked(descriptor: int, against: int, start: int = 0, length: int = 0) -> bool:
    """Whether another holder's lock conflicts with one of this kind: F_RDLCK conflicts with write locks
    alone.
    """
    answer = fcntl.fcntl(descriptor, fcntl.F_OFD_GETLK, flock(against, start, length))
    return bool(struct.unpack(FLOCK, answer)[0] != fcntl.F_UNLCK)


def flock(kind: int, start: int, length: int) -> bytes:
    return struct.pack(FLOCK, kind, os.SEEK_SET, start, length, 0)
