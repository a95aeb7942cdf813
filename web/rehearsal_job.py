"""One rehearsal at a time, in the background: it may take minutes, and its page may be left meanwhile.

The door is another process; here, each page of the log is followed by a pause, and the thread is the last to
get the processor, so that other pages stay quick.
"""

import contextlib
import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from controller.errors import GenkanError
from controller.services.rehearse import Left, Rehearsed, Watch

log = logging.getLogger(__name__)

KEPT_FOR = timedelta(minutes=10)
AT_ONCE_S = 0.5  # a short rehearsal is waited for
_PAUSE_S = 0.005
_NICE = 10
Key = tuple[object, ...]
Run = Callable[[Watch], Rehearsed]


@dataclass(frozen=True)
class Running:
    percent: int


@dataclass
class _Job:
    """`found` or `problem`, and `ended`, once it is done."""

    key: Key
    stop: threading.Event
    thread: threading.Thread | None = None
    percent: int = 0
    found: Rehearsed | None = None
    problem: Exception | None = None
    ended: datetime | None = None

    @property
    def is_running(self) -> bool:
        return self.thread is not None and self.thread.is_alive()


class RehearsalJob:
    """For the whole program; from any thread."""

    def __init__(self, utc: Callable[[], datetime]) -> None:
        self._utc = utc
        self._guard = threading.Lock()
        self._job: _Job | None = None

    def get(self, key: Key, prepare: Callable[[], Run]) -> Rehearsed | Running:
        """What was found for `key`, or how far it is; begun where it is neither known nor under way.

        One for another key is left. Raises what `prepare` or the rehearsal raised.
        """
        with self._guard:
            job = self._job
            if job is None or job.key != key or self._is_over(job):
                self._leave()
                job = self._job = self._begun(key, prepare())
        if job.thread is not None:
            job.thread.join(AT_ONCE_S)
        if job.problem is not None:
            self.leave()
            raise job.problem
        return Running(job.percent) if job.found is None else job.found

    def running(self, key: Key) -> Running | None:
        """None also where another one is under way."""
        job = self._job
        return Running(job.percent) if job is not None and job.key == key and job.is_running else None

    def leave(self) -> None:
        """Nothing is kept of it. Returns once it has ended, within a second."""
        with self._guard:
            self._leave()

    def _leave(self) -> None:
        job, self._job = self._job, None
        if job is not None and job.thread is not None:
            job.stop.set()
            job.thread.join()

    def _is_over(self, job: _Job) -> bool:
        """It was left, or is too old to be shown."""
        if job.is_running or job.problem is not None:
            return False
        return job.ended is None or self._utc() - job.ended >= KEPT_FOR

    def _begun(self, key: Key, run: Run) -> _Job:
        job = _Job(key, threading.Event())
        job.thread = threading.Thread(target=self._work, args=(job, run), name="rehearsal", daemon=True)
        job.thread.start()
        return job

    def _work(self, job: _Job, run: Run) -> None:
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)  # Linux: of this thread alone

        def watch(percent: int) -> bool:
            job.percent = percent
            return job.stop.wait(_PAUSE_S)

        try:
            job.found = run(watch)
            job.ended = self._utc()
        except Left:
            pass
        except Exception as error:  # whoever asks for it is told
            if not isinstance(error, GenkanError):
                log.exception("a rehearsal failed")
            job.problem = error
