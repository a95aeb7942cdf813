"""journal/alive: any process that may read the folder sees whether a door runs. Nothing else depends on it.

The running door holds a write lock on the first byte, which no process can take that may only read. Such a
process could hold a read lock and so keep the door from its write lock. Therefore each door creates a new
file, locks it, and only then gives it its name.

On a disk that takes no write the door holds a read lock on the second byte of the file that is there. Any
process that may read can hold that lock too, and so pretend on such a disk that a door runs. It keeps no door
service from starting: see door_lock.py. The verifier imports nothing of ours and has the same two conditions
(`door_is_running` in deploy/verify/genkan_verify.py).
"""

import contextlib
import fcntl
import os
import stat
from pathlib import Path

from controller.journal.ofd_lock import SAFE, is_locked, set_lock

NAME = "alive"
_RUNS, _RUNS_WITHOUT_WRITING = 0, 1  # the bytes that are locked


class Alive:
    """The door's side. `private` is a folder that no other user can open."""

    def __init__(self, folder: Path, private: Path) -> None:
        self._file, self._part = folder / NAME, private / NAME
        self._descriptor: int | None = None
        self._is_writable = False

    def show(self) -> None:
        """Hold the lock until `end` or the end of the process. Call again when the disk takes writes again.

        Nothing happens if the disk neither has the file nor takes one.
        """
        if self._is_writable:
            return
        for take_lock in (self._create, self._lock_writable, self._lock_read_only):
            with contextlib.suppress(OSError):
                before, self._descriptor = self._descriptor, take_lock()
                if before is not None:
                    os.close(before)
                self._is_writable = take_lock != self._lock_read_only
                return

    def end(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def _create(self) -> int:
        self._part.unlink(missing_ok=True)
        descriptor = _locked(self._part, os.O_RDWR | os.O_CREAT | os.O_EXCL, fcntl.F_WRLCK, _RUNS)
        try:
            os.fchmod(descriptor, 0o640)
            self._part.rename(self._file)
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor

    def _lock_writable(self) -> int:
        return _locked(self._file, os.O_RDWR, fcntl.F_WRLCK, _RUNS)

    def _lock_read_only(self) -> int:
        return _locked(self._file, os.O_RDONLY, fcntl.F_RDLCK, _RUNS_WITHOUT_WRITING)


def _locked(file: Path, flags: int, kind: int, byte: int) -> int:
    descriptor = os.open(file, flags | SAFE, 0o640)
    try:
        set_lock(descriptor, kind, byte, 1)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def is_door_alive(folder: Path) -> bool:
    """Whether a door process runs on this journal folder."""
    try:
        descriptor = os.open(folder / NAME, os.O_RDONLY | SAFE)
    except FileNotFoundError:
        return False
    try:
        if is_locked(descriptor, fcntl.F_RDLCK, _RUNS, 1):
            return True
        return _is_unwritable(descriptor) and is_locked(descriptor, fcntl.F_WRLCK, _RUNS_WITHOUT_WRITING, 1)
    finally:
        os.close(descriptor)


def _is_unwritable(descriptor: int) -> bool:
    """On another disk a lock on the second byte means nothing: any process that may read can hold it."""
    is_read_only = os.fstatvfs(descriptor).f_flag & os.ST_RDONLY
    return bool(is_read_only) or not os.fstat(descriptor).st_mode & stat.S_IWUSR
