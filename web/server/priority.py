"""The web service's place behind the door: the idle class at rest, the ordinary class while it serves.

In the idle class alone, a page never ends on a machine whose other programs are busy all the time. A thread
may leave that class only with RLIMIT_NICE (`LimitNICE=` of the unit). Elsewhere the process never enters it.
"""

import asyncio
import contextlib
import os
import threading
from collections.abc import Collection
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

NICE = 10  # behind the door, which has 0
NICE_AT_MOST = 19  # where the process cannot leave the idle class
REST_AFTER_S = 1.0  # most requests come in groups


class Priority:
    """Call from the event loop only. The start of the process counts as a request: `end` it."""

    def __init__(self, rest_after_s: float = REST_AFTER_S) -> None:
        self._rest_after_s = rest_after_s
        self._serving = 1
        self._rest: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """A request begins."""
        self._serving += 1
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None
        elif self._serving == 1:
            _schedule(os.SCHED_OTHER)

    def end(self) -> None:
        """A request has ended."""
        self._serving -= 1
        if not self._serving:
            self._rest = asyncio.get_running_loop().call_later(self._rest_after_s, self._return_to_rest)

    def _return_to_rest(self) -> None:
        self._rest = None
        _schedule(os.SCHED_IDLE)


class RaisedWhileServing:
    """A live page stays open for hours and sends little, so it does not count."""

    def __init__(self, app: ASGIApp, priority: Priority, streams: Collection[str]) -> None:
        self.app = app
        self.priority = priority
        self.streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in self.streams:
            await self.app(scope, receive, send)
            return
        self.priority.begin()
        try:
            await self.app(scope, receive, send)
        finally:
            self.priority.end()


def step_back() -> Priority | None:
    """Put the process behind the door, before it has threads. None: it stays in one class."""
    with contextlib.suppress(OSError):
        if _may_leave_the_idle_class():
            os.setpriority(os.PRIO_PROCESS, 0, max(NICE, os.getpriority(os.PRIO_PROCESS, 0)))
            return Priority()
        os.setpriority(os.PRIO_PROCESS, 0, NICE_AT_MOST)
    return None


def _schedule(policy: int) -> None:
    """All threads: nothing may wait for an interpreter lock that a thread of the idle class holds."""
    for thread in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):  # a thread that has just ended
            os.sched_setscheduler(int(thread.name), policy, os.sched_param(0))


def _may_leave_the_idle_class() -> bool:
    """Try it, on a thread that ends: containers and units differ in what they allow."""
    left: list[bool] = []

    def leave() -> None:
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, 0, max(NICE, os.getpriority(os.PRIO_PROCESS, 0)))
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
            left.append(True)

    trial = threading.Thread(target=leave)
    trial.start()
    trial.join()
    return bool(left)
