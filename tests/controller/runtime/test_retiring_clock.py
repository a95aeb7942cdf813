"""A wrong clock removes nothing from the log."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from controller.journal.append import Journal
from controller.model.moment import ClockState
from controller.runtime.retiring import counted_from
from tests.controller.journal.samples import journal_in
from tests.controller.journal.years import heartbeat, moment

JUNE = datetime(2026, 6, 1, tzinfo=UTC)
KEPT = timedelta(days=93)


def filled(folder: Path, times: Iterable[datetime], clock: ClockState = ClockState.HOLDOVER) -> Journal:
    journal = journal_in(folder)
    journal.append([heartbeat(utc, clock) for utc in times])
    return journal


def regular(days: int, until: datetime = JUNE) -> list[datetime]:
    return [until - timedelta(minutes=30 * i) for i in range(days * 48, 0, -1)]


def test_synchronised_clock_is_gone_by(tmp_path: Path) -> None:
    with filled(tmp_path, [JUNE]) as journal:
        late = JUNE + timedelta(days=900)
        assert counted_from(journal, moment(late), KEPT) == late
        assert counted_from(journal, moment(late, ClockState.UNTRUSTED), KEPT) is None


def test_clock_that_only_holds_over_counts_from_the_newest_synchronised_time(tmp_path: Path) -> None:
    with filled(tmp_path, regular(30), ClockState.TRUSTED) as journal:
        newest = JUNE - timedelta(minutes=30)
        for later in (1, 90, 390):
            now = moment(JUNE + timedelta(days=later), ClockState.HOLDOVER)
            journal.append([heartbeat(now.utc, ClockState.HOLDOVER)])  # the wrong time is in the log already
            assert counted_from(journal, now, KEPT) == newest
        early = JUNE - timedelta(days=9)
        assert counted_from(journal, moment(early, ClockState.HOLDOVER), KEPT) == early


def test_machine_that_never_synchronises_goes_by_a_clock_that_has_not_leapt(tmp_path: Path) -> None:
    with filled(tmp_path, regular(120)) as journal:
        assert counted_from(journal, moment(JUNE, ClockState.HOLDOVER), KEPT) == JUNE


@pytest.mark.parametrize("records", [1, 1500])
def test_leap_within_what_is_kept_keeps_everything_also_long_after_it(tmp_path: Path, records: int) -> None:
    leapt = JUNE + timedelta(days=300)
    with filled(tmp_path, regular(120)) as journal:
        assert counted_from(journal, moment(leapt, ClockState.HOLDOVER), KEPT) is None
        journal.append(
            [heartbeat(leapt + timedelta(minutes=10 * i), ClockState.HOLDOVER) for i in range(records)]
        )
        now = moment(leapt + timedelta(minutes=10 * records), ClockState.HOLDOVER)
        assert counted_from(journal, now, KEPT) is None
        gone_by = moment(leapt + KEPT + timedelta(days=30), ClockState.HOLDOVER)
        journal.append([heartbeat(utc, ClockState.HOLDOVER) for utc in regular(122, gone_by.utc)])
        assert counted_from(journal, gone_by, KEPT) == gone_by.utc


def test_log_without_records_counts_from_nothing(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        assert counted_from(journal, moment(JUNE, ClockState.HOLDOVER), KEPT) is None
