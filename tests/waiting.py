"""Wait for a condition, never for a fixed time: tests do not sleep.

The limit is for conditions that never become true. Only a failing test reaches it, so it can be long; a
shorter one would only measure the load of the machine.

A test with a stepped clock waits in that clock's time: each poll turns the door once, and nothing happens in
between.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

T = TypeVar("T")
LONG = 120.0  # seconds
_PAUSE = threading.Event()  # never set: its wait is the pause between two polls


class World(Protocol):
    """What advances between two polls."""

    def turn(self) -> None: ...

    def monotonic(self) -> float: ...


class _RealTime:
    """Pause longer the longer a test waits, because the awaited program also needs the processor.

    A condition that takes long itself is checked less often for the same reason.
    """

    def __init__(self) -> None:
        self._begun = self._turned = self.monotonic()

    def turn(self) -> None:
        now = self.monotonic()
        _PAUSE.wait(min(0.05, max(0.01, (now - self._begun) / 20, 3 * (now - self._turned))))
        self._turned = self.monotonic()

    def monotonic(self) -> float:
        return time.monotonic()


_worlds: list[World] = []


@contextlib.contextmanager
def waiting_in(world: World) -> Iterator[None]:
    """In this block, `until` turns `world` instead of waiting in real time."""
    _worlds.append(world)
    try:
        yield
    finally:
        _worlds.remove(world)


def until(condition: Callable[[], T], seconds: float = LONG, what: str | Callable[[], str] = "") -> T:
    """Return the first truthy value of `condition`; fail the test after `seconds`.

    `what` describes the condition; a function, if only a failing test should compute the text.
    """
    world = _worlds[-1] if _worlds else _RealTime()
    deadline = world.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if world.monotonic() > deadline:
            description = what() if callable(what) else what
            raise AssertionError(f"not within {seconds} s: {description or condition}")
        world.turn()
