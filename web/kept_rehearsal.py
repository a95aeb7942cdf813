"""The newest rehearsal, kept for a while: it takes seconds, and its pages should be of one and the same."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from controller.services.rehearse import Rehearsed

KEPT_FOR = timedelta(minutes=10)
Key = tuple[object, ...]


class KeptRehearsal:
    """One at a time: whoever comes meanwhile waits for it instead of starting another."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._kept: tuple[Key, datetime, Rehearsed] | None = None

    def get(self, key: Key, now: datetime, make: Callable[[], Rehearsed]) -> Rehearsed:
        with self._guard:
            if self._kept is not None and self._kept[0] == key and now - self._kept[1] < KEPT_FOR:
                return self._kept[2]
            found = make()
            self._kept = key, now, found
            return found
