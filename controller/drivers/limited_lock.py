"""Secures the lock when its release time ends, even if the drive thread hangs: its on-time limit.

Its own thread checks the time, so that a hanging drive thread leaves no strike energised and no door
released. It does nothing while the drive thread works.
"""

import logging
import threading
from collections.abc import Callable

from controller.devices import PinLock

log = logging.getLogger(__name__)

GRACE_MS = 1000  # after the limit; by then the drive thread should have secured the lock
_CHECK_S = 0.25


class LimitedLock:
    def __init__(self, lock: PinLock, door: str, now_ms: Callable[[], int]) -> None:
        self._lock = lock
        self._door = door
        self._now_ms = now_ms
        self._until_ms: int | None = None
        self._guard = threading.Lock()
        self._wake = threading.Event()
        self._closing = False
        self.beat = 0  # checks so far
        self._thread = threading.Thread(target=self._run, name=f"on-time of {door}", daemon=True)
        self._thread.start()

    def release(self) -> None:
        with self._guard:
            self._lock.release()

    def secure(self) -> None:
        with self._guard:
            self._lock.secure()

    def allow_until(self, at_ms: int | None) -> None:
        if at_ms == self._until_ms:
            return
        with self._guard:
            self._until_ms = at_ms
        if at_ms is not None:
            self._wake.set()

    @property
    def has_limit(self) -> bool:
        """Whether a release under way must end in time: then the thread checks four times a second."""
        return self._until_ms is not None

    def close(self) -> None:
        self._closing = True
        self._wake.set()
        self._thread.join()
        self._lock.close()

    def _run(self) -> None:
        while True:
            self._wake.wait(None if self._until_ms is None else _CHECK_S)
            self._wake.clear()
            if self._closing:
                return
            try:
                self._secure_if_overdue()
            except Exception:  # it tries again
                log.exception("%s could not be secured by its limit", self._door)
            self.beat += 1

    def _secure_if_overdue(self) -> None:
        with self._guard:
            if self._until_ms is None or self._now_ms() < self._until_ms + GRACE_MS:
                return
            self._lock.secure()
            self._until_ms = None
        log.error("%s was secured by its on-time limit: the thread that drives the doors hangs", self._door)
