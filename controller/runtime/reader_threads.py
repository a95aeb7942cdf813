"""Notices a reader's thread that hangs: the log shows the reader as offline. Its thread gets a successor, or,
if people leave by it, systemd restarts the door.

An inward reader's thread may wait for a disk (the keys of badges); restarting the door would not help, and
would interrupt the way out meanwhile.
"""

import logging
from collections.abc import Callable, Collection, Mapping
from typing import Protocol

from controller.model.signals import ReaderOffline, ReaderSignal
from firmware_bridge.problems import ProblemCode

log = logging.getLogger(__name__)

_STALLED_S = 5.0  # more than any look-up with its deadlines, less than WatchdogSec= of the unit


class HeardReader(Protocol):
    @property
    def stalled_s(self) -> float: ...

    def kill_bridge(self) -> None: ...

    def restart(self) -> bool: ...


class ReaderThreads:
    """Belongs to the main thread."""

    def __init__(
        self,
        readers: Mapping[str, HeardReader],
        outward: Collection[str],
        post: Callable[[ReaderSignal], None],
    ) -> None:
        """`outward` are the readers that people leave by."""
        self._readers = readers
        self._outward = outward
        self._post = post
        self._stalled: set[str] = set()

    def are_alive(self) -> bool:
        """Once a second. False: systemd must restart the door."""
        now = {name for name, reader in self._readers.items() if reader.stalled_s > _STALLED_S}
        for name in now - self._stalled:
            if name in self._outward:
                log.error("the thread of reader %s hangs", name)
                self._readers[name].kill_bridge()
            elif self._readers[name].restart():
                log.error("the thread of reader %s hangs; another takes its place", name)
            else:
                log.error("the thread of reader %s hangs, as others before; see the disk", name)
            self._post(ReaderOffline(name, ProblemCode.BRIDGE_SILENT))
        self._stalled = now
        return not now & set(self._outward)
