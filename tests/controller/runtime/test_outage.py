"""What a door does while its journal cannot be written: the limits of remembering, and the reports."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from controller.errors import JournalUnavailable
from controller.journal.failures import FailureCause
from controller.journal.reserve import Reserve
from controller.journal.writing import JournalLocked
from controller.model.events import Event, EventType
from controller.model.moment import ClockState, Moment
from controller.runtime.grants import Fate, PendingGrant
from controller.runtime.outage import QUIET_MS, Outage
from tests.controller.lock_holder import Held, held_lock

HALF_AN_HOUR_MS = 1_800_000
START = datetime(2027, 3, 1, tzinfo=UTC)
DISK_FULL = JournalUnavailable("The journal cannot be written (database or disk is full); check its disk.")
DISK_FULL.__cause__ = OSError(28, "No space left on device")
BROKEN = JournalUnavailable("The journal cannot be written (disk I/O error); check its disk.")
BROKEN.__cause__ = OSError(5, "Input/output error")


def at(mono_ms: int = 0) -> Moment:
    return Moment(START + timedelta(milliseconds=mono_ms), mono_ms, "b" * 32, ClockState.TRUSTED)


def entry(mono_ms: int, door: str = "entrance", type_: EventType = EventType.ACCESS_GRANTED) -> PendingGrant:
    return PendingGrant(Event(type_, at(mono_ms), door=door), lambda seq: None, lambda: None)


class Recorded:
    def __init__(self) -> None:
        self.now: dict[str, Any] = {}

    def __call__(self, **changes: Any) -> None:
        self.now |= changes


@pytest.fixture
def recorded() -> Recorded:
    return Recorded()


@pytest.fixture
def outage(tmp_path: Path, recorded: Recorded) -> Outage:
    return Outage(tmp_path, {"entrance"}, None, recorded)


def test_only_an_entry_at_a_door_that_remembers_is_released_and_only_while_the_journal_fails(
    outage: Outage, recorded: Recorded
) -> None:
    assert not outage.grant(entry(0), 0)
    outage.begin(BROKEN, at(10))
    assert outage.grant(entry(20), 20)
    assert not outage.grant(entry(20, "back"), 20)
    assert not outage.grant(entry(20, type_=EventType.ORDER_DONE), 20)
    assert (recorded.now["journal"], recorded.now["remembered"]) == ("remembering", 1)
    assert (recorded.now["journal_cause"], recorded.now["journal_since"]) == ("eio", at(10).utc)
    outage.end(at(30), 1)
    assert not outage.grant(entry(40), 40)
    assert (recorded.now["journal"], recorded.now["journal_since"], recorded.now["remembered"]) == (
        "ok",
        None,
        1,
    )
    outage.written()
    assert recorded.now["remembered"] == 0


def test_somebody_who_waited_too_long_is_refused_and_not_remembered(outage: Outage) -> None:
    outage.begin(BROKEN, at())
    late = entry(0)
    assert not outage.grant(late, 2001)
    assert late.fate is Fate.REFUSED


def test_no_more_than_five_hundred_are_remembered(outage: Outage, recorded: Recorded) -> None:
    outage.begin(BROKEN, at())
    entries = [entry(0) for _ in range(500 + 1)]
    assert [outage.grant(one, 0) for one in entries] == [True] * 500 + [False]
    assert recorded.now["journal"] == "failing"
    assert len({one.number for one in entries if one.fate is Fate.REMEMBERED}) == 500
    assert entries[-1].fate is Fate.PENDING


def test_nobody_is_remembered_after_half_an_hour(outage: Outage, recorded: Recorded) -> None:
    outage.begin(BROKEN, at())
    assert outage.grant(entry(HALF_AN_HOUR_MS), HALF_AN_HOUR_MS)
    assert not outage.grant(entry(HALF_AN_HOUR_MS + 1), HALF_AN_HOUR_MS + 1)
    assert recorded.now["journal"] == "failing"


def test_begin_and_end_are_recorded_once_each(outage: Outage) -> None:
    failed = outage.begin(BROKEN, at(100))
    assert failed is not None
    assert (failed.type, failed.at, failed.codes) == (
        EventType.JOURNAL_FAILED,
        at(100),
        {"cause": FailureCause.EIO},
    )
    assert failed.details == {"error": "EIO"}
    assert outage.begin(BROKEN, at(200)) is None
    outage.grant(entry(250), 250)
    outage.drop()
    recovered = outage.end(at(700), 3)
    assert recovered is not None
    assert recovered.codes == {"failed_ms": 600, "kept": 3, "dropped": 1, "remembered": 1}
    assert outage.tend(at(700 + QUIET_MS)) is None
    assert outage.begin(BROKEN, at(800 + QUIET_MS)) is not None


def test_disk_that_comes_and_goes_reports_one_outage(outage: Outage) -> None:
    outage.begin(BROKEN, at(0))
    assert outage.end(at(100), 1) is not None
    for mono_ms in range(200, 1000, 200):
        assert outage.begin(BROKEN, at(mono_ms)) is None
        assert outage.end(at(mono_ms + 100), 1) is None
    assert outage.tend(at(900)) is None
    ended = outage.tend(at(900 + QUIET_MS))
    assert ended is not None
    assert ended.codes["failed_ms"] == 900
    assert outage.tend(at(901 + QUIET_MS)) is None


def test_reserve_for_which_there_never_was_room_is_not_called_released(
    tmp_path: Path, recorded: Recorded
) -> None:
    outage = Outage(tmp_path, (), Reserve(tmp_path, 1 << 60), recorded)
    failed = outage.tend(at())
    assert recorded.now == {"reserve": "none"}
    assert failed is not None and failed.type is EventType.RESERVE_FAILED
    assert failed.codes == {"cause": "no_room"}
    assert outage.tend(replace(at(), mono_ms=10 * QUIET_MS)) is None, "reported once"


def test_damaged_reserve_is_created_again_and_reported(tmp_path: Path, recorded: Recorded) -> None:
    (tmp_path / "reserve").write_bytes(b"short")
    failed = Outage(tmp_path, (), Reserve(tmp_path, 4096), recorded).tend(at())
    assert recorded.now == {"reserve": "ok"}
    assert failed is not None and failed.codes == {"cause": "damaged"}


def test_reserve_is_returned_to_a_full_disk_once_and_created_again_when_there_is_room(
    tmp_path: Path, recorded: Recorded
) -> None:
    outage = Outage(tmp_path, (), Reserve(tmp_path, 4096), recorded)
    outage.tend(at())
    assert recorded.now == {"reserve": "ok"}
    assert outage.makes_room(BROKEN, at(5)) is None
    released = outage.makes_room(DISK_FULL, at(10))
    assert released is not None
    assert released.type is EventType.RESERVE_RELEASED
    assert recorded.now == {"reserve": "released"}
    assert outage.makes_room(DISK_FULL, at(20)) is None
    outage.tend(at(30))
    assert recorded.now == {"reserve": "released"}
    outage.tend(replace(at(), mono_ms=10 * QUIET_MS))
    assert recorded.now == {"reserve": "ok"}


def test_lost_records_are_reported_with_their_numbers(outage: Outage, recorded: Recorded) -> None:
    outage.begin(BROKEN, at())
    lost = outage.lost(7, 9, at(50))
    assert lost.codes == {"cause": "lost_records", "first": 7, "last": 9}
    assert recorded.now["journal_cause"] == "lost_records"


@pytest.mark.process
def test_another_program_that_locks_the_journal_soon_after_the_first_one_is_named_too(
    outage: Outage, tmp_path: Path
) -> None:
    shm = tmp_path / "journal.db-shm"
    shm.touch()
    named = []
    for second in (0, 10):
        with held_lock(shm, Held.READ, 0, 0) as process:
            event = outage.begin(JournalLocked(), at(second * 1000))
            assert event is not None and f"({process})" in str(event.details["held_by"])
            named.append(process)
            outage.end(at(second * 1000 + 1), 0)
            assert outage.begin(JournalLocked(), at(second * 1000 + 2)) is None, "the same program again"
            outage.end(at(second * 1000 + 3), 0)
    assert len(set(named)) == 2
