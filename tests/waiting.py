"""Waiting for a condition, never for a while: tests hold no sleeps of their own.

The limit is for what never comes. It is reached by a failure alone, so it can be long; a shorter one would
only say how busy the machine was.
"""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
LONG = 120.0  # seconds
_PAUSE = threading.Event()  # never set: its wait is the pause between two looks


def until(condition: Callable[[], T], seconds: float = LONG, what: str = "") -> T:
    """Return the first truthy value of `condition`; fail the test after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what or condition}")
        _PAUSE.wait(0.01)
