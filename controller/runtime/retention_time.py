"""The moment from which retention counts back: never a time that only the wall clock shows."""

from datetime import datetime, timedelta

from controller.journal.append import Journal
from controller.journal.writing import translate_journal_errors
from controller.model.moment import ClockState, Moment

LEAP = timedelta(days=40)  # at least three months are kept, so a jump up to this size costs no month


def counted_from(journal: Journal, now: Moment, kept: timedelta) -> datetime | None:
    """None: nothing may be removed now. `kept` is about how long records are kept.

    A removed month cannot come back, while a late removal does no harm. If the kernel ever called the clock
    synchronised, only such a time counts: now, or else the newest recorded one. A wall clock set ahead by a
    flat battery or by hand then removes nothing.

    A machine that never synchronises has no such time. It uses its own clock unless that clock jumped within
    the kept time. A running door records something every ten minutes, so a stretch without records is a jump
    or a machine that was off; until that stretch is past its retention time, everything is kept.
    """
    if now.clock is ClockState.UNTRUSTED:
        return None
    if now.clock is ClockState.TRUSTED:
        return now.utc
    synchronised = journal.newest_synchronised_utc()
    if synchronised is not None:
        return min(synchronised, now.utc)
    with translate_journal_errors():
        newest, leapt = journal.writing.find_clock_jump(now.utc - kept, LEAP)
    if leapt or newest is None or now.utc - newest > LEAP:
        return None
    return now.utc
