"""Pages, the live tail and the newest word about a thing, through the reader others use."""

import contextlib
import os
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from controller.errors import CorruptDatabase
from controller.journal.query import JournalReader, LogEntry, LogFilter
from controller.model.events import EventType, Section
from controller.model.moment import ClockState
from tests.controller.journal.samples import at, grant, happened, journal_in, outcome, raw


def numbers(found: list[LogEntry]) -> list[int]:
    return [entry.seq for entry in found]


def test_paging_back_shows_every_record_once_newest_first(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        journal.append([grant(i) for i in range(250)])
        pages, before = [], None
        while page := reader.page(LogFilter(), before, limit=100):
            pages.append(numbers(page))
            before = page[-1].seq
    assert [len(page) for page in pages] == [100, 100, 50]
    assert [seq for page in pages for seq in page] == list(range(250, 0, -1))


def test_file_that_is_cut_while_the_newest_records_are_in_the_wal_is_damaged(tmp_path: Path) -> None:
    file = tmp_path / "journal.db"
    with journal_in(tmp_path) as journal, JournalReader(file) as reader:
        journal.append([grant(i) for i in range(250)])
        reader.check_pages()
        with contextlib.closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA wal_checkpoint(RESTART)")
        journal.append([grant(251)])
        reader.check_pages()
        os.truncate(file, file.stat().st_size // 2)
        with JournalReader(file) as later:
            assert later.newest_seq() == 251, "SQLite does not notice"
            with pytest.raises(CorruptDatabase, match="damaged or not a database"):
                later.check_pages()


def test_live_tail_shows_what_came_after_oldest_first(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        journal.append([grant(), outcome(1), grant(person="person-2")])
        assert reader.data_version() == reader.newest_seq() == 3
        assert reader.after(LogFilter(), 3) == []
        journal.append([grant(), outcome(4), grant(person="person-2")])
        assert reader.data_version() != 3
        assert numbers(reader.after(LogFilter(), 3)) == [4, 5, 6]
        assert numbers(reader.after(LogFilter(person="person-2"), 0)) == [3, 6]
        assert numbers(reader.after(LogFilter(), 0, limit=2)) == [1, 2]


def test_filters_narrow_together(tmp_path: Path) -> None:
    denied = happened(EventType.ACCESS_DENIED, door="back", person="person-2", result="denied")
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        journal.append([grant(), denied, grant(door="back"), happened(EventType.SERVICE_STARTED)])

        def numbers_with(**fields: object) -> list[int]:
            return numbers(reader.page(LogFilter(**fields)))  # type: ignore[arg-type]

        assert numbers_with() == [4, 3, 2, 1]
        assert numbers_with(door="back") == [3, 2]
        assert numbers_with(door="back", sections=frozenset({Section.DENIED})) == [2]
        assert numbers_with(sections=frozenset({Section.DENIED, Section.SYSTEM})) == [4, 2]
        assert numbers_with(person="person-1") == [3, 1]
        assert numbers_with(person="person-1", door="entrance") == [1]
        assert numbers_with(sections=frozenset()) == []
        assert numbers_with(day_start=at(1).utc) == []
        assert numbers_with(day_end=at(1).utc) == [4, 3, 2, 1]


def test_latest_word_about_each_thing_is_found(tmp_path: Path) -> None:
    entries = [
        happened(EventType.SERVICE_STARTED),
        happened(EventType.READER_ONLINE, reader="entrance-in"),
        happened(EventType.DOOR_OPENED, door="entrance"),
        happened(EventType.DOOR_FORCED_OPEN, door="entrance"),
        happened(EventType.LOCK_RELEASED, door="entrance"),
        happened(EventType.LOCK_RELEASED, door="back"),
        happened(EventType.READER_OFFLINE, reader="entrance-in", details={"problem": "unplugged"}),
        happened(EventType.LOCK_SECURED, door="entrance"),
        happened(EventType.FIRE_STARTED),
        happened(EventType.REGISTRY_UNREADABLE),
        grant(),
    ]
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        journal.append(entries)

        def latest(thing: str) -> tuple[int, str] | None:
            entry = reader.latest(thing)
            return None if entry is None else (entry.seq, entry.type)

        assert latest("service") == (1, EventType.SERVICE_STARTED)
        assert latest("reader:entrance-in") == (7, EventType.READER_OFFLINE)
        assert latest("contact:entrance") == (3, EventType.DOOR_OPENED)
        assert latest("forced:entrance") == (4, EventType.DOOR_FORCED_OPEN)
        assert latest("lock:entrance") == (8, EventType.LOCK_SECURED)
        assert latest("lock:back") == (6, EventType.LOCK_RELEASED)
        assert latest("fire") == (9, EventType.FIRE_STARTED)
        assert latest("registry") == (10, EventType.REGISTRY_UNREADABLE)
        assert latest("reader:nobody") is None
        things = ("fire", "lock:back", "reader:nobody")
        assert {thing: entry.seq for thing, entry in reader.latest_of(things).items()} == {
            "fire": 9,
            "lock:back": 6,
        }


def test_order_is_answered_with_its_own_record_only(tmp_path: Path) -> None:
    found = {"card_hash": "ab" * 32, "last_four": "FFEE", "kind": "felica"}
    learned = happened(EventType.ORDER_DONE, reader="entrance-in", details=found)
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        journal.append_once_for_order("registry-1", 5, learned)
        journal.append_once_for_order("registry-1", 6, happened(EventType.ORDER_REFUSED, reason="too_old"))
        refused = reader.order_outcome("registry-1", 6)
        assert refused is not None
        assert (refused.type, refused.reason) == (EventType.ORDER_REFUSED, "too_old")
        done = reader.order_outcome("registry-1", 5)
        assert done is not None and done.details == found
        assert reader.order_outcome("registry-1", 7) is None
        assert reader.order_outcome("registry-2", 5) is None


def test_erased_record_is_distinguished_from_one_that_never_had_details(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        journal.append([grant(), outcome(1)])
        with raw(tmp_path) as connection:
            connection.execute("UPDATE events SET details = NULL, salt = NULL WHERE seq = 1")
        assert [entry.erased for entry in reader.after(LogFilter(), 0)] == [True, False]


def test_true_times_are_of_those_without_a_trusted_clock_once_they_are_known(tmp_path: Path) -> None:
    wrong = replace(at(60, ClockState.UNTRUSTED), utc=at(-86_400).utc)
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        journal.append([grant(moment=wrong)])
        assert reader.true_times(reader.page(LogFilter())) == {}
        journal.append([grant(120)])
        assert reader.true_times(reader.page(LogFilter())) == {1: at(60).utc}


def test_silences_are_those_that_end_in_the_page_however_they_began(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        journal.append([happened(EventType.SERVICE_STOPPED), happened(EventType.SERVICE_STARTED, 7200)])
        journal.append([grant(7201)])
        newest_first = reader.page(LogFilter())
        assert [(one.after, one.before, one.ms, one.cause) for one in reader.silences(newest_first[:2])] == [
            (1, 2, 7_200_000, "service_stopped")
        ]
        assert reader.silences(newest_first[:1]) == []
        assert reader.silences([]) == []


def test_silences_of_a_page_with_gaps_are_measured_by_the_records_between(tmp_path: Path) -> None:
    """As a day has where the clock was set back: 2 and 3 lie between, and only the second was late."""
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        journal.append([grant(0), grant(60), grant(7200), grant(7260)])
        first, _second, _third, last = reader.page(LogFilter())[::-1]
        assert [(one.after, one.before) for one in reader.silences([last, first])] == [(2, 3)]


def test_silence_of_records_without_a_trusted_clock_is_measured_by_the_time_found_later(
    tmp_path: Path,
) -> None:
    boot = "boot-2"
    wrong = replace(at(0, ClockState.UNTRUSTED), boot=boot, mono_ms=0)
    right = replace(at(7200), boot=boot, mono_ms=60_000)
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        journal.append([grant(0), grant(moment=wrong), grant(moment=right)])
        page = reader.page(LogFilter())
        assert [(one.before, one.ms) for one in reader.silences(page)] == [(2, 7_140_000)]
        assert reader.silences(page[:2]) == reader.silences(page)
