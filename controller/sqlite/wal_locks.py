"""The locks of other processes on a database in WAL mode: those that block its writer, and those of readers.

SQLite locks bytes of the -shm (see "WAL-Index Locks" in SQLite's description of the WAL) and of the database.
A process that may only read can hold read locks on any of them.
"""

import os
from pathlib import Path

from controller.sqlite.holders import HeldLock, holders, locks_on, named

_WRITE, _CHECKPOINT, _READ_FIRST, _READ_LAST, _LAST = 120, 121, 123, 127, 128  # bytes of the -shm
_DATABASE = (0x40000000, 0x400001FF)  # bytes of the database

Locks = frozenset[HeldLock]


def blocking_locks(file: Path) -> Locks:
    """A writer needs its own byte of the -shm for itself, and the others as a reader does."""
    shm, database = _found(file.with_name(f"{file.name}-shm")), _found(file)
    return frozenset(
        lock
        for lock in _of_others(shm, database)
        if _blocks(lock, shm is not None and lock.inode == shm.st_ino)
    )


def _blocks(lock: HeldLock, is_shm: bool) -> bool:
    if is_shm:
        return lock.covers(_WRITE, _WRITE) or (lock.is_write and lock.covers(_CHECKPOINT, _LAST))
    return lock.is_write and lock.covers(*_DATABASE)


def reading_locks(file: Path) -> Locks:
    """Locks that keep a checkpoint from emptying the WAL."""
    return frozenset(
        lock
        for lock in _of_others(_found(file.with_name(f"{file.name}-shm")))
        if lock.covers(_READ_FIRST, _READ_LAST) or lock.covers(_CHECKPOINT, _CHECKPOINT)
    )


def programs_of(locks: Locks) -> str | None:
    """The other programs as "name (process id)"; None if none of them is visible."""
    return named(holders(locks) - {os.getpid()})


def _of_others(*files: os.stat_result | None) -> list[HeldLock]:
    return [lock for lock in locks_on(*files) if lock.process != os.getpid()]


def _found(file: Path) -> os.stat_result | None:
    try:
        return file.stat()
    except OSError:
        return None
