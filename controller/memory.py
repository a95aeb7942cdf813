"""Keeps a process small: freed memory, and program code that only the start used, go back to the system."""

import contextlib
import re
from pathlib import Path

_AREA = re.compile(rb"([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \d+ *(/?)")  # proc_pid_smaps(5)
_DONTNEED = 4  # madvise(2): read the page from its file again when it is used
_CODE = (b"r-xp", b"r--p")
_ARENA_MAX, _MMAP_THRESHOLD = -8, -3  # mallopt(3)


def give_memory_back() -> None:
    """Make glibc return freed memory, which each thread would keep in an arena of its own.

    A password hash takes 19 MiB. Call it before the first thread starts.
    """
    import ctypes

    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        libc.mallopt(_ARENA_MAX, 2)
        libc.mallopt(_MMAP_THRESHOLD, 128 * 1024)  # a fixed threshold, which does not grow


def give_code_back() -> None:
    """Give back about 9 MB of program code after the start. The process counts it as its own although nothing
    reads it again; what something does read comes from the system's cache of the file.

    Only areas of a file that no process may change, and of which this one has no page of its own.
    """
    import ctypes

    with contextlib.suppress(OSError, AttributeError):
        madvise = ctypes.CDLL(None).madvise
        madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
        for begin, end in _code_areas(Path("/proc/self/smaps").read_bytes()):
            madvise(begin, end - begin, _DONTNEED)


def _code_areas(smaps: bytes) -> list[tuple[int, int]]:
    found, area = [], None
    for line in smaps.splitlines():
        if (match := _AREA.match(line)) is not None:
            begin, end, rights, path = match.groups()
            area = (int(begin, 16), int(end, 16)) if rights in _CODE and path else None
        elif area is not None and line.split() == [b"Anonymous:", b"0", b"kB"]:
            found.append(area)
    return found
