"""A grant in progress: recorded and then released, or refused, and never both."""

import threading
from collections.abc import Callable
from enum import Enum

from controller.model.events import Event
from controller.runtime.limits import USUAL


class Fate(Enum):
    PENDING = "pending"
    RELEASED = "released"
    REMEMBERED = "remembered"  # released, and not recorded yet
    REFUSED = "refused"


class PendingGrant:
    """Something to release once `event` is durable: an entry or an operator's order.

    The record thread and the drive thread race for it; the first one settles it. `on_release` runs on the
    record thread with the journal number, `on_refuse` on the thread that refused it. Both may only queue.
    """

    def __init__(
        self,
        event: Event,
        on_release: Callable[[int], None],
        on_refuse: Callable[[], None],
        within_ms: int = USUAL.durable_within_ms,
    ) -> None:
        """Refused if it becomes durable later than `within_ms` after the event."""
        self.event = event
        self.expires_ms = event.at.mono_ms + within_ms
        self.fate = Fate.PENDING
        self.number: int | None = None  # provisional number of a remembered grant, below zero
        self._on_release = on_release
        self._on_refuse = on_refuse
        self._lock = threading.Lock()

    def durable(self, seq: int, mono_ms: int) -> bool:
        """The record is on the disk. False: too late; the person has been refused and nothing is released."""
        if mono_ms > self.expires_ms:
            self.refuse()
        if not self._settle(Fate.RELEASED):
            return False
        self._on_release(seq)
        return True

    def remember(self, number: int, mono_ms: int) -> bool:
        """Release without a record. False: settled already, or too late."""
        if mono_ms > self.expires_ms:
            self.refuse()
        self.number = number
        if not self._settle(Fate.REMEMBERED):
            return False
        self._on_release(number)
        return True

    def refuse(self) -> bool:
        if not self._settle(Fate.REFUSED):
            return False
        self._on_refuse()
        return True

    def _settle(self, fate: Fate) -> bool:
        with self._lock:
            if self.fate is not Fate.PENDING:
                return False
            self.fate = fate
            return True
