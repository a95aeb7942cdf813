"""Which programs hold a lock on a file, by the kernel's own list (proc_locks(5)).

A name is for people. The kernel knows the process of a POSIX lock and of a flock; an open-file-description
lock belongs to no process, so those that have the file open are named, as far as they are visible.
"""

import contextlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

_SHORT = 60  # characters of a program's name in a sentence
_TO_THE_END = 2**63 - 1
OFD_LOCK, POSIX_LOCK, FLOCK_LOCK = "OFDLCK", "POSIX", "FLOCK"


@dataclass(frozen=True)
class HeldLock:
    """`first` and `last` are the bytes of the range. `process` is None where the kernel knows none."""

    kind: str
    is_write: bool
    process: int | None
    inode: int
    first: int
    last: int

    def covers(self, first: int, last: int) -> bool:
        """Whether it holds any byte of this range."""
        return self.first <= last and first <= self.last


def locks_on(inodes: Collection[int]) -> list[HeldLock]:
    """All locks on these files. Empty where the kernel does not show its list."""
    try:
        lines = Path("/proc/locks").read_text("ascii").splitlines()
    except OSError:
        return []
    return [lock for line in lines if (lock := _parse(line)) is not None and lock.inode in inodes]


def _parse(line: str) -> HeldLock | None:
    """None for a process that waits for a lock (`->`), and for a lease."""
    words = line.split()
    if len(words) != 8 or words[1] not in (OFD_LOCK, POSIX_LOCK, FLOCK_LOCK):
        return None
    _, kind, _, access, process, place, first, last = words
    return HeldLock(
        kind=kind,
        is_write=access == "WRITE",
        process=int(process) if int(process) > 0 else None,
        inode=int(place.rsplit(":", 1)[1]),
        first=int(first),
        last=_TO_THE_END if last == "EOF" else int(last),
    )


def holders(locks: Collection[HeldLock]) -> set[int]:
    """The processes of these locks."""
    found = {lock.process for lock in locks if lock.process is not None}
    unknown = {lock.inode for lock in locks if lock.process is None}
    if unknown:
        found.update(_have_open(unknown))
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
    """The program's name; of an interpreter also its script and the first word after it. No other arguments:
    they may be secret.
    """
    try:
        words = Path(f"/proc/{process}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")
        program = Path(words[0]).name
        if program.startswith("python"):
            script = words[2:4] if words[1:2] == ["-m"] else words[1:3]
            if script and not script[0].startswith("-"):
                program = " ".join([program, *(Path(word).name for word in script if word)])
        return program[:_SHORT] or Path(f"/proc/{process}/comm").read_text("utf-8").strip()
    except OSError:
        return "process"
