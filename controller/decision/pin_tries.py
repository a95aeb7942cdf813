"""Counts recent wrong PINs by badge and by reader, and how long the door checks no PIN of them.

Five are free; after the fifth the pause is a minute, and each further one doubles it, up to a quarter of an
hour. A right PIN forgets the earlier wrong ones of that badge and at that reader; so does a day. A new PIN
forgets those of the badge, and a reader forgets one every four minutes. A reader therefore checks at most 480
wrong PINs a day, with any number of badges: 360 that it forgets meanwhile, and those it counted at the start.
Derived from the journal: wrong PINs recorded before a restart count after it.
"""

from bisect import bisect_right, insort
from collections.abc import Iterable

from controller.model.moment import ClockState, Moment
from controller.model.pins import PinTry

FREE = 5
FIRST_MS = 60_000
LONGEST_MS = 15 * 60_000
FORGOTTEN_MS = 24 * 60 * 60_000
READER_FORGETS_MS = 4 * 60_000  # one wrong PIN per interval


class PinTries:
    """Times are milliseconds of this boot's clock; earlier ones are below zero."""

    def __init__(self) -> None:
        self._wrong: dict[tuple[str, str], list[int]] = {}
        self._remembered: dict[tuple[str, str], int] = {}  # of readers, as of the newest wrong one

    def note(self, credential: str, reader: str, right: bool, mono_ms: int) -> None:
        for key in _keys(credential, reader):
            times = self._wrong.setdefault(key, [])
            if right:
                del times[: bisect_right(times, mono_ms)]
            else:
                insort(times, mono_ms)
                del times[: bisect_right(times, mono_ms - FORGOTTEN_MS)]
            if key[0] == "reader":
                self._remembered[key] = _remembered(times)
            if not times:
                del self._wrong[key]

    def new_pin(self, credential: str, mono_ms: int) -> None:
        """An operator set a PIN at that time: wrong tries at the old PIN no longer count here."""
        times = self._wrong.get(("badge", credential), [])
        del times[: bisect_right(times, mono_ms)]

    def locked_ms(self, credential: str, reader: str, mono_ms: int) -> int:
        """How long the door checks no PIN of this badge at this reader; 0: it checks the next one."""
        return max(self._locked_ms(key, mono_ms) for key in _keys(credential, reader))

    def _locked_ms(self, key: tuple[str, str], mono_ms: int) -> int:
        times = self._wrong.get(key, [])
        recent = len(times) - bisect_right(times, mono_ms - FORGOTTEN_MS)
        recent = min(recent, self._remembered.get(key, recent))
        if recent < FREE:
            return 0
        return max(0, times[-1] + min(FIRST_MS << min(recent - FREE, 8), LONGEST_MS) - mono_ms)

    def load(self, tries: Iterable[PinTry], now: Moment) -> None:
        """Tries of the log, oldest first."""
        for one in tries:
            self.note(one.credential, one.reader, one.right, _on_this_clock(one, now))


def _remembered(times: list[int]) -> int:
    """How many of these wrong PINs a reader still counted at the newest one."""
    left_ms, before = 0, times[0] if times else 0
    for time in times:
        left_ms = max(0, left_ms - (time - before)) + READER_FORGETS_MS
        before = time
    return -(-left_ms // READER_FORGETS_MS)


def _on_this_clock(one: PinTry, now: Moment) -> int:
    """A try of an earlier boot came before this boot began; a trusted clock also gives how long before."""
    if one.boot == now.boot:
        return one.mono_ms
    ago = now.mono_ms
    if now.clock is not ClockState.UNTRUSTED:
        ago = max(ago, round((now.utc - one.utc).total_seconds() * 1000))
    return now.mono_ms - ago


def _keys(credential: str, reader: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("badge", credential), ("reader", reader)
