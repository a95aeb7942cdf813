"""The install windows of one line's readers, as the work loop sees them, and what the door is told of them.

A window is opened by the door's order or by `genkan osdp install`, which leave the same file behind. It
serves one reader once; it ends when the reader has its key, after ten minutes, and with the machine's boot.
"""

import contextlib
from collections.abc import Callable, Collection
from pathlib import Path

from firmware_bridge.messages import InstallChanged
from firmware_bridge.osdp import install, keys

OPENED, KEY_TAKEN, CLOSED, FAILED = "opened", "taken", "closed", "failed"
CHECK_MS = 500  # how often the loop looks: a window ends that much before its time rather than after


class Windows:
    def __init__(
        self, folder: Path, readers: Collection[str], boot_ms: Callable[[], int] = install.boot_ms
    ) -> None:
        self._folder, self._readers, self._boot_ms = folder, readers, boot_ms
        self._boot = install.this_boot()
        self._open: dict[str, int] = {}  # by reader, and which opening it is
        self._used: set[int] = set()  # have served; the file may not be ours to remove

    def open(self, reader: str) -> list[InstallChanged]:
        """Make `reader` a new key and open its window; an old key is void from now on."""
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
        """What has changed since the last look."""
        found = []
        for reader in self._readers:
            mark = install.mark(self._folder, reader) if self.is_open(reader) else 0
            if mark == self._open.get(reader, 0):
                continue
            found.append(InstallChanged(OPENED if mark else CLOSED, reader))
            self._open[reader] = mark
        return found

    def served(self, reader: str) -> list[InstallChanged]:
        """`reader` has its key. One that was quicker than our look is told to have been opened first."""
        found = [] if self._open.get(reader) else [InstallChanged(OPENED, reader)]
        self._used.add(install.mark(self._folder, reader))
        self._open[reader] = 0
        with contextlib.suppress(OSError):
            install.close_window(self._folder, reader)
        return [*found, InstallChanged(KEY_TAKEN, reader)]
