import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from controller.journal.append import Journal
from controller.model.events import Event, EventType
from controller.model.moment import ClockState, Moment
from controller.runtime.grants import PendingGrant
from controller.runtime.record import Record
from tests.waiting import until

AT = Moment(datetime(2027, 3, 1, tzinfo=UTC), 10_000, "b" * 32, ClockState.HOLDOVER)
JUST_AFTER = 10_010
TOO_LATE = 99_000


class House:
    """A record thread on a real journal, whose time stands where the test puts it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.file = folder / "journal.db"
        self.journal = Journal.open(self.file, "0" * 12)
        self.mono_ms = JUST_AFTER
        self.copies = 0
        self.record = Record(self.journal, [self.copy], [], lambda: AT, lambda: self.mono_ms)
        self.thread = threading.Thread(target=self.record.run)
        self.said: list[str] = []

    def copy(self, journal: Journal) -> bool:
        self.copies += 1
        return False

    def grant(self) -> PendingGrant:
        return PendingGrant(
            Event(EventType.ACCESS_GRANTED, AT, door="d", access_point="d-in", direction="in"),
            lambda seq: self.said.append(f"release {seq}"),
            lambda: self.said.append("refuse"),
        )

    def stop(self) -> None:
        self.record.stop()
        if self.thread.ident is not None:
            self.thread.join(10)
        self.journal.close()

    def rows(self) -> list[tuple[int, str]]:
        with sqlite3.connect(f"file:{self.file}?mode=ro", uri=True) as connection:
            return connection.execute("SELECT seq, json_extract(body, '$.type') FROM events").fetchall()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path / "journal")
    yield house
    house.stop()


def test_grant_is_in_the_journal_before_it_is_released(house: House):
    seen_at_release: list[list[tuple[int, str]]] = []
    grant = PendingGrant(
        Event(EventType.ACCESS_GRANTED, AT), lambda seq: seen_at_release.append(house.rows()), lambda: None
    )
    house.record.grant(grant)
    house.thread.start()
    until(lambda: seen_at_release)
    assert seen_at_release == [[(1, "access_granted")]]


def test_what_waits_is_written_in_the_order_it_was_told(house: House):
    house.record.put(Event(EventType.DOOR_OPENED, AT, door="d"))
    house.record.grant(house.grant())
    house.record.put(Event(EventType.DOOR_CLOSED, AT, door="d"))
    house.thread.start()
    until(lambda: len(house.rows()) == 3)
    assert [type_ for _, type_ in house.rows()] == ["door_opened", "access_granted", "door_closed"]
    assert house.said == ["release 2"]


def test_record_that_lands_late_is_not_released_and_is_closed_as_such(house: House):
    house.mono_ms = TOO_LATE
    house.record.grant(house.grant())
    house.thread.start()
    until(lambda: len(house.rows()) == 2)
    assert house.said == ["refuse"]
    assert [type_ for _, type_ in house.rows()] == ["access_granted", "access_outcome"]


def test_order_told_twice_is_carried_out_once(house: House):
    house.record.order("r" * 32, 5, house.grant())
    house.record.order("r" * 32, 5, house.grant())
    house.record.put(Event(EventType.DOOR_OPENED, AT, door="d"))
    house.thread.start()
    until(lambda: len(house.rows()) == 2)
    assert house.said == ["release 2"]


def test_actions_are_copied_only_when_nothing_waits(house: House):
    for _ in range(600):
        house.record.put(Event(EventType.DOOR_OPENED, AT, door="d"))
    house.thread.start()
    until(lambda: house.copies)
    assert len(house.rows()) == 600


def test_journal_that_fails_refuses_the_grant_keeps_the_events_and_goes_on(house: House):
    """Another process holds the file; SQLite gives up, the handle is dropped, and the next try succeeds."""
    blocker = sqlite3.connect(house.file, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    house.record.put(Event(EventType.DOOR_OPENED, AT, door="d"))
    house.record.grant(house.grant())
    house.thread.start()
    until(lambda: house.said == ["refuse"], 20)
    assert house.record.failing
    blocker.execute("ROLLBACK")
    blocker.close()
    until(lambda: house.rows(), 20)
    until(lambda: not house.record.failing)
    until(lambda: len(house.rows()) == 3)
    assert [type_ for _, type_ in house.rows()] == ["door_opened", "journal_failed", "journal_recovered"]


def test_stop_writes_what_waits(house: House):
    house.record.put(Event(EventType.SERVICE_STOPPED, AT))
    house.record.stop()
    house.thread.start()
    house.thread.join(10)
    assert [type_ for _, type_ in house.rows()] == ["service_stopped"]
