from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from controller.errors import JournalUnavailable
from controller.model.events import Event, EventType, Outcome
from controller.model.moment import ClockState, Moment
from controller.runtime.backlog import KEEP, Backlog
from controller.runtime.grants import Fate, PendingGrant
from controller.runtime.limits import USUAL
from controller.runtime.outage import Outage
from controller.runtime.record_item import FOLLOWERS, OrderItem, RecordItem

AT = Moment(datetime(2027, 3, 1, tzinfo=UTC), 10_000, "b" * 32, ClockState.HOLDOVER)


@pytest.fixture
def backlog() -> Backlog:
    return Backlog(Outage(Path()), lambda: AT.mono_ms)


def opened(door: str, later_ms: int = 0) -> Event:
    return Event(EventType.DOOR_OPENED, replace(AT, mono_ms=AT.mono_ms + later_ms), door=door)


def grant() -> PendingGrant:
    return PendingGrant(Event(EventType.ACCESS_GRANTED, AT, door="d"), lambda seq: None, lambda: None)


def doors(items: list[RecordItem]) -> list[str | None]:
    return [item.door for item in items if isinstance(item, Event)]


def test_what_was_put_back_comes_first_in_its_own_order(backlog: Backlog) -> None:
    backlog.add(opened("c"))
    backlog.requeue([opened("a"), opened("b")])
    assert doors(backlog.batch(10, wait=False)) == ["a", "b", "c"]
    assert backlog.batch(10, wait=False) == []


def test_batch_is_not_larger_than_asked(backlog: Backlog) -> None:
    for name in "abc":
        backlog.add(opened(name))
    assert doors(backlog.batch(2, wait=False)) == ["a", "b"]
    assert doors(backlog.batch(2, wait=False)) == ["c"]


def test_refused_grant_is_not_written(backlog: Backlog) -> None:
    refused = grant()
    refused.refuse()
    backlog.add(refused)
    assert backlog.batch(10, wait=False) == []


def test_outcome_of_a_remembered_grant_waits_for_the_batch_behind_it(backlog: Backlog) -> None:
    remembered = grant()
    remembered.remember(-1, AT.mono_ms)
    outcome = Event(EventType.ACCESS_OUTCOME, AT, codes={"of": -1})
    backlog.add(remembered)
    backlog.add(outcome)
    assert backlog.batch(10, wait=False) == [remembered]
    assert backlog.batch(10, wait=False) == [outcome]


def test_while_the_journal_fails_who_waits_is_refused_and_what_happened_is_kept(backlog: Backlog) -> None:
    waiting, order = grant(), grant()
    for item in (opened("a"), waiting, OrderItem("r" * 32, 1, order)):
        backlog.add(item)
    backlog.settle_grants([])
    assert (waiting.fate, order.fate) == (Fate.REFUSED, Fate.REFUSED)
    assert len(backlog) == 1
    assert doors(backlog.batch(10, wait=False)) == ["a"]


def test_news_are_behind_what_happened_before_them(backlog: Backlog) -> None:
    backlog.requeue([opened("before"), opened("after", later_ms=20)])
    backlog.insert(opened("event", later_ms=10))
    backlog.insert(None)
    assert doors(backlog.batch(10, wait=False)) == ["before", "event", "after"]


def test_oldest_events_go_where_there_are_too_many_but_never_the_journals_own() -> None:
    outage = Outage(Path())
    backlog = Backlog(outage, lambda: AT.mono_ms)
    event = outage.begin(JournalUnavailable("disk"), AT)
    backlog.insert(event)
    for number in range(KEEP + 1):
        backlog.add(opened(str(number)))
    backlog.settle_grants([])
    assert len(backlog) == KEEP
    first, second = backlog.batch(2, wait=False)
    assert first is event
    assert doors([second]) == ["2"]
    assert backlog.count_site_events([]) == KEEP - 2


class Held:
    """A backlog that holds followers, and the time that the test gives it."""

    def __init__(self) -> None:
        self.outage = Outage(Path())
        self.now_ms = AT.mono_ms
        self.backlog = Backlog(self.outage, lambda: self.now_ms, USUAL.follower_hold_ms)

    def written(self, most: int = 256, hold: bool = True) -> list[RecordItem]:
        return self.backlog.batch(most, wait=False, hold=hold)


def at_door(type_: EventType, result: str | None = None) -> Event:
    return Event(type_, AT, door="d", result=result)


def test_what_follows_a_grant_is_written_together_and_within_a_second():
    held = Held()
    of_passage = [
        at_door(EventType.LOCK_RELEASED),
        at_door(EventType.DOOR_OPENED),
        at_door(EventType.ACCESS_OUTCOME, Outcome.OPENED),
        at_door(EventType.DOOR_CLOSED),
        at_door(EventType.LOCK_SECURED),
    ]
    for event in of_passage:
        held.backlog.add(event)
        assert held.written() == []
        assert not held.backlog.is_busy
    held.now_ms += 799
    assert held.written() == []
    held.now_ms += 1
    assert held.backlog.is_busy
    assert held.written() == of_passage
    assert held.backlog.is_empty


def test_grant_waits_for_no_follower_and_takes_all_along():
    held = Held()
    waiting, follower = grant(), opened("a")
    held.backlog.add(follower)
    assert held.written() == []
    held.backlog.add(waiting)
    assert held.written() == [follower, waiting]


def test_nothing_else_waits_and_it_takes_all_along():
    others = [at_door(type_) for type_ in EventType if type_ not in {*FOLLOWERS, EventType.ACCESS_OUTCOME}]
    others += [at_door(EventType.ACCESS_OUTCOME, result) for result in Outcome if result != Outcome.OPENED]
    waited = []
    for event in others:
        held = Held()
        held.backlog.add(opened("a"))
        held.backlog.add(event)
        if doors(held.written()) != ["a", "d"]:
            waited.append((event.type, event.result))
    assert waited == []


def test_followers_leave_room_for_a_grant_in_the_batch():
    """A checkpoint is due after so many records; a grant must not wait for it behind followers."""
    held = Held()
    held.backlog.add(opened("a"))
    assert held.written(most=3) == []
    held.backlog.add(opened("b"))
    assert doors(held.written(most=3)) == ["a", "b"]
    held.backlog.add(opened("c"))
    assert doors(held.written(most=1)) == ["c"]


def test_followers_do_not_wait_when_the_service_stops():
    held = Held()
    held.backlog.add(opened("a"))
    assert doors(held.written(hold=False)) == ["a"]


def test_followers_do_not_wait_while_the_journal_fails_and_are_kept():
    held = Held()
    held.backlog.add(opened("a"))
    assert held.written() == []
    held.outage.begin(JournalUnavailable("disk"), AT)
    held.backlog.settle_grants([])
    assert len(held.backlog) == 1
    assert doors(held.written()) == ["a"]


def test_wake_ends_the_wait_of_held_followers_without_writing_them():
    held = Held()
    held.backlog.add(opened("a"))
    held.backlog.add(None)
    assert held.backlog.batch(256, wait=True) == []
    assert len(held.backlog) == 1
