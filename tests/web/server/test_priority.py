"""When the process leaves the idle class and returns; tests/web/test_serve.py shows the classes."""

import asyncio
import os

import pytest

from web.server import priority
from web.server.priority import Priority, RaisedWhileServing


@pytest.fixture
def classes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Each class that the process enters, without entering it."""
    entered: list[int] = []
    monkeypatch.setattr(priority, "_schedule", entered.append)
    return entered


async def due_timers() -> None:
    """Until the loop has run all timers that are due now."""
    loop = asyncio.get_running_loop()
    last = loop.create_future()
    loop.call_later(0.001, last.set_result, None)
    await last


def test_process_rests_after_its_start_and_between_requests(classes: list[int]) -> None:
    async def story() -> None:
        process = Priority(rest_after_s=0)
        assert classes == []
        process.end()
        await due_timers()
        assert classes == [os.SCHED_IDLE]
        process.begin()
        process.begin()
        process.end()
        await due_timers()
        assert classes[1:] == [os.SCHED_OTHER], "another request is under way"
        process.end()
        process.begin()
        await due_timers()
        assert classes[2:] == [], "the next request came before the rest"
        process.end()
        await due_timers()
        assert classes[2:] == [os.SCHED_IDLE]

    asyncio.run(story())


@pytest.mark.parametrize(("path", "raised"), [("/log", True), ("/log/live", False)])
def test_page_counts_until_it_ends_also_by_an_error_and_a_live_page_never(
    classes: list[int], path: str, raised: bool
) -> None:
    async def broken(*_: object) -> None:
        assert classes[1:] == [os.SCHED_OTHER] * raised
        raise ValueError

    async def story() -> None:
        process = Priority(rest_after_s=0)
        process.end()
        await due_timers()
        app = RaisedWhileServing(broken, process, streams={"/log/live"})
        with pytest.raises(ValueError):
            await app({"type": "http", "path": path}, broken, broken)
        await due_timers()
        assert classes[1:] == [os.SCHED_OTHER, os.SCHED_IDLE] * raised

    asyncio.run(story())
