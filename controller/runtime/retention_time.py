"""From which moment retention counts back: never from a time that only the wall clock claims."""

from datetime import datetime, timedelta

from controller.journal.append import Journal
from controller.journal.writing import translate_journal_errors
from controller.model.moment import ClockState, Moment

LEAP = timedelta(days=40)  # with the floor of three months kept, so much may be wrong before it costs a month


def counted_from(journal: Journal, now: Moment, kept: timedelta) -> datetime | None:
    """None: nothing may be removed now. `kept` is about how long records are kept.

    A month that is removed is gone, and one removed late does no harm. So where the kernel ever called the
    clock synchronised, only such a time counts: now, or else the newest that was recorded; a wall clock set
    ahead by a flat battery or by hand removes nothing. A machine that never synchronises has no such time. It
    goes by its own clock as long as that has not leapt within what is kept: a running door records something
    every ten minutes, so a stretch of time without records is a leap, or a machine that was off; until
    that stretch is past its own time, everything is kept.
    """
    if now.clock is ClockState.UNTRUSTED:
        return None
    if now.clock is ClockState.TRUSTED:
        return now.utc
    synchronised = journal.newest_synchronised_utc()
    if synchronised is not None:
        return min(synchronised, now.utc)
    with translate_journal_errors():
        newest, leapt = journal.writing.leaps(now.utc - kept, LEAP)
    if leapt or newest is None or now.utc - newest > LEAP:
        return None
    return now.utc
