"""Records each jump and each correction of the wall clock. Belongs to the decide thread."""

from collections.abc import Callable

from controller.model.events import Event, EventType
from controller.model.moment import ClockState, Moment
from controller.runtime.clock import LEAP, Clock


class ClockMoves:
    def __init__(self, clock: Clock, record: Callable[[Event], None]) -> None:
        self._clock = clock
        self._record = record
        self._was = ClockState.UNTRUSTED  # at the poll before

    def poll(self, now: Moment) -> None:
        """At every tick."""
        moved, corrected = self._clock.moved(now.utc, now.mono_ms), self._clock.correction()
        if moved is not None:
            ms = round(moved.total_seconds() * 1000)
            type_ = EventType.CLOCK_SET_BACK if ms < 0 else EventType.CLOCK_JUMPED
            if moved > LEAP and self._was is not ClockState.UNTRUSTED:
                type_ = EventType.CLOCK_LEAPT  # no time daemon does that to a clock that was right
            self._record(Event(type_, now, codes={"moved_ms": ms}))
        if corrected is not None:
            ms = round(corrected.total_seconds() * 1000)
            self._record(Event(EventType.CLOCK_CORRECTED, now, codes={"moved_ms": ms}))
        self._was = now.clock

    def read_synchronised(self) -> None:
        """Ask the kernel whether the clock is synchronised."""
        self._clock.synchronised = self._clock.read_synchronised()
