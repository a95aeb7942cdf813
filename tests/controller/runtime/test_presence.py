"""A real journal, whose writer is the test, and the presence of a running door beside it."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from controller.decision.presence import Presence
from controller.journal.append import Journal
from controller.model.events import Event, EventType
from controller.model.moment import ClockState, Moment
from controller.model.reasons import DenyReason
from controller.runtime.grants import PendingGrant
from controller.runtime.limits import USUAL, Limits
from controller.runtime.presence import LivePresence
from controller.runtime.presence_reader import PresenceReader
from tests.waiting import until

AT = Moment(datetime(2027, 3, 1, 9, 0, 0, 123_456, tzinfo=UTC), 10_000, "b" * 32, ClockState.TRUSTED)


class Desk:
    def __init__(self, folder: Path, limits: Limits = USUAL) -> None:
        self.folder = folder
        self.limits = limits
        self.journal = Journal.open(folder / "journal.db", "config-1")
        self.taps = 0
        self.start()

    def start(self) -> None:
        self.reader = PresenceReader(self.folder / "journal.db")
        self.presence = LivePresence(self.reader, self.limits)
        self.journal.appended = self.presence.appended
        self.thread = threading.Thread(target=self.reader.run)
        self.thread.start()

    def stop(self) -> None:
        self.reader.stop()
        self.thread.join(60)

    def now(self) -> Presence:
        """Once the log has been read."""
        return until(self.presence.now)

    def inside(self) -> set[str]:
        return {one.person for one in self.now().inside("floor")}

    def event(self, person: str, direction: str = "in") -> Event:
        self.taps += 1
        moment = replace(AT, mono_ms=AT.mono_ms + self.taps, utc=AT.utc + timedelta(milliseconds=self.taps))
        return Event(
            EventType.ACCESS_GRANTED,
            moment,
            door="entrance",
            access_point=f"entrance-{direction}",
            direction=direction,
            person=person,
            codes={"area": "floor"} if direction == "in" else {"left": "floor"},
        )

    def add_grant(self, person: str) -> PendingGrant:
        grant = PendingGrant(self.event(person), lambda number: None, lambda: None)
        self.presence.add_grant(grant)
        return grant

    def leaves(self, person: str) -> Event:
        event = self.event(person, "out")
        self.presence.add_event(event)
        return event


@pytest.fixture
def limits() -> Limits:
    return USUAL


@pytest.fixture
def desk(tmp_path: Path, limits: Limits) -> Iterator[Desk]:
    desk = Desk(tmp_path, limits)
    yield desk
    desk.stop()
    desk.journal.close()


def test_nothing_is_known_until_somebody_wants_it_and_the_log_has_been_read(desk: Desk) -> None:
    desk.journal.append([desk.event("p1")])
    assert desk.presence.now() is None
    desk.presence.enable()
    assert desk.inside() == {"p1"}


def test_what_becomes_durable_is_known_at_the_next_poll(desk: Desk) -> None:
    desk.presence.enable()
    desk.now()
    desk.journal.append([desk.event("p1"), desk.event("p2")])
    assert desk.inside() == {"p1", "p2"}
    desk.journal.append([desk.event("p1", "out")])
    assert desk.inside() == {"p2"}


def test_record_that_is_durable_while_the_log_is_read_counts_once(desk: Desk) -> None:
    desk.presence.enable()
    desk.journal.append([desk.event("p1")])
    desk.journal.append([desk.event("p1", "out")])
    assert desk.inside() == set()
    assert desk.now().seq == 2


def test_granted_entry_counts_when_it_is_durable_and_others_wait_for_it(desk: Desk) -> None:
    desk.presence.enable()
    desk.now()
    grant = desk.add_grant("p1")
    assert not desk.presence.is_settled and desk.inside() == set()
    seq = desk.journal.append([grant.event])[0]
    grant.durable(seq, AT.mono_ms)
    assert desk.presence.is_settled and desk.inside() == {"p1"}


def test_refused_entry_keeps_nobody_waiting_and_is_not_inside(desk: Desk) -> None:
    desk.presence.enable()
    desk.add_grant("p1").refuse()
    assert desk.presence.is_settled and desk.inside() == set()


def test_way_out_counts_before_its_record_is_written(desk: Desk) -> None:
    desk.presence.enable()
    desk.journal.append([desk.event("p1"), desk.event("p2")])
    assert desk.inside() == {"p1", "p2"}
    out = desk.leaves("p1")
    assert desk.inside() == {"p2"}
    desk.journal.append([out, desk.event("p1")])
    assert desk.inside() == {"p1", "p2"}, "back again, by the records alone"


def test_entry_remembered_while_the_journal_fails_counts_until_its_record_does(desk: Desk) -> None:
    desk.presence.enable()
    grant = desk.add_grant("p1")
    grant.remember(-1, AT.mono_ms)
    out = desk.leaves("p0")
    assert desk.presence.is_settled and desk.inside() == {"p1"}
    desk.journal.append([replace(grant.event, codes={**grant.event.codes, "volatile": 1}), out])
    assert desk.inside() == {"p1"}
    desk.journal.append([desk.event("p1", "out")])
    assert desk.inside() == set()


def test_what_was_abandoned_before_a_later_record_counts_no_longer(desk: Desk) -> None:
    desk.presence.enable()
    desk.journal.append([desk.event("p1"), desk.event("p2")])
    desk.leaves("p1")
    second = desk.leaves("p2")
    assert desk.inside() == set()
    desk.journal.append([second])
    assert desk.inside() == {"p1"}


def test_first_of_two_waits_for_the_second_before_the_refusal_is_written(desk: Desk) -> None:
    desk.presence.enable()
    refused = replace(
        desk.event("p1"), type=EventType.ACCESS_WAITING, reason=DenyReason.SECOND_PERSON_NEEDED.value
    )
    desk.presence.add_event(refused)
    waiting = desk.now().waits_for_second("entrance-in")
    assert waiting is not None and waiting.person == "p1"


def test_records_not_reported_are_read_from_the_journal(desk: Desk) -> None:
    desk.presence.enable()
    desk.now()
    desk.journal.appended = lambda first, events: None  # an error after the commit
    desk.journal.append([desk.event("p1")])
    desk.journal.appended = desk.presence.appended
    desk.journal.reopen()
    until(lambda: desk.inside() == {"p1"})
    desk.journal.append([desk.event("p2")])
    assert desk.inside() == {"p1", "p2"}


def test_records_the_disk_lost_are_forgotten(desk: Desk) -> None:
    desk.presence.enable()
    assert desk.inside() == set()
    desk.journal.append([desk.event("p2")])
    desk.presence.appended(2, [desk.event("p1")])  # acknowledged, and gone
    assert desk.inside() == {"p1", "p2"}
    desk.journal.accept_lost_records()
    desk.journal.reopen()
    until(lambda: desk.inside() == {"p2"})
    desk.journal.append([desk.event("p3")])
    assert desk.inside() == {"p2", "p3"}


def test_presence_after_a_restart_is_the_one_before_it(desk: Desk) -> None:
    desk.presence.enable()
    for person in "abcdefgh":
        desk.journal.append([desk.event(person), desk.event("h", "out")])
    desk.journal.append([desk.event("c", "out")])
    before = vars(desk.now())
    desk.stop()
    desk.start()
    desk.presence.enable()
    assert vars(desk.now()) == before


@pytest.mark.parametrize("limits", [replace(USUAL, unrecorded_at_most=3)])
def test_long_outage_holds_the_last_way_out_of_each_person_and_no_more_than_its_bound(desk: Desk) -> None:
    desk.presence.enable()
    desk.journal.append([desk.event(person) for person in "abcd"])
    first, *again = [desk.leaves("a") for _ in range(100)]
    assert len(desk.presence._unrecorded) == 1 and desk.inside() == set("bcd")
    others = [desk.leaves(person) for person in "bcd"]
    assert len(desk.presence._unrecorded) == 3, "the oldest counts once it is written"
    assert desk.inside() == {"a"}
    desk.journal.append([first, *again, *others])
    assert desk.inside() == set() and not desk.presence._unrecorded
