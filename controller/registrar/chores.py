"""What the registrar does without a request.

It records the rights that the registry held before this version, carries out the erasures whose time has
come, and opens a file that somebody has put in the registry's place, so that others can read it.
"""

import contextlib
import logging
import threading
from collections.abc import Iterator
from types import TracebackType

from controller.errors import GenkanError
from controller.services import erasures, found_rights
from controller.services.people import erasing
from controller.services.site import Site

log = logging.getLogger(__name__)
EVERY_S = 60.0
_REPLACED_S = 1.0  # until a file in the registry's place is opened
ENDING_S = 3.0  # a rewriting of the file that ends with the process is repeated


class RegistrarChores:
    """A thread of its own: an erasure rewrites the registry's file, and systemd waits for an answer."""

    def __init__(self, site: Site, every_s: float = EVERY_S) -> None:
        self._site = site
        self._every_s = every_s
        self._ended = threading.Event()
        self._has_recorded_found = False
        self._warned: set[str] = set()
        self._file: tuple[int, int] | None = None  # device and inode of the newest one that was opened
        self._thread = threading.Thread(target=self._run, name="chores", daemon=True)

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def carry_out_due(self) -> None:
        """What fails is tried again the next time; the log names the first cause, /readyz what is overdue."""
        with self._warns_once("the rights found in the registry could not be recorded"):
            if not self._has_recorded_found:
                found_rights.record_found(self._site, self._site.now(), self._ended.is_set)
                self._has_recorded_found = not self._ended.is_set()
        with self._warns_once("erasures that are due wait"):
            erased = erasing.carry_out_due(self._site, self._site.now())
            erasures.finish(self._site.registry, self._site.journal)
            if erased:
                log.info("%d people were erased from the registry; the door erases the log", erased)

    @contextlib.contextmanager
    def _warns_once(self, sentence: str) -> Iterator[None]:
        """Keep the thread alive after any error, such as a row that another program wrote."""
        try:
            yield
        except Exception as error:
            if sentence not in self._warned:
                is_fault = not isinstance(error, (GenkanError, ValueError))
                log.warning("%s: %s", sentence, error, exc_info=is_fault)
            self._warned.add(sentence)
        else:
            self._warned.discard(sentence)

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
        self._thread.join(ENDING_S)

    def _run(self) -> None:
        self.carry_out_due()
        waited_s = 0.0
        while not self._ended.wait(_REPLACED_S):
            self.open_replaced()
            waited_s += _REPLACED_S
            if waited_s >= self._every_s:
                self.carry_out_due()
                waited_s = 0.0
