"""journal/reserve: disk space held in reserve and freed for the journal when the disk is full."""

import contextlib
import logging
import os
import stat
from pathlib import Path

log = logging.getLogger(__name__)

NAME = "reserve"
_PLENTY = 2  # times its size must be free, so that the reserve itself never fills the disk


class Reserve:
    """The reserved file. Belongs to the recorder thread."""

    def __init__(self, folder: Path, size: int) -> None:
        self._file = folder / NAME
        self._size = size
        self.was_released = False  # the disk was full, and the space is not reserved again yet
        self.was_damaged = False  # `make` found something else in its place

    @property
    def is_there(self) -> bool:
        return self._file.exists()

    def make(self) -> bool:
        """Reserve the space; return whether it is reserved now.

        Never raises: the door runs without it, too.
        """
        try:
            found = self._file.lstat() if os.path.lexists(self._file) else None
            if found is None or not stat.S_ISREG(found.st_mode) or found.st_size != self._size:
                self.was_damaged |= found is not None
                if found is not None:
                    self._file.unlink()
                if not self.has_room():
                    return False
                self._allocate()
            self.was_released = False
            return True
        except OSError as error:
            log.warning("cannot reserve disk space for the log: %s", error)
            self._unlink()
            return False

    def has_room(self) -> bool:
        try:
            disk = os.statvfs(self._file.parent)
        except OSError:
            return False
        return disk.f_bavail * disk.f_frsize >= _PLENTY * self._size

    def release(self) -> bool:
        """Free the space; return whether any was reserved."""
        released = self._unlink()
        self.was_released |= released
        return released

    def _allocate(self) -> None:
        descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, self._size)
        finally:
            os.close(descriptor)

    def _unlink(self) -> bool:
        with contextlib.suppress(OSError):
            self._file.unlink()
            return True
        return False
