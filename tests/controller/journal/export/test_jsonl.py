"""The JSON Lines export: each record as it was hashed, every one of them, in short steps."""

import hashlib
import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.journal.export.jsonl import JsonLines, NumberRuns
from controller.journal.export.selection import Selection
from controller.journal.proof.canonical import canonical, details_hash, leaf_hash
from controller.journal.query import JournalReader, LogFilter
from controller.model.events import EventType, Section
from tests.controller.journal.samples import at, grant, happened, journal_in, raw


def test_line_is_canonical_and_holds_what_the_hashes_are_over(tmp_path: Path) -> None:
    hostile = {"name": '"\\\x01\x7f\u2028\n', "last_four": "00FF", "operator": "😀 山田"}
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        journal.append([grant(details=hostile), happened(EventType.FIRE_STARTED, codes={"of": "é\t"})])
        content = b"".join(JsonLines(Selection(reader, LogFilter(), 2)))
    with raw(tmp_path) as connection:
        leaves = [row[0] for row in connection.execute("SELECT leaf FROM events ORDER BY seq")]
    lines = content.decode().split("\n")
    assert lines.pop() == ""
    first, second = map(json.loads, lines)
    assert [canonical(first), canonical(second)] == lines
    assert [leaf_hash(row["body"].encode()) for row in (first, second)] == leaves
    salted = details_hash(bytes.fromhex(first["salt"]), first["details"].encode())
    assert salted == json.loads(first["body"])["details"]
    assert json.loads(first["details"]) == hostile
    assert (second["details"], second["salt"]) == (None, None)


@pytest.mark.parametrize("size", [0, 1, 999, 1000, 1001, 2500])
def test_every_record_is_there_regardless_of_the_number_of_steps(tmp_path: Path, size: int) -> None:
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        journal.append([grant(i) for i in range(size + 1)])
        file = JsonLines(Selection(reader, LogFilter(), size))
        content = b"".join(file)
    assert [json.loads(json.loads(line)["body"])["seq"] for line in content.splitlines()] == [
        *range(1, size + 1)
    ]
    assert file.sha256 == hashlib.sha256(content).hexdigest()
    assert (file.included.rows, list(file.included.runs())) == (size, [(1, size)] if size else [])


def test_filtered_file_has_what_the_filter_lets_through(tmp_path: Path) -> None:
    events = [
        grant(i, door=f"door-{i % 3}", person=f"person-{i % 5}")
        if i % 2
        else happened(EventType.ACCESS_DENIED, i, door=f"door-{i % 3}")
        for i in range(4000)
    ]
    filters = [
        LogFilter(person="person-3"),
        LogFilter(door="door-1", sections=frozenset({Section.DENIED})),
        LogFilter(day_start=at(100).utc, day_end=at(3500).utc),
        LogFilter(person="nobody"),
    ]
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        journal.append(events)
        for filter in filters:
            file = JsonLines(Selection(reader, filter, 3900))
            lines = b"".join(file).splitlines()
            whole = [entry.seq for entry in reader.after(filter, 0, limit=10_000) if entry.seq <= 3900]
            assert [json.loads(json.loads(line)["body"])["seq"] for line in lines] == whole
            assert file.included.rows == len(whole)


def test_wal_stays_small_while_an_export_and_the_writer_go_on(tmp_path: Path) -> None:
    largest = 0
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        journal.append([grant(i) for i in range(10_000)])
        for _ in JsonLines(Selection(reader, LogFilter(), 10_000)):
            for i in range(100):
                journal.append([grant(i, person=f"person-{i}")])
                journal.empty_wal_if_idle()
            largest = max(largest, (tmp_path / "journal.db-wal").stat().st_size)
    assert 0 < largest <= 16 * 1024 * 1024


@given(st.sets(st.integers(1, 60)), st.integers(0, 60), st.lists(st.integers(1, 9), min_size=1))
def test_runs_and_gaps_are_the_numbers_and_all_others(numbers: set[int], more: int, steps: list[int]) -> None:
    included, rest, turn = NumberRuns(), sorted(numbers), 0
    while rest:
        count = steps[turn % len(steps)]
        included.extend(rest[:count])
        rest, turn = rest[count:], turn + 1
    size = max(numbers, default=0) + more
    runs, gaps = list(included.runs()), list(included.gaps(size))
    assert {seq for first, last in runs for seq in range(first, last + 1)} == numbers
    assert {seq for first, last in gaps for seq in range(first, last + 1)} == set(
        range(1, size + 1)
    ) - numbers
    assert all(before[1] + 1 < after[0] for before, after in itertools.pairwise(runs))
    assert included.rows == len(numbers)
