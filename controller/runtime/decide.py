"""The decide thread: receives the readers' signals one by one, and lets time pass between them.

`taps.py` decides on cards. Every 50 ms a tick checks whether the registry (orders, operators' actions), the
clock or the door modes have changed.
"""

import logging
import queue
from collections import deque
from collections.abc import Callable
from functools import partial

from controller.model.events import Event
from controller.model.moment import Moment
from controller.model.reasons import DenyReason
from controller.model.signals import CardPresented, CardRefused, PinEntered, ReaderSignal
from controller.runtime.clock import Clock
from controller.runtime.clock_moves import ClockMoves
from controller.runtime.reader_events import reader_event
from controller.runtime.taps import Taps

log = logging.getLogger(__name__)

TICK_MS = 50
_SETTLED_MS = 2  # poll interval while a tap waits for earlier taps, or for the log
_SYNCHRONISED_EVERY = 1200  # ticks: once a minute
_REOPEN_EVERY = 20  # ticks: once a second


class Decide:
    def __init__(
        self,
        taps: Taps,
        clock: Clock,
        record: Callable[[Event], None],
        each_second: Callable[[Moment], None] = lambda now: None,
    ) -> None:
        self._taps = taps
        self._each_second = each_second
        self._clock = clock
        self._clock_moves = ClockMoves(clock, record)
        self._record = record
        self._inbox: queue.SimpleQueue[ReaderSignal | None] = queue.SimpleQueue()
        # Taps that wait for earlier grants.
        self._waiting: deque[tuple[CardPresented | PinEntered, Moment]] = deque()
        self._next_tick_ms = 0
        self._stopping = False
        self.ticks = 0
        self.beat = 0

    def post(self, signal: ReaderSignal) -> None:
        """Queue a signal. From a reader's thread; never blocks."""
        self._inbox.put(signal)

    def stop(self) -> None:
        self._stopping = True
        self._inbox.put(None)

    def run(self) -> None:
        """The thread's body."""
        self.begin()
        while not self._stopping:
            wait_ms = max(0, self._next_tick_ms - self._clock.mono_ms())
            if self._waiting or self._taps.rights.awaiting:
                wait_ms = min(wait_ms, _SETTLED_MS)
            self.turn(wait_ms / 1000)
        self.end()

    def begin(self) -> None:
        """Before the first turn, on the thread that takes the turns."""
        now = self._clock.now()
        self._survive(partial(self._taps.registry.reopen, now), None, now)
        self._survive(partial(self._each_second, now), None, now)

    @property
    def has_signals(self) -> bool:
        return not self._inbox.empty()

    def turn(self, wait_s: float) -> None:
        """Handle one signal if one arrives within `wait_s`, then the tick if it is due."""
        try:
            signal = self._inbox.get(timeout=wait_s)
        except queue.Empty:
            signal = None
        self._resume_waiting()
        now = self._clock.now()
        rights = self._taps.rights
        for reader in rights.awaiting:
            self._survive(partial(rights.resume, reader, now), f"the card at {reader}", now, reader)
        if signal is not None:
            self._survive(partial(self.handle, signal, now), signal, now, _card_reader(signal))
        if now.mono_ms >= self._next_tick_ms:
            self._next_tick_ms = now.mono_ms + TICK_MS
            self._survive(partial(self.tick, now), None, now)
        self.beat += 1

    def end(self) -> None:
        """After the last turn: refuse the cards that still wait for a PIN, and close the registry."""
        taps = self._taps
        for reader in taps.rights.awaiting:
            taps.rights.resume(reader, self._clock.now(), is_last=True)
        taps.pins.end_all(self._clock.now())
        taps.judge.flush(self._clock.now())
        taps.registry.close()

    def _survive(
        self, work: Callable[[], None], about: object, now: Moment, reader: str | None = None
    ) -> None:
        """A bad registry or a bug must not stop the thread: refuse the tap at `reader`, log the error, decide
        the next tap.
        """
        try:
            work()
        except Exception:
            log.exception("cannot decide on %s", about or "the registry's changes")
            if reader is not None:
                self._taps.refuse(reader, DenyReason.REGISTRY_UNAVAILABLE, None, now)

    def _resume_waiting(self) -> None:
        """Decide waiting taps by the moment of presentation, so that the two-second limit is the same for
        everybody.
        """
        while self._waiting and not self._taps.must_wait(self._waiting[0][0]):
            signal, presented = self._waiting.popleft()
            self._survive(partial(self.handle, signal, presented), signal, presented, signal.reader)

    def handle(self, signal: ReaderSignal, now: Moment) -> None:
        match signal:
            case CardPresented() | PinEntered() if self._taps.must_wait(signal):
                self._waiting.append((signal, now))
            case CardPresented():
                self._taps.card(signal, now)
            case PinEntered():
                self._taps.pin(signal, now)
            case CardRefused():
                self._taps.refused_card(signal, now)
            case _:
                self._record(reader_event(signal, self._taps.locations[signal.reader], now))

    def tick(self, now: Moment) -> None:
        taps = self._taps
        self.ticks += 1
        if self.ticks % _SYNCHRONISED_EVERY == _REOPEN_EVERY:  # a second after the start, then every minute
            self._clock_moves.read_synchronised()
        self._clock_moves.poll(now)
        taps.judge.tick(now)
        taps.pins.end_overdue(now)
        if self.ticks % _REOPEN_EVERY == 0:
            taps.registry.reopen_if_needed(now)
            self._each_second(now)
        taps.watch.poll(now)
        taps.registry.record_copy_age(now)
        taps.judge.update_modes(now)


def _card_reader(signal: ReaderSignal) -> str | None:
    """The reader of a tap; None for any other signal."""
    return signal.reader if isinstance(signal, CardPresented | PinEntered) else None
