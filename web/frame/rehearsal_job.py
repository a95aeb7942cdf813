"""One rehearsal at a time, in the background: it may take minutes, and the visitor may leave its page.

The door is another process. In this one, a pause follows each page of the log, and the thread has the lowest
priority, so that other pages stay quick.
"""

import contextlib
import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from controller.errors import GenkanError
from controller.model.operators import Operator
from controller.services.rights import Right, require
from controller.services.rules.rehearse import RehearsalResult, RehearsalStopped, Watch

log = logging.getLogger(__name__)

KEPT_FOR = timedelta(minutes=10)
SHORT_WAIT_S = 0.5  # the request waits this long for a short rehearsal
_PAUSE_S = 0.005
_NICE = 10
Key = tuple[object, ...]
Run = Callable[[Watch], RehearsalResult]


@dataclass(frozen=True)
class Running:
    """`by` started it."""

    percent: int
    by: Operator


@dataclass
class _Job:
    """`found` or `problem`, and `ended`, once it is done."""

    key: Key
    by: Operator
    stop: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None
    percent: int = 0
    found: RehearsalResult | None = None
    problem: Exception | None = None
    ended: datetime | None = None

    @property
    def is_running(self) -> bool:
        return self.thread is not None and self.thread.is_alive()

    @property
    def progress(self) -> Running:
        return Running(self.percent, self.by)


class RehearsalJob:
    """For the whole program; from any thread. The lock is never held while something runs or ends."""

    def __init__(self, utc: Callable[[], datetime], short_wait_s: float = SHORT_WAIT_S) -> None:
        self._utc = utc
        self.short_wait_s = short_wait_s
        self._guard = threading.Lock()
        self._job: _Job | None = None
        self._newest: threading.Thread | None = None  # the thread of the job, or of a stopped one

    def get(self, key: Key, by: Operator, prepare: Callable[[], Run]) -> RehearsalResult | Running:
        """The result for `key`, or the progress; starts a rehearsal where none runs and no result is kept.

        Stops a rehearsal for another key. Raises what `prepare` or the rehearsal raised.
        """
        with self._guard:
            job = self._job
            if job is None or job.key != key or self._is_expired(job):
                self._drop()
                job = self._job = self._start(key, by, prepare)
        if job.thread is not None:
            job.thread.join(self.short_wait_s)
        if job.problem is not None:
            with self._guard:
                if self._job is job:
                    self._drop()
            raise job.problem
        return job.progress if job.found is None else job.found

    def running(self, key: Key) -> Running | None:
        """None also where a rehearsal for another key runs."""
        job = self._job
        return job.progress if job is not None and job.key == key and job.is_running else None

    def stop(self, operator: Operator) -> None:
        """Keep nothing of the rehearsal; its thread ends within a second.

        Raises NotPermitted for an operator who neither started it nor may publish rules.
        """
        with self._guard:
            if self._job is not None and self._job.by.id != operator.id:
                require(operator, Right.PUBLISH_RULES)
            self._drop()

    def close(self) -> None:
        """Stop the rehearsal and wait for its thread, when the program ends."""
        with self._guard:
            self._drop()
            newest = self._newest
        if newest is not None:
            newest.join()

    def _drop(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.stop.set()

    def _is_expired(self, job: _Job) -> bool:
        """Return whether the job was stopped, or its result is too old to show."""
        if job.is_running or job.problem is not None:
            return False
        return job.ended is None or self._utc() - job.ended >= KEPT_FOR

    def _start(self, key: Key, by: Operator, prepare: Callable[[], Run]) -> _Job:
        job = _Job(key, by)
        job.thread = threading.Thread(
            target=self._work, args=(job, prepare, self._newest), name="rehearsal", daemon=True
        )
        self._newest = job.thread
        job.thread.start()
        return job

    def _work(self, job: _Job, prepare: Callable[[], Run], before: threading.Thread | None) -> None:
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)  # Linux: of this thread alone
        if before is not None:
            before.join()  # one at a time

        def watch(percent: int) -> bool:
            job.percent = percent
            return job.stop.wait(_PAUSE_S)

        if job.stop.is_set():
            return
        try:
            job.found = prepare()(watch)
            job.ended = self._utc()
        except RehearsalStopped:
            pass
        except Exception as error:  # get() raises it
            if not isinstance(error, GenkanError):
                log.exception("a rehearsal failed")
            job.problem = error
