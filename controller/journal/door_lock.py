"""journal/private/door.lock: the process that writes the journal holds it, so that no second door starts.

Only the door's user can open the file. A process that may read it could hold a read lock, and no door would
start; such a process learns from journal/alive whether a door runs.

A door must also start on a read-only disk, where no write lock is possible. There it takes a read lock, which
excludes every write lock. Read locks don't exclude each other, so the door then checks for other holders: two
doors that start at the same moment may both give up, but never both go on.
"""

import contextlib
import errno
import fcntl
import os
import stat
from pathlib import Path

from controller.errors import AlreadyRunning
from controller.journal.alive import Alive
from controller.journal.ofd_lock import SAFE, is_locked, set_lock

PRIVATE, NAME = "private", "door.lock"


class DoorLock:
    def __init__(self, descriptor: int, alive: Alive) -> None:
        self._descriptor: int | None = descriptor
        self._alive = alive

    @classmethod
    def acquire(cls, folder: Path) -> "DoorLock":
        """Raise AlreadyRunning if another process holds the lock, OSError if it can't be tested."""
        private = folder / PRIVATE
        private.mkdir(mode=0o700, exist_ok=True)  # a folder of an earlier version has none
        lock = cls(_lock(private / NAME, folder), Alive(folder, private))
        try:
            _refuse_earlier_door(folder)
            lock.show()
        except BaseException:
            lock.release()
            raise
        return lock

    def show(self) -> None:
        """Show other processes that the door runs, as well as the disk now allows."""
        self._alive.show()

    def release(self) -> None:
        try:
            self._alive.end()
        finally:
            descriptor, self._descriptor = self._descriptor, None
            if descriptor is not None:  # a second call must not close a reused descriptor
                os.close(descriptor)


def _lock(file: Path, folder: Path) -> int:
    kind = fcntl.F_WRLCK
    try:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | SAFE, 0o600)
    except OSError:
        descriptor, kind = os.open(file, os.O_RDONLY | SAFE), fcntl.F_RDLCK
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "is not a regular file; remove it", str(file))
        set_lock(descriptor, kind)
        if kind == fcntl.F_RDLCK and is_locked(descriptor, fcntl.F_WRLCK):
            raise BlockingIOError
    except BlockingIOError:
        os.close(descriptor)
        raise _already_running(folder) from None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _refuse_earlier_door(folder: Path) -> None:
    """A door of an earlier version holds a write lock on journal/door.lock. Others may open that file to
    read it, so read locks on it count for nothing. Without such a door the file is removed.
    """
    file = folder / NAME
    try:
        descriptor = os.open(file, os.O_RDONLY | SAFE)
    except OSError:
        return
    try:
        if stat.S_ISREG(os.fstat(descriptor).st_mode) and is_locked(descriptor, fcntl.F_RDLCK):
            raise _already_running(folder)
    finally:
        os.close(descriptor)
    with contextlib.suppress(OSError):
        file.unlink()


def _already_running(folder: Path) -> AlreadyRunning:
    return AlreadyRunning(f"{folder}: another door process is running on this data folder; stop it first.")
