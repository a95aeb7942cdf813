"""The live log: one poll of the journal every quarter second for the whole process, for any number of pages.

The same round checks each watcher's session, so a disabled operator's stream ends within a second. The number
of open pages is limited, in all, by address and by session.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from starlette.concurrency import run_in_threadpool

from controller.errors import N_, Throttled
from web.server.limits import ServerLimits
from web.server.listener import is_loopback

PERIOD = 0.25  # seconds between two polls


class Watcher:
    """One open page. `wait` returns when there may be a new record, or when the stream ends."""

    def __init__(self, token: str, address: str) -> None:
        self.token = token
        self.address = address
        self.seen = 0  # the newest record's number at the last wake-up
        self.ended = False
        self.signed_out = False
        self._woken = asyncio.Event()

    def wake(self) -> None:
        self._woken.set()

    def end(self, signed_out: bool) -> None:
        """After a sign-out the stream ends permanently; otherwise the browser reconnects."""
        self.ended, self.signed_out = True, signed_out
        self._woken.set()

    async def wait(self) -> None:
        await self._woken.wait()
        self._woken.clear()


class LiveLog:
    """`read_newest` reads files: from session tokens, the newest record's number and the dead tokens."""

    def __init__(
        self,
        read_newest: Callable[[set[str]], tuple[int | None, set[str]]],
        limits: ServerLimits = ServerLimits(),
    ) -> None:
        self._read_newest = read_newest
        self._limits = limits
        self._watchers: set[Watcher] = set()
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    @contextmanager
    def watch(self, token: str, address: str) -> Iterator[Watcher]:
        """Raise Throttled above a limit. The poller runs while there is a watcher.

        Call from the event loop only.
        """
        self._refuse_too_many(token, address)
        watcher = Watcher(token, address)
        if self._closed:
            watcher.end(signed_out=False)
        self._watchers.add(watcher)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._poll())
        try:
            yield watcher
        finally:
            self._watchers.discard(watcher)

    def close(self) -> None:
        """End every stream, so that the server can stop. Call from the event loop only."""
        self._closed = True
        for watcher in self._watchers:
            watcher.end(signed_out=False)

    def _refuse_too_many(self, token: str, address: str) -> None:
        of_session = sum(watcher.token == token for watcher in self._watchers)
        of_address = sum(watcher.address == address for watcher in self._watchers)
        if (
            len(self._watchers) >= self._limits.streams
            or of_session >= self._limits.streams_per_session
            or (of_address >= self._limits.streams_per_address and not is_loopback(address))
        ):
            raise Throttled(N_("Too many live pages are open; close one of them, then reload this page."))

    @property
    def watchers(self) -> int:
        return len(self._watchers)

    async def _poll(self) -> None:
        while self._watchers:
            tokens = {watcher.token for watcher in self._watchers}
            newest, dead = await run_in_threadpool(self._read_newest, tokens)
            for watcher in list(self._watchers):
                if watcher.token in dead:
                    watcher.end(signed_out=True)
                elif newest is not None and newest > watcher.seen:
                    watcher.seen = newest
                    watcher.wake()
            await asyncio.sleep(PERIOD)
