"""A switch between an input pin and ground: door contact, request-to-exit button, fire relay.

The pin is pulled up. We sample it instead of watching for edges: a sample can't get lost, needs none of the
library's threads, and works the same on a Pi and on simulated pins.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

from controller.errors import InstallerError

SAMPLE_S = 0.025
HOLD_MS = 50  # a shorter change is a bounce; a change longer than 400 ms is never missed


class Debounce:
    """Accepts a new level after `HOLD_MS` without a break."""

    def __init__(self, level: bool) -> None:
        self.level = level
        self._differs_since: float | None = None

    def sample(self, level: bool, mono_ms: float) -> bool:
        """Return True if the accepted level has just changed."""
        if level == self.level:
            self._differs_since = None
            return False
        if self._differs_since is None:
            self._differs_since = mono_ms
        if mono_ms - self._differs_since < HOLD_MS:
            return False
        self.level, self._differs_since = level, None
        return True


class GpioContact:
    """`active_high`: active while the circuit is open. A door contact is: a cut wire shows an open door."""

    def __init__(
        self,
        pin: int,
        factory: Any,
        on_change: Callable[[bool], None],
        *,
        active_high: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`on_change(is_active)` comes from the contact's own thread and may only queue."""
        from gpiozero import InputDevice

        self._active_high, self._on_change, self._monotonic = active_high, on_change, monotonic
        try:
            self._device = InputDevice(pin, pull_up=True, pin_factory=factory)
        except Exception as error:
            raise InstallerError(
                f"Pin {pin} cannot be an input ({error}); end the program that holds it, or set another pin."
            ) from error
        self._debounce = Debounce(self._read())
        self._ended = threading.Event()
        self.beat = 0  # samples so far
        self._thread = threading.Thread(target=self._watch, name=f"contact-{pin}", daemon=True)
        self._thread.start()

    @property
    def is_active(self) -> bool:
        """The last accepted level, so it agrees with the reports to `on_change`."""
        return self._debounce.level

    def close(self) -> None:
        self._ended.set()
        self._thread.join()
        self._device.close()

    def _watch(self) -> None:
        while not self._ended.wait(SAMPLE_S):
            if self._debounce.sample(self._read(), self._monotonic() * 1000):
                self._on_change(self._debounce.level)
            self.beat += 1

    def _read(self) -> bool:
        # gpiozero calls a pulled-up input active when it is grounded.
        return bool(self._device.is_active) is not self._active_high
