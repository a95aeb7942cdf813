"""The only "now". All other code receives the moment as an argument.

Wall time is for people. CLOCK_BOOTTIME, which nobody can set, is for timers and ages. A wall clock behind the
newest time seen is untrusted. So is one that jumped ahead while the kernel did not call it synchronised; such
a time never moves the newest time seen. Only a synchronised clock may correct the newest time seen, and only
if no synchronised clock ever showed it.
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from controller.model.moment import ClockState, Moment

# No correct clock is earlier than the month this program was written.
EARLIEST = datetime(2026, 11, 1, tzinfo=UTC)
SLACK = timedelta(seconds=2)  # a time daemon makes steps of this size every day
LEAP = timedelta(minutes=30)  # a bigger jump ahead without synchronisation: somebody set the clock
LONG_OFF = timedelta(days=400)  # no door is without power longer; a clock that shows more is wrong
_TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised


def boot_id() -> str:
    """The kernel's name for this boot, without hyphens."""
    return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip().replace("-", "")


def boottime_ms() -> int:
    """Milliseconds since boot, suspend included (CLOCK_BOOTTIME)."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000


def wall() -> datetime:
    return datetime.now(UTC)


def is_kernel_synchronised() -> bool:
    """adjtimex(2) with modes = 0 reads the state and needs no privilege."""
    import ctypes  # imported once a minute, not at the start

    timex = ctypes.create_string_buffer(512)  # larger than struct timex on every architecture
    try:
        state: int = ctypes.CDLL(None).adjtimex(timex)
        return 0 <= state != _TIME_ERROR
    except (AttributeError, OSError):
        return False


class Clock:
    """Returns moments and judges the wall clock. One per process; cheap enough for every tap."""

    def __init__(
        self,
        newest: datetime | None = None,
        read_synchronised: Callable[[], bool] = is_kernel_synchronised,
        newest_synchronised: datetime | None = None,
        wall: Callable[[], datetime] = wall,
        knows_newest: bool = True,
        mono_ms: Callable[[], int] = boottime_ms,
    ) -> None:
        """`newest` is the newest time in the journal that was not untrusted, `newest_synchronised` the newest
        that the kernel called synchronised. `read_synchronised` asks the kernel whether the clock is
        synchronised, `wall` reads the wall clock, `mono_ms` the clock for timers and ages.

        With `knows_newest` False the journal could not be read. Until `learn` gets its newest times, the
        clock may be behind a time already reached; the door then trusts it only while the kernel calls it
        synchronised.
        """
        self.read_synchronised = read_synchronised
        self.wall = wall
        self.mono_ms = mono_ms
        self.boot = boot_id()
        self.newest = newest
        self.newest_synchronised = newest_synchronised
        self.synchronised = False
        self._knows_newest = knows_newest
        self._guard = threading.Lock()
        self._corrected: timedelta | None = None
        self._seen: timedelta | None = None  # wall minus monotonic, at the last call of `moved`
        self._trusted: timedelta | None = None  # the same, before any jump

    def now(self) -> Moment:
        return self.judge(self.wall(), self.mono_ms())

    def judge(self, utc: datetime, mono_ms: int) -> Moment:
        with self._guard:
            state = self._state(utc, mono_ms)
            newest = self.newest
            if state is not ClockState.UNTRUSTED and _before(newest, utc):
                self.newest = utc
            if state is ClockState.TRUSTED and _before(self.newest_synchronised, utc):
                self.newest_synchronised = utc
            return Moment(utc=utc, mono_ms=mono_ms, boot=self.boot, clock=state, not_before=newest)

    def correct(self) -> None:
        """Root has confirmed the wall clock: trust it, although a later time was seen. From any thread."""
        with self._guard:
            utc, mono_ms = self.wall(), self.mono_ms()
            if utc < EARLIEST:
                return
            self._corrected = timedelta() if self.newest is None else utc - self.newest
            self.newest = utc
            self.newest_synchronised = None
            self._trusted = _offset(utc, mono_ms)

    def judge_again(self, moment: Moment) -> Moment:
        """A moment from before `learn`, as this clock judges it now."""
        return self.judge(moment.utc, moment.mono_ms)

    def learn(self, newest: datetime | None, newest_synchronised: datetime | None) -> None:
        """The newest times of the journal, once it can be read. From any thread."""
        with self._guard:
            if newest is not None and _before(self.newest, newest):
                self.newest = newest
            if newest_synchronised is not None and _before(self.newest_synchronised, newest_synchronised):
                self.newest_synchronised = newest_synchronised
            self._knows_newest = True

    def _state(self, utc: datetime, mono_ms: int) -> ClockState:
        if utc < EARLIEST:
            return ClockState.UNTRUSTED
        if not self._knows_newest:
            self.synchronised = self.read_synchronised()
            return ClockState.TRUSTED if self.synchronised else ClockState.UNTRUSTED
        if self.newest is not None and utc < self.newest - SLACK:
            if not self._corrects(utc):
                return ClockState.UNTRUSTED
            self._corrected = utc - self.newest
            self.newest = utc
            self._trusted = _offset(utc, mono_ms)
        leapt = self._trusted is not None and _offset(utc, mono_ms) - self._trusted > LEAP
        slept = self.newest is not None and utc > self.newest + LONG_OFF
        if leapt or slept:
            # An accepted time judges validity from now on, so ask the kernel again.
            self.synchronised = self.read_synchronised()
            if not self.synchronised:
                return ClockState.UNTRUSTED
            self._trusted = _offset(utc, mono_ms)
        return ClockState.TRUSTED if self.synchronised else ClockState.HOLDOVER

    def _corrects(self, utc: datetime) -> bool:
        """Whether the kernel calls this time synchronised, and all later times seen were unsynchronised.

        Ask the kernel again: a clock that somebody has just set is no longer synchronised.
        """
        if self.newest_synchronised is not None and utc < self.newest_synchronised - SLACK:
            return False
        self.synchronised = self.read_synchronised()
        return self.synchronised

    def correction(self) -> timedelta | None:
        """By how much the newest time seen was wrong (negative); each correction is returned once."""
        corrected, self._corrected = self._corrected, None
        return corrected

    def moved(self, utc: datetime, mono_ms: int) -> timedelta | None:
        """How far the wall clock was set since the last call, if beyond the daily slack; else None.

        Called at every tick, so that a jump is judged before the next tap.
        """
        offset = _offset(utc, mono_ms)
        seen, self._seen = self._seen, offset
        if self._trusted is None or -SLACK <= offset - self._trusted <= LEAP:
            self._trusted = offset  # not after a step back: correcting that step is not a jump ahead
        if seen is None or abs(offset - seen) <= SLACK:
            return None
        return offset - seen


def _before(earlier: datetime | None, utc: datetime) -> bool:
    return earlier is None or earlier < utc


def _offset(utc: datetime, mono_ms: int) -> timedelta:
    return utc - EARLIEST - timedelta(milliseconds=mono_ms)
