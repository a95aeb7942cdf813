"""Any filter at any depth against the plain way: read every record, keep the matching ones."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.journal.log_filter import LogFilter
from controller.journal.query import JournalReader
from controller.journal.tail import SPAN
from controller.journal.walk import NO_LIMIT, intervals, walk
from controller.model.events import Event, EventType, Section
from controller.model.moment import Moment
from tests.controller.journal.samples import START, at, grant, happened, journal_in

SIZE = 5 * SPAN + 100
HOUR = 3600


@dataclass
class Written:
    reader: JournalReader
    events: list[Event]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Written]:
    """Five spans and a bit, several doors and people, a clock that mostly runs and sometimes jumps far."""
    chance, folder, now, events = random.Random(5), tmp_path_factory.mktemp("walk"), 0.0, []
    for _ in range(SIZE):
        now += chance.random() * 120
        if chance.random() < 0.001:
            now += chance.choice([-300, -30, 30, 900]) * 24 * HOUR
        events.append(one(chance, at(now)))
    with journal_in(folder) as journal:
        journal.append(events[:-40])
        journal.append(events[-40:], file_later=True)  # the end is not in an index yet
        with JournalReader(folder / "journal.db") as reader:
            yield Written(reader, events)


def one(chance: random.Random, moment: Moment) -> Event:
    door = chance.choice(["entrance", "back", "stairs"])
    kind = chance.random()
    if kind < 0.5:
        return grant(moment=moment, door=door, person=f"person-{chance.randrange(9)}", details={})
    if kind < 0.6:
        person = chance.choice([None, "person-1"])
        return happened(EventType.ACCESS_DENIED, moment=moment, door=door, person=person, result="denied")
    if kind < 0.7:
        return happened(EventType.READER_ONLINE, moment=moment, reader="r")
    if kind < 0.75:
        return happened(EventType.OPERATOR_ACTION, moment=moment, actor="operator-1")
    codes = chance.choice([{}, {"with": 3}, {"utd": {"utc": START.isoformat()}, "view": {"v": 1}}])
    return happened(EventType.DOOR_OPENED, moment=moment, door=door, codes=codes)


def matches(event: Event, filter: LogFilter) -> bool:
    return (
        filter.person in (None, event.person)
        and filter.door in (None, event.door)
        and (filter.sections is None or event.section in filter.sections)
        and (filter.day_start is None or event.at.utc >= filter.day_start)
        and (filter.day_end is None or event.at.utc < filter.day_end)
    )


def moments() -> st.SearchStrategy[object]:
    days = st.integers(-330, 1200).map(lambda day: START + timedelta(days=day))
    soon = st.integers(0, 200).map(lambda hour: START + timedelta(hours=hour))
    return st.none() | days | soon


filters = st.builds(
    LogFilter,
    person=st.sampled_from([None, "person-1", "person-4", "nobody"]),
    door=st.sampled_from([None, "entrance", "stairs", "nowhere"]),
    sections=st.none() | st.frozensets(st.sampled_from(Section)),
    day_start=moments(),
    day_end=moments(),
)


@settings(max_examples=250, deadline=None)
@given(filter=filters, depth=st.integers(0, SIZE + 5), newest_first=st.booleans())
def test_every_filter_finds_what_checking_all_records_finds(
    written: Written, filter: LogFilter, depth: int, newest_first: bool
) -> None:
    every = [seq for seq, event in enumerate(written.events, 1) if matches(event, filter)]
    if newest_first:
        expected = [seq for seq in reversed(every) if seq < depth][:200]
        bounds = (0, depth - 1)
    else:
        expected = [seq for seq in every if seq > depth][:200]
        bounds = (depth + 1, NO_LIMIT)
    with written.reader.snapshot() as connection:
        found = list(islice(walk(connection, filter, *bounds, newest_first), 200))
    assert found == expected


@settings(max_examples=100, deadline=None)
@given(filter=filters, newest_first=st.booleans())
def test_intervals_of_a_day_are_in_order_and_do_not_overlap(
    written: Written, filter: LogFilter, newest_first: bool
) -> None:
    with written.reader.snapshot() as connection:
        parts = list(intervals(connection, filter, 0, NO_LIMIT, newest_first))
    in_order = parts[::-1] if newest_first else parts
    assert all(part.first <= part.last for part in parts)
    assert all(one.last < two.first for one, two in pairwise(in_order))


def test_day_touches_only_the_spans_that_may_hold_it(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        journal.append([happened(EventType.REX_PRESSED, 60 * i, door="entrance") for i in range(SIZE)])
        hour = LogFilter(day_start=START + timedelta(minutes=1500), day_end=START + timedelta(minutes=1560))
        with reader.snapshot() as connection:
            parts = list(intervals(connection, hour, 0, NO_LIMIT, True))
            assert list(walk(connection, hour, 0, NO_LIMIT, False)) == list(range(1501, 1561))
    assert [(part.first, part.last) for part in parts] == [(5 * SPAN, NO_LIMIT), (SPAN, 2 * SPAN - 1)]
    assert not any(part.whole for part in parts)
    week = LogFilter(day_start=START, day_end=START + timedelta(days=3))
    with JournalReader(tmp_path / "journal.db") as reader, reader.snapshot() as connection:
        assert any(part.whole for part in intervals(connection, week, 0, NO_LIMIT, True))


def test_record_at_the_very_end_of_the_day_belongs_to_the_next(tmp_path: Path) -> None:
    """Also when it is the last one of its span, which then does not lie wholly within the day."""
    end = SPAN - 1
    day, next_day = LogFilter(day_end=at(end).utc), LogFilter(day_start=at(end).utc)
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        journal.append([happened(EventType.REX_PRESSED, seq, door="d") for seq in range(1, SPAN + 2)])
        with reader.snapshot() as connection:
            assert list(walk(connection, day, 0, NO_LIMIT, False)) == list(range(1, end))
            assert list(walk(connection, next_day, 0, NO_LIMIT, False)) == [end, end + 1, end + 2]


def test_page_of_a_day_parses_no_record_of_another_day(tmp_path: Path) -> None:
    """A record that cannot be parsed shows it: it lies in the same span, two hours behind the day's end."""
    with journal_in(tmp_path) as journal:
        journal.append([happened(EventType.REX_PRESSED, HOUR * i, door="d") for i in range(10)])
    file = tmp_path / "journal.db"
    whole = file.read_bytes()
    assert whole.count(b'"seq":8,') == 1
    file.write_bytes(whole.replace(b'"seq":8,', b'"seq";8,'))
    day = LogFilter(day_start=START, day_end=START + timedelta(hours=5))
    with JournalReader(file) as reader, reader.snapshot() as connection:
        assert list(walk(connection, day, 0, NO_LIMIT, True)) == [5, 4, 3, 2, 1]


@pytest.mark.parametrize("kind", ["all", "section", "person"])
def test_strips_are_read_from_their_index_without_sorting(written: Written, kind: str) -> None:
    from controller.journal import walk as module

    sql, key = {
        "all": (module._ALL, ()),
        "section": (module._SECTION, ("granted", "entrance")),
        "person": (module._PERSON, ("person-1", "granted", None)),
    }[kind]
    with written.reader.snapshot() as connection:
        plan = connection.execute("EXPLAIN QUERY PLAN " + sql + "DESC", (*key, 1, 2, 1, "", "")).fetchall()
    assert len(plan) == 1
    assert "rowid>?" in plan[0][3]
