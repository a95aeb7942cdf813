"""Locks in registry/private, a folder that only the writers' user can open: a process that may only read the
registry can hold none of them.

A process holds registry.lock while it writes, checkpoints or closes registry.db. SQLite's WAL-reset bug
strikes when two processes write or checkpoint one WAL at the same time. The lock rules that out between the
registrar and the command line. The door and the web read without it.
"""

import contextlib
import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from controller.errors import Busy, InstallerError
from controller.sqlite.holders import FLOCK_LOCK, holders, locks_on, named

MODE = 0o600
WITHIN_S = 5.0
_POLL_S = 0.02
_EARLIER_REGISTRAR = "registrar.lock"
_EARLIER = ("registry.lock", "import.lock", "backup.lock", _EARLIER_REGISTRAR)  # in the folder itself


def lock_file(database: Path) -> Path:
    return private_lock(database.parent, database.stem)


def private_lock(folder: Path, name: str) -> Path:
    """The lock of this name for the databases in `folder`."""
    return folder / "private" / f"{name}.lock"


def earlier_registrar(folder: Path) -> str | None:
    """A running registrar of an earlier version, by name. Only its user can hold its lock."""
    file = folder / _EARLIER_REGISTRAR
    with contextlib.suppress(OSError, InstallerError):
        return holder_of(file) if os.path.lexists(file) else None
    return None


def remove_earlier_locks(folder: Path) -> None:
    """Remove the locks of earlier versions, which others could hold; one that is held stays until the next
    start.
    """
    for name in _EARLIER:
        file = folder / name
        with contextlib.suppress(OSError, InstallerError):
            if os.path.lexists(file):
                with try_lock(file) as free:
                    if free:
                        file.unlink()


def _open(file: Path) -> int:
    """Open the file, and create it and its folder where they are missing, under any umask.

    A pipe, a device or a link in its place is refused: it could hold up the process that opens it.
    """
    flags = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    while True:
        try:
            descriptor = os.open(file, flags)
        except FileNotFoundError:
            _make_folder(file.parent)
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
            descriptor = os.open(file, flags | os.O_CREAT | os.O_EXCL, MODE)
        except FileExistsError:
            continue  # another process created it first
        os.fchmod(descriptor, MODE)
        _give_to_owner(descriptor, of=file.parent)
        return descriptor


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return
    _give_to_owner(folder, of=folder.parent)


def _give_to_owner(created: Path | int, of: Path) -> None:
    """What a command of root's creates, the registrar must be able to open."""
    if os.geteuid() == 0:
        owner = of.stat()
        os.chown(created, owner.st_uid, owner.st_gid)


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
                raise busy(file, holder(descriptor))
            time.sleep(_POLL_S)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def try_lock(file: Path) -> Iterator[bool]:
    """Take the lock if it is free; yield whether it was free."""
    descriptor = _open(file)
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
    locks = locks_on(os.fstat(descriptor))
    return named(holders([lock for lock in locks if lock.kind == FLOCK_LOCK]))


def _acquire(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def busy(file: Path, by: str | None) -> Busy:
    who = f"the program {by} holds" if by else "another program holds"
    return Busy(f"Nothing was changed: {who} {file}; wait until it has finished, or stop it, then try again.")


def _not_a_file(file: Path) -> InstallerError:
    return InstallerError(f"{file} is not a regular file; remove it while no service runs.")
