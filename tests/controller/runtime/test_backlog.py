from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from controller.errors import JournalUnavailable
from controller.model.events import Event, EventType
from controller.model.moment import ClockState, Moment
from controller.runtime.backlog import KEEP, Backlog
from controller.runtime.grants import Fate, PendingGrant
from controller.runtime.item import Item, OrderItem
from controller.runtime.outage import Outage

AT = Moment(datetime(2027, 3, 1, tzinfo=UTC), 10_000, "b" * 32, ClockState.HOLDOVER)


@pytest.fixture
def backlog() -> Backlog:
    return Backlog(Outage(Path()), lambda: AT.mono_ms)


def opened(door: str, later_ms: int = 0) -> Event:
    return Event(EventType.DOOR_OPENED, replace(AT, mono_ms=AT.mono_ms + later_ms), door=door)


def grant() -> PendingGrant:
    return PendingGrant(Event(EventType.ACCESS_GRANTED, AT, door="d"), lambda seq: None, lambda: None)


def doors(items: list[Item]) -> list[str | None]:
    return [item.door for item in items if isinstance(item, Event)]


def test_what_was_put_back_comes_first_in_its_own_order(backlog: Backlog) -> None:
    backlog.put(opened("c"))
    backlog.put_back([opened("a"), opened("b")])
    assert doors(backlog.batch(10, wait=False)) == ["a", "b", "c"]
    assert backlog.batch(10, wait=False) == []


def test_batch_is_no_larger_than_asked(backlog: Backlog) -> None:
    for name in "abc":
        backlog.put(opened(name))
    assert doors(backlog.batch(2, wait=False)) == ["a", "b"]
    assert doors(backlog.batch(2, wait=False)) == ["c"]


def test_refused_grant_is_not_written(backlog: Backlog) -> None:
    refused = grant()
    refused.refuse()
    backlog.put(refused)
    assert backlog.batch(10, wait=False) == []


def test_outcome_of_a_remembered_grant_waits_for_the_batch_behind_it(backlog: Backlog) -> None:
    remembered = grant()
    remembered.remember(-1, AT.mono_ms)
    outcome = Event(EventType.ACCESS_OUTCOME, AT, codes={"of": -1})
    backlog.put(remembered)
    backlog.put(outcome)
    assert backlog.batch(10, wait=False) == [remembered]
    assert backlog.batch(10, wait=False) == [outcome]


def test_while_the_journal_fails_who_waits_is_refused_and_what_happened_is_kept(backlog: Backlog) -> None:
    waiting, order = grant(), grant()
    for item in (opened("a"), waiting, OrderItem("r" * 32, 1, order)):
        backlog.put(item)
    backlog.take_in([])
    assert (waiting.fate, order.fate) == (Fate.REFUSED, Fate.REFUSED)
    assert len(backlog) == 1
    assert doors(backlog.batch(10, wait=False)) == ["a"]


def test_news_stand_behind_what_happened_before_them(backlog: Backlog) -> None:
    backlog.put_back([opened("before"), opened("after", later_ms=20)])
    backlog.tell(opened("news", later_ms=10))
    backlog.tell(None)
    assert doors(backlog.batch(10, wait=False)) == ["before", "news", "after"]


def test_oldest_events_go_where_there_are_too_many_but_never_the_journals_own() -> None:
    outage = Outage(Path())
    backlog = Backlog(outage, lambda: AT.mono_ms)
    news = outage.begin(JournalUnavailable("disk"), AT)
    backlog.tell(news)
    for number in range(KEEP + 1):
        backlog.put(opened(str(number)))
    backlog.take_in([])
    assert len(backlog) == KEEP
    first, second = backlog.batch(2, wait=False)
    assert first is news
    assert doors([second]) == ["2"]
    assert backlog.happened([]) == KEEP - 2
