"""Removes months past their retention time, oldest first: archive, read back, record, then remove.

A chore of the record thread, written as a generator that yields after each short step. After a power cut or a
journal failure it starts again and finds its progress in the journal.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from controller.errors import GenkanError, JournalUnavailable
from controller.journal import retire
from controller.journal.append import Journal
from controller.journal.erase import empty_wal
from controller.journal.query import JournalReader
from controller.journal.retire import Removal
from controller.journal.writing import translate_journal_errors
from controller.model.events import Event, EventType
from controller.model.moment import ClockState, Moment

log = logging.getLogger(__name__)

LEAP = timedelta(days=40)  # at least three months are kept, so a jump up to this size costs no month
AGAIN_MS = 60 * 60 * 1000  # after a problem with the archive or the clock
_MONTH = timedelta(days=31)
_STEPS_IN_A_ROW = 64  # then the other chores have their turn


class Retiring:
    def __init__(
        self,
        reader: JournalReader,
        archive: Path,
        keep_months: int,
        hold: bool,
        zone: ZoneInfo,
        now: Callable[[], Moment],
        request_checkpoint: Callable[[], None],
    ) -> None:
        """`archive` is the folder for removed months, created when needed.

        `keep_months` counts whole calendar months; the current month is always kept as well.
        """
        self._reader = reader
        self._archive = archive
        self._keep_months = keep_months
        self._hold = hold
        self._zone = zone
        self._now = now
        self._request_checkpoint = request_checkpoint
        self._work: Iterator[bool] | None = None
        self._checked_before: date | None = None  # months before this one are already checked
        self._not_before_ms = 0
        self._steps = 0

    def __call__(self, journal: Journal) -> bool:
        if self._work is None:
            now = self._now()
            if self._hold or now.clock is ClockState.UNTRUSTED or now.mono_ms < self._not_before_ms:
                return False
            if self._due_by(now.utc) == self._checked_before:
                return False
            counted = counted_from(journal, now, _MONTH * (self._keep_months + 1))
            if counted is None:
                self._not_before_ms = now.mono_ms + AGAIN_MS
                return False
            oldest = self._due_by(counted)
            if oldest == self._checked_before:
                return False
            self._work = self._removing(journal, oldest)
        self._steps += 1
        try:
            with translate_journal_errors():
                again = next(self._work, False)
        except JournalUnavailable:
            self._work = None
            raise
        except GenkanError as error:
            self._work = None
            self._not_before_ms = self._now().mono_ms + AGAIN_MS
            log.error("cannot remove a month from the log: %s", error)
            return False
        return again and self._steps % _STEPS_IN_A_ROW != 0

    def _due_by(self, utc: datetime) -> date:
        """Months before this one are past their retention time."""
        return retire.months_later(retire.month_of(utc, self._zone), -self._keep_months)

    def _removing(self, journal: Journal, oldest: date) -> Iterator[bool]:
        """Remove all months before `oldest`. Yields whether to continue immediately."""
        recorded = retire.newest_removal(journal.writing.connection())
        if recorded is not None:
            # Finish an interrupted removal; for a finished one there is nothing to do.
            yield from self._removed(journal, recorded)
        while True:
            month: Removal | None = None
            for found in self._next(journal, oldest):
                month = found
                yield True
            if month is None:
                break
            yield from self._removed(journal, month)
        self._checked_before = oldest
        self._work = None

    def _next(self, journal: Journal, oldest: date) -> Iterator[Removal | None]:
        """Archive and record the oldest month that is due. Yields None until then, and ends without a month
        if none is due.
        """
        connection = journal.writing.connection()
        recorded = retire.newest_removal(connection)
        first, upto, last = 1 if recorded is None else recorded.last + 1, 0, 0
        due = retire.month_start(self._zone, oldest)
        begun: datetime | None = None
        for found in retire.last_before(connection, first, due):
            upto = found or 0
            yield None
        for utc in retire.first_before(connection, first, upto, due):
            begun = utc
            yield None
        if begun is None:
            return
        month = retire.month_of(begun, self._zone)
        ended = retire.month_start(self._zone, retire.months_later(month, 1))
        for found in retire.last_before(connection, first, ended):
            last = found or 0
            yield None
        yield from self._archive_and_record(journal, f"{month:%Y-%m}", first, last or upto)

    def _archive_and_record(
        self, journal: Journal, month: str, first: int, last: int
    ) -> Iterator[Removal | None]:
        from controller.journal.export.archive import MonthArchive, NotArchived

        archive = MonthArchive(
            reader=self._reader, file=self._archive / f"{month}.jsonl", month=month, first=first, last=last
        )
        try:
            for _ in archive.write():
                yield None
            archive.rename_into_place()
        except OSError as error:
            archive.discard()
            raise NotArchived(f"{self._archive}: month {month} cannot be written ({error}).") from error
        yield None
        codes: dict[str, str | int] = {
            "month": month,
            "first": first,
            "last": last,
            "count": archive.removable,
            "root": archive.root,
            "archive_sha256": archive.sha256,
        }
        seq = journal.append([Event(EventType.MONTH_REMOVED, self._now(), codes=codes)])[0]
        log.info("month %s, records %d to %d, moves from the log to the archive", month, first, last)
        yield Removal(seq, month, first, last)

    def _removed(self, journal: Journal, removal: Removal) -> Iterator[bool]:
        """Remove the records once the record of their removal is signed: an unsigned record does not excuse
        missing ones.
        """
        if journal.writing.sealed < removal.seq:
            self._request_checkpoint()
        while journal.writing.sealed < removal.seq:
            yield False
        removed = False
        while retire.remove_step(journal, removal):
            removed = True
            yield True
        retire.tidy(journal, removal)
        yield True
        while removed and not empty_wal(journal.writing):
            yield False


def counted_from(journal: Journal, now: Moment, kept: timedelta) -> datetime | None:
    """Return the moment from which retention counts back, or None if nothing may be removed now.

    It is never a time that only the wall clock shows. `kept` is about how long records are kept.

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
