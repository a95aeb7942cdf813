"""The live log's poller, without a server: which streams it wakes and ends, and when it stops polling."""

import asyncio
from contextlib import ExitStack

import pytest

from controller.errors import Throttled
from tests.waiting import LONG, until
from web.frame.live import LiveLog
from web.server.limits import ServerLimits

HERE = "192.0.2.1"


class Polls:
    """What the poller would find: the newest number and the sessions that are dead."""

    def __init__(self) -> None:
        self.newest: int | None = 1
        self.dead: set[str] = set()
        self.calls: list[set[str]] = []

    def __call__(self, tokens: set[str]) -> tuple[int | None, set[str]]:
        self.calls.append(set(tokens))
        return self.newest, self.dead & tokens


def test_one_poll_serves_every_watcher() -> None:
    async def story() -> None:
        polls = Polls()
        live = LiveLog(polls)
        with live.watch("a", HERE) as first, live.watch("b", HERE) as second:
            await asyncio.wait_for(asyncio.gather(first.wait(), second.wait()), LONG)
            assert polls.calls[0] == {"a", "b"}
            assert live.watchers == 2
        assert live.watchers == 0

    asyncio.run(story())


def test_watcher_is_woken_once_for_one_record() -> None:
    async def story() -> None:
        polls = Polls()
        with LiveLog(polls).watch("a", HERE) as watcher:
            await asyncio.wait_for(watcher.wait(), LONG)
            again = asyncio.ensure_future(watcher.wait())
            await _rounds(polls, 2)
            assert not again.done(), "nothing new"
            polls.newest = 2
            await asyncio.wait_for(again, LONG)

    asyncio.run(story())


def test_log_that_cannot_be_read_wakes_nobody_and_goes_on() -> None:
    async def story() -> None:
        polls = Polls()
        polls.newest = None
        with LiveLog(polls).watch("a", HERE) as watcher:
            waiting = asyncio.ensure_future(watcher.wait())
            await _rounds(polls, 2)
            assert not waiting.done()
            polls.newest = 5
            await asyncio.wait_for(waiting, LONG)
            assert not watcher.ended

    asyncio.run(story())


def test_dead_session_ends_its_watchers_and_no_others() -> None:
    async def story() -> None:
        polls = Polls()
        live = LiveLog(polls)
        with live.watch("dead", HERE) as dead, live.watch("alive", HERE) as alive:
            polls.dead = {"dead"}
            await asyncio.wait_for(dead.wait(), LONG)
            assert (dead.ended, dead.signed_out, alive.ended) == (True, True, False)

    asyncio.run(story())


def test_poller_stops_with_the_last_watcher_and_starts_again() -> None:
    async def story() -> None:
        polls = Polls()
        live = LiveLog(polls)
        with live.watch("a", HERE) as watcher:
            await asyncio.wait_for(watcher.wait(), LONG)
        task = live._task
        assert task is not None
        await asyncio.wait_for(task, LONG)
        with live.watch("b", HERE) as watcher:
            await asyncio.wait_for(watcher.wait(), LONG)
        assert polls.calls[-1] == {"b"}

    asyncio.run(story())


def test_closing_ends_every_watcher_without_signing_anybody_out() -> None:
    async def story() -> None:
        live = LiveLog(Polls())
        with live.watch("a", HERE) as before:
            live.close()
            with live.watch("b", HERE) as after:
                assert (before.ended, after.ended) == (True, True)
                assert not before.signed_out

    asyncio.run(story())


async def _rounds(polls: Polls, count: int) -> None:
    """Wait until the poller has polled `count` more times."""
    enough = len(polls.calls) + count
    await asyncio.to_thread(until, lambda: len(polls.calls) >= enough)


def test_streams_are_limited_by_session_address_and_in_all() -> None:
    """Loopback may carry a tunnel for everybody, so only session and total count there."""

    async def story() -> None:
        live = LiveLog(Polls(), ServerLimits(streams=9, streams_per_address=5, streams_per_session=3))
        with ExitStack() as pages:
            one = [pages.enter_context(live.watch("a", HERE)) for _ in range(3)]
            with pytest.raises(Throttled), live.watch("a", "192.0.2.2"):
                pass
            for token in ("b", "c"):
                pages.enter_context(live.watch(token, HERE))
            with pytest.raises(Throttled), live.watch("d", HERE):
                pass
            for n in range(4):
                pages.enter_context(live.watch(f"local-{n % 2}", "127.0.0.1"))
            with pytest.raises(Throttled), live.watch("e", "127.0.0.1"):
                pass
            assert live.watchers == 9 and not any(watcher.ended for watcher in one)

    asyncio.run(story())
