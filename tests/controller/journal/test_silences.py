from datetime import timedelta
from pathlib import Path

import pytest

from controller.journal.query import JournalReader
from controller.journal.silences import RecordTime, Silence, SilenceCause, silences, silences_between
from controller.model.events import EventType
from controller.model.moment import ClockState, Moment
from tests.controller.journal.samples import START, happened, journal_in

MINUTE = 60_000
QUIET = [EventType.HEARTBEAT, EventType.ACCESS_GRANTED, EventType.DOOR_CLOSED]


def heard(
    seq: int, minutes: float, type: str = EventType.HEARTBEAT, boot: str = "b1", wall: float = 0
) -> RecordTime:
    """`wall`: minutes the wall clock is ahead of this boot's monotonic clock."""
    return RecordTime(seq, boot, round(minutes * MINUTE), START + timedelta(minutes=minutes + wall), type)


def test_door_that_runs_is_never_silent() -> None:
    assert not list(silences(heard(1 + i, 10 * i, QUIET[i % 3]) for i in range(500)))


def test_silence_is_longer_than_fifteen_minutes_and_not_fifteen() -> None:
    times = [heard(1, 0), heard(2, 15), heard(3, 15 + 15.001)]
    assert list(silences(times)) == [Silence(2, 3, 15 * MINUTE + 60, SilenceCause.UNEXPLAINED)]


@pytest.mark.parametrize("minutes", [16, 60, 60 * 24 * 30])
@pytest.mark.parametrize(
    ("last", "next", "boot", "cause"),
    [
        (EventType.SERVICE_STOPPED, EventType.SERVICE_STARTED, "b1", SilenceCause.STOPPED),
        (EventType.SERVICE_STOPPED, EventType.SERVICE_STARTED, "b2", SilenceCause.STOPPED),
        (EventType.SERVICE_STOPPED, EventType.LOG_KEY_ADDED, "b2", SilenceCause.STOPPED),
        (EventType.DOOR_CLOSED, EventType.SERVICE_STARTED, "b1", SilenceCause.RESTARTED),
        (EventType.DOOR_CLOSED, EventType.SERVICE_STARTED, "b2", SilenceCause.BOOTED),
        (EventType.DOOR_CLOSED, EventType.LOG_KEY_ADDED, "b2", SilenceCause.BOOTED),
        (EventType.HEARTBEAT, EventType.JOURNAL_RECOVERED, "b1", SilenceCause.JOURNAL_FAILED),
        (EventType.JOURNAL_FAILED, EventType.ACCESS_GRANTED, "b1", SilenceCause.JOURNAL_FAILED),
        (EventType.HEARTBEAT, EventType.HEARTBEAT, "b1", SilenceCause.UNEXPLAINED),
        (EventType.ACCESS_GRANTED, EventType.DOOR_OPENED, "b1", SilenceCause.UNEXPLAINED),
    ],
)
def test_every_long_silence_is_reported_with_its_cause(
    last: str, next: str, boot: str, cause: SilenceCause, minutes: float
) -> None:
    after = heard(2, minutes, next) if boot == "b1" else heard(2, 1, next, boot, minutes - 1)
    assert list(silences([heard(1, 0, last), after])) == [Silence(1, 2, minutes * MINUTE, cause)]


def test_stop_explains_until_the_next_start_and_no_longer() -> None:
    times = [
        heard(1, 0, EventType.SERVICE_STOPPED),
        heard(2, 0, EventType.ACCESS_OUTCOME),
        heard(3, 60, EventType.SERVICE_STARTED),
        heard(4, 120),
    ]
    assert [found.cause for found in silences(times)] == [SilenceCause.STOPPED, SilenceCause.UNEXPLAINED]


def test_moved_wall_clock_makes_no_silence_within_a_boot_and_hides_none() -> None:
    years = 60 * 24 * 365
    times = [heard(1, 0), heard(2, 9, wall=years), heard(3, 18, wall=-years), heard(4, 80, wall=-years - 62)]
    assert list(silences(times)) == [Silence(3, 4, 62 * MINUTE, SilenceCause.UNEXPLAINED)]


def test_records_numbered_out_of_times_order_make_no_silence() -> None:
    times = [heard(1, 30), heard(2, 10), heard(3, 31), heard(4, 12), heard(5, 44)]
    assert not list(silences(times))


def test_length_that_nobody_knows_is_reported_as_unknown() -> None:
    unknown = heard(2, 0, EventType.SERVICE_STARTED, "b2")._replace(utc=None)
    assert list(silences([heard(1, 0), unknown])) == [Silence(1, 2, None, SilenceCause.BOOTED)]
    decade = heard(1, 0, wall=60 * 24 * 3650)
    assert list(silences([decade, heard(2, 1, boot="b2")])) == [Silence(1, 2, None, SilenceCause.BOOTED)]


def test_records_that_are_not_neighbours_say_nothing_of_silence() -> None:
    assert not list(silences([heard(1, 0), heard(3, 600)]))


def test_silence_before_the_first_asked_record_is_found_in_the_journal(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        newest = journal.newest_seq
        journal.append([happened(EventType.SERVICE_STARTED, 0), happened(EventType.SERVICE_STOPPED, 60)])
        journal.append([happened(EventType.SERVICE_STARTED, 7200), happened(EventType.HEARTBEAT, 7800)])
        with JournalReader(tmp_path / "journal.db") as reader, reader.snapshot() as connection:
            found = silences_between(connection, newest + 3, newest + 4)
            assert found == [Silence(newest + 2, newest + 3, 7_140_000, SilenceCause.STOPPED)]
            assert not silences_between(connection, newest + 4, newest + 4)


def test_boot_without_a_clock_is_measured_once_its_time_is_known(tmp_path: Path) -> None:
    def late(mono_ms: int, clock: ClockState, utc: float) -> Moment:
        return Moment(START + timedelta(seconds=utc), mono_ms, "boot-2", clock)

    lost = late(5_000, ClockState.UNTRUSTED, -(10**9))
    with journal_in(tmp_path) as journal:
        first = journal.append([happened(EventType.HEARTBEAT, 0)])[0]
        journal.append([happened(EventType.SERVICE_STARTED, moment=lost)])
        with JournalReader(tmp_path / "journal.db") as reader:
            with reader.snapshot() as connection:
                assert [found.ms for found in silences_between(connection, first, first + 1)] == [None]
            journal.append([happened(EventType.HEARTBEAT, moment=late(65_000, ClockState.TRUSTED, 3660))])
            with reader.snapshot() as connection:
                assert [found.ms for found in silences_between(connection, first, first + 2)] == [3_600_000]
