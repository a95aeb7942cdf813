"""Waiting for a condition, never for a while: tests hold no sleeps of their own.

The limit is for what never comes. It is reached by a failure alone, so it can be long; a shorter one would
only say how busy the machine was.

A test whose door goes by a stepped clock waits in that clock's time: each look turns the door once, and
nothing happens in between.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

T = TypeVar("T")
LONG = 120.0  # seconds
_PAUSE = threading.Event()  # never set: its wait is the pause between two looks


class World(Protocol):
    """What passes between two looks."""

    def turn(self) -> None: ...

    def monotonic(self) -> float: ...


class _RealTime:
    """The longer a test waits, the longer it pauses: what it waits for needs the processor, too."""

    def __init__(self) -> None:
        self._begun = self.monotonic()

    def turn(self) -> None:
        waited = self.monotonic() - self._begun
        _PAUSE.wait(min(0.05, max(0.01, waited / 20)))

    def monotonic(self) -> float:
        return time.monotonic()


_worlds: list[World] = []


@contextlib.contextmanager
def waiting_in(world: World) -> Iterator[None]:
    """Meanwhile `until` turns `world` instead of waiting in real time."""
    _worlds.append(world)
    try:
        yield
    finally:
        _worlds.remove(world)


def until(condition: Callable[[], T], seconds: float = LONG, what: str = "") -> T:
    """Return the first truthy value of `condition`; fail the test after `seconds`."""
    world = _worlds[-1] if _worlds else _RealTime()
    deadline = world.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if world.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what or condition}")
        world.turn()
