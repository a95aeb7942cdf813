"""The live log's poller, without a server: which streams it wakes and ends, and when it stops polling."""

import asyncio

from tests.waiting import LONG, until
from web.frame.live import LiveLog


class Polls:
    """What the poller would find: the newest number and the sessions that are dead."""

    def __init__(self) -> None:
        self.newest: int | None = 1
        self.dead: set[str] = set()
        self.calls: list[set[str]] = []

    def __call__(self, tokens: set[str]) -> tuple[int | None, set[str]]:
        self.calls.append(set(tokens))
        return self.newest, self.dead & tokens


def test_one_look_serves_every_watcher() -> None:
    async def story() -> None:
        polls = Polls()
        live = LiveLog(polls)
        with live.watch("a") as first, live.watch("b") as second:
            await asyncio.wait_for(asyncio.gather(first.wait(), second.wait()), LONG)
            assert polls.calls[0] == {"a", "b"}
            assert live.watchers == 2
        assert live.watchers == 0

    asyncio.run(story())


def test_watcher_is_woken_once_for_one_record() -> None:
    async def story() -> None:
        polls = Polls()
        with LiveLog(polls).watch("a") as watcher:
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
        with LiveLog(polls).watch("a") as watcher:
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
        with live.watch("dead") as dead, live.watch("alive") as alive:
            polls.dead = {"dead"}
            await asyncio.wait_for(dead.wait(), LONG)
            assert (dead.ended, dead.signed_out, alive.ended) == (True, True, False)

    asyncio.run(story())


def test_poller_stops_with_the_last_watcher_and_starts_again() -> None:
    async def story() -> None:
        polls = Polls()
        live = LiveLog(polls)
        with live.watch("a") as watcher:
            await asyncio.wait_for(watcher.wait(), LONG)
        task = live._task
        assert task is not None
        await asyncio.wait_for(task, LONG)
        with live.watch("b") as watcher:
            await asyncio.wait_for(watcher.wait(), LONG)
        assert polls.calls[-1] == {"b"}

    asyncio.run(story())


def test_closing_ends_every_watcher_without_signing_anybody_out() -> None:
    async def story() -> None:
        live = LiveLog(Polls())
        with live.watch("a") as before:
            live.close()
            with live.watch("b") as after:
                assert (before.ended, after.ended) == (True, True)
                assert not before.signed_out

    asyncio.run(story())


async def _rounds(polls: Polls, count: int) -> None:
    """Wait until the poller has polled `count` more times."""
    enough = len(polls.calls) + count
    await asyncio.to_thread(until, lambda: len(polls.calls) >= enough)
