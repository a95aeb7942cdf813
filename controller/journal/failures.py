"""Why the door can't write or read the journal, as one code."""

import errno
import os
import sqlite3
from enum import StrEnum
from pathlib import Path

from controller.errors import AlreadyRunning, AwaitingRecovery, CorruptDatabase, NewerDatabase

_LEAST_FREE = 64 * 1024  # with less free space the disk counts as full with any error code


class FailureCause(StrEnum):
    EIO = "eio"  # the disk reports errors
    DISK_FULL = "disk_full"
    READ_ONLY = "read_only"  # usually because the kernel remounted the file system after errors
    LOCKED = "locked"  # another program has locked the file
    CORRUPT = "corrupt"  # the file is damaged or not a database
    LOST_RECORDS = "lost_records"  # the disk lost records that it had acknowledged
    CANNOT_OPEN = "cannot_open"  # missing, or no permission
    REPLACED = "replaced"  # another file replaced it while the door used it
    NEWER = "newer"  # a newer Genkan wrote the file


_BY_SQLITE = {
    sqlite3.SQLITE_FULL: FailureCause.DISK_FULL,
    sqlite3.SQLITE_READONLY: FailureCause.READ_ONLY,
    sqlite3.SQLITE_BUSY: FailureCause.LOCKED,
    sqlite3.SQLITE_LOCKED: FailureCause.LOCKED,
    sqlite3.SQLITE_CORRUPT: FailureCause.CORRUPT,
    sqlite3.SQLITE_NOTADB: FailureCause.CORRUPT,
    sqlite3.SQLITE_CANTOPEN: FailureCause.CANNOT_OPEN,
}
_BY_REFUSAL = {
    CorruptDatabase: FailureCause.CORRUPT,
    NewerDatabase: FailureCause.NEWER,
    AlreadyRunning: FailureCause.LOCKED,
    AwaitingRecovery: FailureCause.CANNOT_OPEN,  # not created yet, or moved away
}
_BY_ERRNO = {
    errno.ENOSPC: FailureCause.DISK_FULL,
    errno.EDQUOT: FailureCause.DISK_FULL,
    errno.EROFS: FailureCause.READ_ONLY,
    errno.EIO: FailureCause.EIO,
    errno.EACCES: FailureCause.CANNOT_OPEN,
    errno.ENOENT: FailureCause.CANNOT_OPEN,
}


def cause_of(error: BaseException, folder: Path) -> FailureCause:
    """Classify an error of the journal. The file system gives the precise cause of an I/O error of SQLite."""
    from controller.journal.writing import JournalLocked, JournalReplaced, RecordsLost

    if isinstance(error, RecordsLost):
        return FailureCause.LOST_RECORDS
    if isinstance(error, JournalReplaced):
        return FailureCause.REPLACED
    if isinstance(error, JournalLocked):
        return FailureCause.LOCKED
    beneath = error.__cause__ or error
    for refused, why in _BY_REFUSAL.items():
        if isinstance(beneath, refused) or isinstance(error, refused):
            return why
    if isinstance(beneath, OSError):
        cause = _BY_ERRNO.get(beneath.errno or 0, FailureCause.EIO)
    else:
        code = getattr(beneath, "sqlite_errorcode", None)
        cause = _BY_SQLITE.get((code or sqlite3.SQLITE_IOERR) & 0xFF, FailureCause.EIO)
    return _probe_disk(folder) or cause if cause in (FailureCause.EIO, FailureCause.CANNOT_OPEN) else cause


def error_code(error: BaseException) -> str | None:
    """The name of the error that SQLite or the system reported, such as SQLITE_FULL or ENOSPC, if any."""
    beneath = error.__cause__ or error
    if isinstance(beneath, OSError):
        return errno.errorcode.get(beneath.errno or 0)
    name = getattr(beneath, "sqlite_errorname", None)
    return name if isinstance(name, str) else None


def _probe_disk(folder: Path) -> FailureCause | None:
    """Try to create a file: after errors a file system may still report itself writable."""
    probe = folder / "probe"
    try:
        disk = os.statvfs(folder)
        os.close(os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
        probe.unlink(missing_ok=True)  # two threads may probe at the same time
    except OSError as error:
        return _BY_ERRNO.get(error.errno or 0)
    return FailureCause.DISK_FULL if disk.f_bavail * disk.f_frsize < _LEAST_FREE else None
