"""When the record thread signs the log: never while a tap waits, and at the latest after a hundred events.

The signing code is imported in the first idle moment, on its own thread: on a small computer that takes half
a second, and neither the start nor a tap waits for it.
"""

import contextlib
import logging
import sys
import threading
from collections.abc import Callable
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from controller.errors import CannotSeal, JournalUnavailable
from controller.journal.append import SEAL_EVERY, Journal
from controller.journal.latest import subject_of
from controller.model.events import Event, EventType
from controller.model.moment import Moment

if TYPE_CHECKING:
    from controller.journal.seal import Sealing

log = logging.getLogger(__name__)

_SIGNS = "controller.journal.seal"
_RETRY_MS = 60_000  # a person must fix the cause; retrying at every event is useless


class Sealer:
    """If the log cannot be signed, the door goes on and the service log has the reason; a later checkpoint
    covers everything. JournalUnavailable passes to the caller.
    """

    def __init__(
        self,
        journal: Journal,
        keys: Path,
        time_zone: tzinfo,
        now: Callable[[], Moment],
        set_state: Callable[..., None] = lambda **changes: None,
    ) -> None:
        """`keys` is DATA/keys; months end in `time_zone`; `set_state` is `StateFile.set`."""
        self._journal = journal
        self._keys = keys
        self._time_zone = time_zone
        self._now = now
        self._set_state = set_state
        self._loaded: Sealing | None = None
        self._preparing: threading.Thread | None = None
        self._is_requested = self._has_failed = False
        self._retry_ms: int | None = None  # set while it cannot sign: when to try again

    def request(self) -> None:
        """Request a checkpoint after the current write. On the record thread."""
        self._is_requested = True

    def keep_up(self, journal: Journal) -> None:
        """Between any two writes: sign what must not wait longer. Cheap when nothing is due.

        A requested checkpoint waits for the import of the signing code, so that the first tap does not.
        """
        if journal.unsealed >= SEAL_EVERY:
            self._or_later(lambda now: self._seal(now, "events"))
        elif self._is_requested:
            self.prepare()
            if self.is_prepared:
                self._or_later(lambda now: self._seal(now, "asked"))
        elif journal.unsealed >= SEAL_EVERY // 2:
            self.prepare()  # a door that is never idle would otherwise import while taps wait
        self._is_requested &= journal.unsealed > 0

    def __call__(self, journal: Journal) -> bool:
        """In idle time: rotate keys, sign the hour and the month. True if there is more to do."""
        self.prepare()
        return self.is_prepared and self._or_later(self._idle)

    @property
    def is_prepared(self) -> bool:
        """Whether the signing code is imported. Otherwise the hundredth record makes the record thread import
        it.
        """
        if self._preparing is None:
            return _SIGNS in sys.modules
        return not self._preparing.is_alive()

    def prepare(self) -> None:
        """Start importing the signing code, unless this was done before."""
        if self._preparing is None and not self.is_prepared:
            self._preparing = threading.Thread(target=_prepare, name="signing", daemon=True)
            self._preparing.start()

    def stop(self) -> None:
        """Sign after the last record."""
        self._retry_ms = None
        self._or_later(lambda now: self._seal(now, "stop"))

    def _idle(self, now: Moment) -> bool:
        sealing = self._sealing()
        try:
            more = sealing.step(now)
        except CannotSeal:
            self._report_trouble(sealing, now)
            raise
        self._report_trouble(sealing, now)
        if more:
            return True
        cause = sealing.due(now)
        if cause is not None:
            sealing.seal(now, cause)
        return False

    def _report_trouble(self, sealing: "Sealing", now: Moment) -> None:
        """Show the problem on the pages while it lasts, and record it once as an alarm."""
        trouble = sealing.key_problem
        self._set_state(log_key="ok" if trouble is None else trouble["cause"])
        if trouble is None:
            return
        event = Event(EventType.LOG_KEY_PROBLEM, now, codes=trouble)
        if self._journal.newest_type(str(subject_of(event))) is None:
            log.error("the key of the log: %s (%s, key %s)", *trouble.values())
            self._journal.append([event])

    def _seal(self, now: Moment, cause: str) -> None:
        from controller.journal.seal import CheckpointCause

        self._sealing().seal(now, CheckpointCause(cause))

    def _sealing(self) -> "Sealing":
        if self._loaded is None:
            from controller.journal.seal import Sealing

            self._loaded = Sealing(self._journal, self._keys, self._time_zone)
        return self._loaded

    def _or_later(self, act: Callable[[Moment], bool | None]) -> bool:
        now = self._now()
        if self._retry_ms is not None and now.mono_ms < self._retry_ms:
            return False
        try:
            more = act(now)
        except JournalUnavailable:
            # The first failure may be the disk's. A second one concerns checkpoints only, and taps do not
            # wait for those.
            if self._has_failed:
                self._retry_ms = now.mono_ms + _RETRY_MS
            self._has_failed = not self._has_failed
            raise
        except CannotSeal as error:
            if self._retry_ms is None:
                log.error("%s", error)
            self._retry_ms = now.mono_ms + _RETRY_MS
            return False
        self._has_failed = False
        if self._retry_ms is not None:
            log.warning("the log is signed again")
            self._retry_ms = None
        return bool(more)


def _prepare() -> None:
    from controller.journal import seal  # noqa: F401
    from controller.journal.proof import note

    with contextlib.suppress(ImportError):  # reported when something must be signed
        note.prepare()
