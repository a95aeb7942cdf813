"""registry.lock: a process holds it while it writes, checkpoints or closes registry.db.

SQLite's WAL-reset bug strikes when two processes write or checkpoint one WAL at the same time. The lock rules
that out among the registrar, the web service and the command line. The door reads without it, unless it must
recover a WAL whose -shm is gone.
"""

import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from controller.errors import Busy, InstallerError

MODE = 0o660
WITHIN_S = 5.0
_POLL_S = 0.02
_SHORT = 60  # characters of a program's name in a sentence


def lock_file(database: Path) -> Path:
    return database.with_suffix(".lock")


def _open(file: Path, mode: int = MODE) -> int:
    """Open the file, creating it group-writable under any umask: the services run as different users.

    A pipe, a device or a link in its place is refused: it could hold up the process that opens it.
    """
    flags = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    while True:
        try:
            descriptor = os.open(file, flags)
        except FileNotFoundError:
            pass
        except OSError as error:
            if file.is_symlink():
                raise _not_a_file(file) from error
            raise
        else:
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                return descriptor
            os.close(descriptor)
            raise _not_a_file(file)
        try:
            descriptor = os.open(file, flags | os.O_CREAT | os.O_EXCL, mode)
        except FileExistsError:
            continue  # another process created it first
        os.fchmod(descriptor, mode)
        return descriptor


@contextmanager
def hold_lock(file: Path, within: float = WITHIN_S) -> Iterator[None]:
    """Wait for the lock, `within` seconds at most; then raise Busy, which names the holder.

    Each call opens its own descriptor, so threads exclude each other, too.
    """
    descriptor = _open(file)
    try:
        deadline = time.monotonic() + within
        while not _acquire(descriptor):
            if time.monotonic() > deadline:
                raise _busy(file, holder(descriptor))
            time.sleep(_POLL_S)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def try_lock(file: Path, mode: int = MODE) -> Iterator[bool]:
    """Take the lock if it is free; yield whether it was free."""
    descriptor = _open(file, mode)
    try:
        yield _acquire(descriptor)
    finally:
        os.close(descriptor)


def holder_of(file: Path) -> str | None:
    """The other program that holds this lock, as "name (process id)"; None if it is free or unknown."""
    descriptor = _open(file)
    try:
        return holder(descriptor)
    finally:
        os.close(descriptor)


def holder(descriptor: int) -> str | None:
    place = os.fstat(descriptor)
    try:
        lines = Path("/proc/locks").read_text("ascii").splitlines()
    except OSError:
        return None
    for line in lines:
        words = line.split()
        if len(words) < 8:
            continue
        _, kind, _, access, process, where, *_ = (
            words  # proc_locks(5): number, FLOCK, ADVISORY, WRITE, process, device:inode, start, end
        )
        if (kind, access) != ("FLOCK", "WRITE"):
            continue
        if int(where.rsplit(":", 1)[1]) == place.st_ino and process.isdigit() and process != "0":
            return f"{_name(process)} ({process})"
    return None


def _acquire(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _name(process: str) -> str:
    """The words of its command line: that of an interpreter is only "python"."""
    try:
        words = Path("/proc", process, "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
        named = " ".join(Path(word).name for word in words[:4] if word)
        return named[:_SHORT] or Path("/proc", process, "comm").read_text("utf-8").strip()
    except OSError:
        return "process"


def _busy(file: Path, by: str | None) -> Busy:
    who = f"the program {by} holds" if by else "another program holds"
    return Busy(f"Nothing was changed: {who} {file}; wait until it has finished, or stop it, then try again.")


def _not_a_file(file: Path) -> InstallerError:
    return InstallerError(f"{file} is not a regular file; remove it while no service runs.")
