"""What the registrar does without a request: it carries out the erasures whose time has come, and opens a
file that somebody has put in the registry's place, so that others can read it.
"""

import contextlib
import logging
import threading
from types import TracebackType

from controller.errors import GenkanError
from controller.services import erasures
from controller.services.people import erasing
from controller.services.site import Site

log = logging.getLogger(__name__)
EVERY_S = 60.0
_FOLLOWS_S = 1.0  # the file in the registry's place
_ENDING_S = 10.0  # for the file of a large registry to be rewritten


class RegistrarChores:
    """A thread of its own: an erasure rewrites the registry's file, and systemd waits for an answer."""

    def __init__(self, site: Site, every_s: float = EVERY_S) -> None:
        self._site = site
        self._every_s = every_s
        self._ended = threading.Event()
        self._has_warned = False
        self._file: tuple[int, int] | None = None  # device and inode of the newest one that was opened
        self._thread = threading.Thread(target=self._run, name="chores", daemon=True)

    def turn(self) -> None:
        """Do what is due. What fails is tried again at the next turn; the log names the first cause."""
        try:
            erased = erasing.carry_out_due(self._site, self._site.now())
            erasures.finish(self._site.registry, self._site.journal)
        except (GenkanError, ValueError) as error:  # ValueError: a moment that nobody wrote
            if not self._has_warned:
                log.warning("erasures that are due wait: %s", error)
            self._has_warned = True
            return
        self._has_warned = False
        if erased:
            log.info("%d people were erased from the registry; the door erases the log", erased)

    def open_replaced(self) -> None:
        """Without a -shm only a writer can open a WAL database: pages and commands then wait for this."""
        with contextlib.suppress(GenkanError, OSError):  # the door alarms, and each request names the cause
            found = self._site.registry.file.stat()
            if (found.st_dev, found.st_ino) != self._file:
                with self._site.registry.read():
                    self._file = found.st_dev, found.st_ino

    def __enter__(self) -> "RegistrarChores":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join(_ENDING_S)

    def _run(self) -> None:
        self.turn()
        waited_s = 0.0
        while not self._ended.wait(_FOLLOWS_S):
            self.open_replaced()
            waited_s += _FOLLOWS_S
            if waited_s >= self._every_s:
                self.turn()
                waited_s = 0.0
