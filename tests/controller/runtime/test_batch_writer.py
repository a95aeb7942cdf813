"""Real journal; the test is the record thread."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from controller.errors import JournalUnavailable
from controller.journal.append import Journal
from controller.model.events import Event, EventType
from controller.model.moment import ClockState, Moment
from controller.runtime.batch_writer import BatchWriter
from controller.runtime.grants import PendingGrant
from controller.runtime.outage import Outage
from controller.runtime.record_item import OrderItem, RecordItem
from tests.controller.databases import blocked
from tests.faults.journal_check import bodies

AT = Moment(datetime(2027, 3, 1, tzinfo=UTC), 10_000, "b" * 32, ClockState.HOLDOVER)


class Desk:
    def __init__(self, folder: Path) -> None:
        self.data = folder
        (folder / "journal").mkdir()
        self.journal = Journal.open(folder / "journal" / "journal.db", "config-1")
        self.written: list[Event] = []
        self.mono_ms = AT.mono_ms
        self.released: list[int] = []
        self.write_down = BatchWriter(
            self.journal, Outage(folder), self.written.append, lambda: AT, lambda: self.mono_ms
        )

    def grant(self) -> PendingGrant:
        event = Event(EventType.ACCESS_GRANTED, AT, door="d", direction="in")
        return PendingGrant(event, self.released.append, lambda: None)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.journal.close()


def opened() -> Event:
    return Event(EventType.DOOR_OPENED, AT, door="d")


def test_what_is_written_leaves_the_batch_and_who_waited_is_released(desk: Desk) -> None:
    batch: list[RecordItem] = [opened(), desk.grant(), OrderItem("r" * 32, 1, desk.grant())]
    assert desk.write_down.write(batch)
    assert (batch, desk.released) == ([], [2, 3])
    assert not desk.write_down.write([opened()]), "nobody waited"
    assert desk.write_down.tried == []


def test_order_that_has_its_record_is_not_released_again(desk: Desk) -> None:
    for _ in range(2):
        desk.write_down.write([OrderItem("r" * 32, 1, desk.grant())])
    assert desk.released == [1]


def test_grant_durable_too_late_is_closed_as_not_released(desk: Desk) -> None:
    desk.mono_ms = 99_000
    desk.write_down.write([desk.grant()])
    assert desk.released == []
    assert [(event.result, event.codes["of"]) for event in desk.written] == [("not_released", 1)]


def test_outcome_of_a_remembered_grant_gets_the_number_it_was_written_under(desk: Desk) -> None:
    remembered = desk.grant()
    remembered.remember(-1, AT.mono_ms)
    desk.write_down.write([opened(), remembered])
    desk.write_down.write([Event(EventType.ACCESS_OUTCOME, AT, door="d", codes={"of": -1})])
    written = bodies(desk.data / "journal")
    assert written[1]["volatile"] == 1
    assert written[2]["of"] == 2


def test_after_an_error_what_is_not_on_the_disk_is_returned(desk: Desk) -> None:
    event = opened()
    with blocked(desk.data), pytest.raises(JournalUnavailable):
        desk.write_down.write([event])
    assert desk.write_down.tried == [event]
    desk.journal.reopen()
    assert desk.write_down.settle_unsure() == [event]
    assert desk.write_down.settle_unsure() == []


def test_event_that_is_not_a_record_is_left_out_and_the_others_are_written(desk: Desk) -> None:
    wrong = Event(EventType.DOOR_OPENED, AT, codes={"seq": 1})
    batch: list[RecordItem] = [opened(), wrong, opened()]
    desk.write_down.write_one_by_one(batch)
    assert batch == []
    assert desk.journal.newest_seq == 2
