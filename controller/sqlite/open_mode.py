"""How a process opens a database that another process writes, so that it needs no write access.

- The writer runs, or was killed: its -wal and -shm are there. SQLite reads through them, and maps the -shm
  read-only (`readonly_shm`), for any user alike.
- The writer ended cleanly: no -wal, or an empty one. The file alone holds everything; SQLite reads it as
  immutable, since it could not create a -shm. That is valid only as long as nobody writes the file.
- A -wal with content but no -shm, as a power failure may leave it: the reader needs a copy (recovered.py).
  So it does with a -shm that somebody has cut: SQLite has mapped it, and the kernel ends a process that reads
  a mapped page which the file no longer has.

controller/journal/reading.py chooses for journal.db, by whether its door runs; it makes no copies.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path

_LIVE = "mode=ro&readonly_shm=1"
IMMUTABLE = "mode=ro&immutable=1"
_SHM_LEAST = 32 * 1024  # bytes; SQLite maps the file in pieces of this size


@dataclass(frozen=True)
class OpenMode:
    """Equal to a later one exactly if a connection that was opened in this mode may still be used.

    `parameters` are those of SQLite's URI, none for files that it cannot read in place; `files` identify the
    files, and their content where nothing else would show that it has changed.
    """

    parameters: str
    files: tuple[int, ...]
    shm: tuple[int, int] = field(default=(0, 0), compare=False)  # inode and the most bytes it had

    @property
    def needs_recovery(self) -> bool:
        return not self.parameters

    def is_of_the_same_file(self, other: "OpenMode") -> bool:
        return self.files[:2] == other.files[:2]

    def has_changed_content(self, file: Path) -> bool:
        """Whether somebody wrote a file that SQLite reads as immutable: what it read may be a mixture."""
        if self.parameters != IMMUTABLE:
            return False
        found = _found(str(file))
        if found is None:
            return False
        stamp = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
        return stamp[:2] == self.files[:2] and stamp != self.files


NOT_OPEN = OpenMode("", ())


def open_mode(file: Path, before: OpenMode = NOT_OPEN) -> OpenMode:
    """`before` is the mode in which this process has the file open. Raise OSError if it is missing."""
    name = str(file)
    database, wal, shm = os.lstat(name), _found(name + "-wal"), _found(name + "-shm")
    if wal is not None and shm is not None:
        mapped = before.shm[1] if before.shm[0] == shm.st_ino else _SHM_LEAST
        if shm.st_size >= mapped:
            files = (database.st_dev, database.st_ino, wal.st_ino, shm.st_ino)
            return OpenMode(_LIVE, files, (shm.st_ino, shm.st_size))
    stamp = (database.st_dev, database.st_ino, database.st_size, database.st_mtime_ns)
    if wal is None or wal.st_size == 0:
        return OpenMode(IMMUTABLE, stamp, before.shm)
    return OpenMode("", (*stamp, wal.st_ino, wal.st_size, wal.st_mtime_ns), before.shm)


def _found(file: str) -> os.stat_result | None:
    try:
        return os.lstat(file)
    except FileNotFoundError:
        return None
