"""Whether a database file of another process may be opened at all.

Only `lstat` touches the files here: to open and close one would drop the locks that SQLite holds on it in
this process. A pipe would hold its reader for as long as nobody writes.
"""

import os
import stat
from pathlib import Path

MOST_BYTES = 8 * 1024**3
_LEAST_SHARE = 64  # a file that occupies less than this part of its size is made of holes
_SMALL = 1024 * 1024  # a file system may store small files without blocks


def why_unfit(file: Path) -> str | None:
    """Why SQLite must not open this database, as words for a sentence; None if it may. OSError if missing."""
    found = os.lstat(file)
    if not stat.S_ISREG(found.st_mode):
        return "is not a regular file"
    if found.st_size > MOST_BYTES:
        return f"is larger than {MOST_BYTES // 1024**3} GiB"
    if found.st_size > _SMALL and found.st_blocks * 512 * _LEAST_SHARE < found.st_size:
        return "has almost no content for its size"
    for end in ("-wal", "-shm", "-journal"):
        beside = file.with_name(file.name + end)
        try:
            mode = os.lstat(beside).st_mode
        except FileNotFoundError:
            continue
        if not stat.S_ISREG(mode):
            return f"cannot be opened: {beside.name} is not a regular file"
    return None
