"""Which programs hold a lock on a file, by the kernel's own list (proc_locks(5)).

A name is for people. The kernel knows the process of a POSIX lock and of a flock; an open-file-description
lock belongs to no process, so those that have the file open are named, as far as they are visible.
"""

import contextlib
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

_OURS = ("genkan", "controller.main")
_SHORT = 60  # characters of a program's name in a sentence
_TO_THE_END = 2**63 - 1
OFD_LOCK, POSIX_LOCK, FLOCK_LOCK = "OFDLCK", "POSIX", "FLOCK"


@dataclass(frozen=True)
class HeldLock:
    """`first` and `last` are the bytes of the range. `process` is None where the kernel knows none."""

    kind: str
    is_write: bool
    process: int | None
    device: int
    inode: int
    first: int
    last: int

    def covers(self, first: int, last: int) -> bool:
        """Whether it holds any byte of this range."""
        return self.first <= last and first <= self.last


def locks_on(*files: os.stat_result | None) -> list[HeldLock]:
    """All locks on these files. Empty where the kernel does not show its list."""
    there = [file for file in files if file is not None]
    locks = _locks_of({file.st_ino for file in there})
    return [lock for lock in locks if any(_is_on(lock, file) for file in there)]


def _locks_of(inodes: Collection[int]) -> list[HeldLock]:
    try:
        lines = Path("/proc/locks").read_bytes().splitlines()
    except OSError:
        return []
    ends = [b":%d " % inode for inode in inodes]  # most lines are about other files
    found = (_parse(line.decode("ascii")) for line in lines if any(end in line for end in ends))
    return [lock for lock in found if lock is not None]


def _is_on(lock: HeldLock, file: os.stat_result) -> bool:
    """Btrfs and overlayfs show files under another device than their locks, both without a major number."""
    is_same = lock.device == file.st_dev or os.major(lock.device) == os.major(file.st_dev) == 0
    return is_same and lock.inode == file.st_ino


def _parse(line: str) -> HeldLock | None:
    """None for a process that waits for a lock (`->`), and for a lease."""
    words = line.split()
    if len(words) != 8 or words[1] not in (OFD_LOCK, POSIX_LOCK, FLOCK_LOCK):
        return None
    _, kind, _, access, process, place, first, last = words
    major, minor, inode = place.split(":")
    return HeldLock(
        kind=kind,
        is_write=access == "WRITE",
        process=int(process) if int(process) > 0 else None,
        device=os.makedev(int(major, 16), int(minor, 16)),
        inode=int(inode),
        first=int(first),
        last=_TO_THE_END if last == "EOF" else int(last),
    )


def holders(locks: Collection[HeldLock]) -> set[int]:
    """The processes of these locks. For a lock of no process: those that have the file open and hold no other
    lock on it, as SQLite would, or else all that have it open.
    """
    found = {lock.process for lock in locks if lock.process is not None}
    unknown = {lock.inode for lock in locks if lock.process is None}
    if unknown:
        opened = set(_have_open(unknown))
        usual = {lock.process for lock in _locks_of(unknown)}
        found |= (opened - usual) or opened
    return found


def _have_open(inodes: Collection[int]) -> Iterator[int]:
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        with contextlib.suppress(OSError):  # of another user, or it has ended
            for descriptor in (process / "fd").iterdir():
                with contextlib.suppress(OSError):
                    if descriptor.stat().st_ino in inodes:
                        yield int(process.name)
                        break


def named(processes: Collection[int]) -> str | None:
    """The programs as "name (process id)", for people; None without one."""
    return ", ".join(f"{_name(process)} ({process})" for process in sorted(processes)) or None


def _name(process: int) -> str:
    """The program's name; of an interpreter also its script, and of our own script its first word. No other
    arguments: they may be secret.
    """
    try:
        words = Path(f"/proc/{process}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")
        program = Path(words[0]).name
        if program.startswith("python"):
            script = [Path(word).name for word in (words[2:4] if words[1:2] == ["-m"] else words[1:3])]
            if script and not script[0].startswith("-"):
                program = " ".join([program, *(script if script[0] in _OURS else script[:1])])
        return program[:_SHORT] or Path(f"/proc/{process}/comm").read_text("utf-8").strip()
    except OSError:
        return "process"
