"""What the writer knows of the end must be the same whether it lived through it or read it from the disk."""

import sqlite3
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from controller.journal.record import encode_record
from controller.journal.tail import SPAN, Tail
from controller.model.events import Event, EventType
from controller.model.moment import ClockState
from tests.controller.journal.samples import at, grant, happened, journal_in, outcome, raw

KINDS = st.tuples(st.sampled_from(["grant", "outcome", "other"]), st.integers(-5000, 5000), st.booleans())


def events(kinds: list[tuple[str, int, bool]], first: int) -> list[Event]:
    """Long enough to close spans: the drawn pattern again and again."""
    tails = []
    for i in range(SPAN + 40):
        kind, seconds, trusted = kinds[i % len(kinds)]
        moment = at(seconds + i, ClockState.TRUSTED if trusted else ClockState.UNTRUSTED)
        if kind == "grant":
            tails.append(grant(moment=moment))
        elif kind == "outcome":
            tails.append(outcome(first + max(0, i - 3)))
        else:
            tails.append(happened(EventType.DOOR_OPENED, moment=moment, door="entrance"))
    return tails


@settings(max_examples=12, deadline=None)
@given(kinds=st.lists(KINDS, min_size=1, max_size=7))
def test_tail_read_from_disk_is_the_tail_that_wrote_it(
    tmp_path_factory: object, kinds: list[tuple[str, int, bool]]
) -> None:
    folder = tmp_path_factory.mktemp("tail")  # type: ignore[attr-defined]
    lived = Tail()
    with journal_in(folder) as journal:
        for _ in range(2):
            batch = events(kinds, lived.newest + 1)
            journal.append(batch)
            for event in batch:
                lived.add(encode_record(event, lived.newest + 1, "config-1"), event)
    with raw(folder) as connection:
        read = Tail.load(connection)
        until_read(read, connection)
    assert vars(read) == vars(lived)


def until_read(tail: Tail, connection: sqlite3.Connection) -> int:
    """The number of pages that there were."""
    pages = 1
    while tail.read_older(connection):
        pages += 1
    return pages


def test_start_reads_the_open_span_alone_however_many_grants_are_open(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        journal.append([grant()] * (3 * SPAN))
    with raw(tmp_path) as connection:
        read = Tail.load(connection)
        assert list(read.open_grants) == [3 * SPAN]
        assert until_read(read, connection) > 10
        assert sorted(read.open_grants) == list(range(1, 3 * SPAN + 1))


def test_outcome_in_the_open_span_closes_a_grant_of_an_older_one(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        journal.append([grant(), grant(), *[happened(EventType.DOOR_OPENED, door="entrance")] * SPAN])
        journal.append([outcome(2)])
    with raw(tmp_path) as connection:
        read = Tail.load(connection)
        until_read(read, connection)
        assert list(read.open_grants) == [1]


def test_span_that_fills_while_older_grants_are_unread_settles_no_more_than_before(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        journal.append([grant()] * SPAN)
    with journal_in(tmp_path) as journal:
        journal.append([happened(EventType.DOOR_OPENED, door="entrance")] * (2 * SPAN))
    with raw(tmp_path) as connection:
        assert [row[0] for row in connection.execute("SELECT settled FROM spans ORDER BY id")] == [0, 0, 0]


def test_full_span_is_summed_up_when_the_next_begins() -> None:
    tail = Tail()
    spans = []
    for seq in range(1, 2 * SPAN + 1):
        event = grant(seq) if seq == 5 else happened(EventType.DOOR_OPENED, -seq if seq == 7 else seq)
        span = tail.add(encode_record(event, seq, "c"), event)
        if span is not None:
            spans.append((seq, span))
    (first_at, first), (second_at, second) = spans
    assert (first_at, first.id, second_at, second.id) == (SPAN, 0, 2 * SPAN, 1)
    assert first.low == "2026-11-24T05:59:53.000Z"
    assert first.high == first.trusted == "2026-11-24T06:17:03.000Z"
    assert second.low == "2026-11-24T06:17:04.000Z"
    assert (first.settled, second.settled) == (4, 4)


def test_span_without_open_grants_is_settled_up_to_its_end(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        journal.append([happened(EventType.DOOR_OPENED, door="entrance")] * (SPAN + 10))
    with raw(tmp_path) as connection:
        assert connection.execute("SELECT id, settled FROM spans").fetchall() == [(0, SPAN - 1)]
