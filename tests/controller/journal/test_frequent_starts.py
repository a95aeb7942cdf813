"""Starts of the door process that follow each other closely, counted from its records."""

from pathlib import Path

import pytest

from controller.journal.append import Journal
from controller.journal.frequent_starts import frequent_starts
from controller.model.events import EventType
from controller.model.moment import ClockState, Moment
from tests.controller.journal.samples import START, at, happened, journal_in, raw

STARTED, STOPPED = EventType.SERVICE_STARTED, EventType.SERVICE_STOPPED
OFTEN = EventType.SERVICE_RESTARTS_OFTEN


def lived(journal: Journal, *records: tuple[EventType, float]) -> None:
    journal.append([happened(kind, seconds) for kind, seconds in records])


@pytest.fixture
def journal(tmp_path: Path):
    with journal_in(tmp_path) as journal:
        yield journal


@pytest.mark.parametrize(
    ("records", "starts"),
    [
        ([], None),
        ([(STARTED, 0)], None),
        ([(STARTED, 0), (STARTED, 60)], 3),
        ([(STARTED, -1), (STARTED, 60)], None),
        ([(STARTED, 0), (STOPPED, 30), (STARTED, 31), (STOPPED, 60)], None),
        ([(STARTED, 0), (STARTED, 5), (STOPPED, 30), (STARTED, 31)], 3),
        ([(STARTED, 0), (STARTED, 5), (OFTEN, 5), (STARTED, 9)], None),
        ([(STARTED, -60), (STARTED, -50), (OFTEN, -50), (STARTED, 5), (STARTED, 9)], None),
        ([(STARTED, -3479), (OFTEN, -3479), (STARTED, 5), (STARTED, 9)], None),
        ([(STARTED, -3481), (OFTEN, -3481), (STARTED, 5), (STARTED, 9)], 3),
    ],
    ids=[
        "first",
        "second",
        "third",
        "slow",
        "stopped",
        "stopped_once",
        "reported",
        "goes_on",
        "goes_on_for_an_hour",
        "an_hour_later",
    ],
)
def test_third_start_within_two_minutes_is_reported_once_in_an_hour(
    journal: Journal, records: list[tuple[EventType, float]], starts: int | None
) -> None:
    lived(journal, *records)
    journal.append([happened(EventType.HEARTBEAT, 100) for _ in range(50)])
    assert frequent_starts(journal, at(120)) == starts


def test_restarts_of_the_machine_count_by_the_wall_clock(journal: Journal) -> None:
    for number, seconds in enumerate((0, 40)):
        moment = Moment(at(seconds).utc, 500, f"boot-{number}", ClockState.HOLDOVER)
        journal.append([happened(STARTED, moment=moment)])
    assert frequent_starts(journal, Moment(at(80).utc, 500, "boot-2", ClockState.HOLDOVER)) == 3
    assert frequent_starts(journal, Moment(at(200).utc, 500, "boot-2", ClockState.HOLDOVER)) is None
    assert frequent_starts(journal, Moment(START, 500, "boot-2", ClockState.UNTRUSTED)) is None


def test_damaged_record_of_a_start_is_passed_over(journal: Journal, tmp_path: Path) -> None:
    lived(journal, (STARTED, 0), (STARTED, 1), (STARTED, 2))
    with raw(tmp_path) as connection:
        connection.execute("DROP TRIGGER events_are_never_changed")
        connection.execute("UPDATE events SET body = replace(body, '\"mono_ms\":', '\"x\":') WHERE seq = 2")
    assert frequent_starts(journal, at(10)) == 3
