from dataclasses import replace
from pathlib import Path

from controller.journal.silences import LONGEST_MS
from controller.model.events import Event, EventType
from controller.model.moment import Moment
from controller.runtime.heartbeat import QUIET_MS, HeartbeatChore
from tests.controller.journal.samples import at, happened, journal_in


def test_quiet_door_records_a_heartbeat_every_ten_minutes_and_a_busy_one_none(tmp_path: Path) -> None:
    now_ms = 0
    beats: list[int] = []

    def now() -> Moment:
        beats.append(now_ms)
        return replace(at(), mono_ms=now_ms)

    heartbeat = HeartbeatChore(now, lambda: now_ms)
    with journal_in(tmp_path) as journal:
        for half_seconds in range(2 * 60 * 60):
            now_ms = half_seconds * 500
            assert not heartbeat(journal)
        assert beats == [10 * 60_000, 20 * 60_000, 30 * 60_000, 40 * 60_000, 50 * 60_000]
        beats.clear()
        for minute in range(60, 120):
            now_ms = minute * 60_000
            journal.append([happened(EventType.DOOR_OPENED)])
            heartbeat(journal)
        assert not beats


def test_heartbeat_comes_well_before_a_silence_would_count() -> None:
    assert 1.4 * QUIET_MS < LONGEST_MS
    assert Event(EventType.HEARTBEAT, at()).section == "system"
