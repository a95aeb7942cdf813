from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from controller.journal.query import JournalReader
from controller.journal.resolve import resolved_times
from controller.journal.tail import SPAN
from controller.model.events import EventType
from controller.model.moment import ClockState, Moment
from tests.controller.journal.samples import START, happened, journal_in

YEARS = timedelta(days=3650)
# What a Pi without a clock may wake up with.
STARTS = [
    (datetime(1970, 1, 1, tzinfo=UTC), ClockState.UNTRUSTED),
    (datetime(2016, 1, 1, tzinfo=UTC), ClockState.UNTRUSTED),
    (START + YEARS, ClockState.UNTRUSTED),
    (START + YEARS, ClockState.HOLDOVER),
]


def resolve(folder: Path) -> dict[int, datetime]:
    with JournalReader(folder / "journal.db") as reader, reader.snapshot() as connection:
        rows = connection.execute(
            "SELECT seq, json_extract(body, '$.boot'), json_extract(body, '$.mono_ms'), "
            "json_extract(body, '$.clock') FROM events"
        ).fetchall()
        return resolved_times(connection, rows)


@pytest.mark.parametrize(("begins", "clock"), STARTS)
@pytest.mark.parametrize("count", [3, SPAN + 40])
def test_boot_without_clock_is_rebuilt_to_the_second_once_it_is_synchronised(
    tmp_path: Path, begins: datetime, clock: ClockState, count: int
) -> None:
    def moment(i: int) -> Moment:
        return Moment(begins + timedelta(seconds=i), 5_000 + i * 1000, "boot-2", clock)

    with journal_in(tmp_path) as journal:
        journal.append([happened(EventType.HEARTBEAT)])
        for i in range(0, count, 500):
            journal.append(
                [happened(EventType.DOOR_OPENED, moment=moment(k)) for k in range(i, min(i + 500, count))]
            )
        assert not resolve(tmp_path)
        synced = Moment(START + timedelta(seconds=count), 5_300 + count * 1000, "boot-2", ClockState.TRUSTED)
        last = journal.append([happened(EventType.CLOCK_JUMPED, moment=synced)])[0]
        times = resolve(tmp_path)
    assert len(times) == count
    for i in range(count):
        true = START + timedelta(seconds=i)
        assert abs(times[last - count + i] - true) <= timedelta(seconds=1)


def test_other_boots_are_not_resolved_by_this_one(tmp_path: Path) -> None:
    lost = Moment(datetime(1970, 1, 1, tzinfo=UTC), 5_000, "boot-0", ClockState.UNTRUSTED)
    with journal_in(tmp_path) as journal:
        journal.append([happened(EventType.SERVICE_STARTED, moment=lost), happened(EventType.HEARTBEAT)])
        assert not resolve(tmp_path)


def test_anchor_many_spans_away_is_found(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        journal.append([happened(EventType.HEARTBEAT, i) for i in range(3)])
        lost = Moment(datetime(1970, 1, 1, tzinfo=UTC), 9_000, "boot-1", ClockState.UNTRUSTED)
        seq = journal.append([happened(EventType.DOOR_OPENED, moment=lost)])[0]
        for _ in range(3 * SPAN // 512):
            journal.append([happened(EventType.DOOR_OPENED, moment=lost) for _ in range(512)])
        journal.append([happened(EventType.HEARTBEAT, 3600) for _ in range(2 * SPAN)])
        assert resolve(tmp_path)[seq] == START + timedelta(seconds=9)
