"""The install windows of one line's readers, and the messages about them to the door.

The door's order or `genkan osdp install` opens a window; both leave the same file behind. A window serves one
reader once; it ends when the reader has its key, after ten minutes, and when the machine restarts.
"""

import contextlib
from collections.abc import Callable, Collection
from pathlib import Path

from firmware_bridge.messages import InstallChanged
from firmware_bridge.osdp import install, keys

OPENED, KEY_TAKEN, CLOSED, FAILED = "opened", "taken", "closed", "failed"
CHECK_MS = 500  # how often the loop checks; a window ends so much early rather than late


class Windows:
    def __init__(
        self, folder: Path, readers: Collection[str], boot_ms: Callable[[], int] = install.boot_ms
    ) -> None:
        self._folder, self._readers, self._boot_ms = folder, readers, boot_ms
        self._boot = install.this_boot()
        self._open: dict[str, int] = {}  # by reader: the mark of the opening
        self._used: set[int] = set()  # marks that have served; we may lack the right to remove the file

    def open(self, reader: str) -> list[InstallChanged]:
        """Create a new key for `reader` and open its window; an old key is void from now on."""
        try:
            install.close_window(self._folder, reader)
            keys.make(self._folder, reader)
            install.open_window(self._folder, reader, self._boot, self._boot_ms())
        except OSError:
            return [InstallChanged(FAILED, reader)]
        return self.changes()

    def is_open(self, reader: str) -> bool:
        opened = install.is_open(self._folder, reader, self._boot, self._boot_ms() + CHECK_MS)
        return opened and install.mark(self._folder, reader) not in self._used

    def changes(self) -> list[InstallChanged]:
        """Return the messages about changes since the last call."""
        found = []
        for reader in self._readers:
            mark = install.mark(self._folder, reader) if self.is_open(reader) else 0
            if mark == self._open.get(reader, 0):
                continue
            found.append(InstallChanged(OPENED if mark else CLOSED, reader))
            self._open[reader] = mark
        return found

    def served(self, reader: str) -> list[InstallChanged]:
        """`reader` has its key. If that was quicker than our check, report the opening first."""
        found = [] if self._open.get(reader) else [InstallChanged(OPENED, reader)]
        self._used.add(install.mark(self._folder, reader))
        self._open[reader] = 0
        with contextlib.suppress(OSError):
            install.close_window(self._folder, reader)
        return [*found, InstallChanged(KEY_TAKEN, reader)]
