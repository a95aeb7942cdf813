"""The writer: durable when it returns, numbered without a gap, and once only where that was asked."""

import gc
import os
import random
import resource
import select
import signal
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from controller.errors import AlreadyRunning, JournalUnavailable
from controller.journal.append import START_OVER, Journal
from controller.journal.open_grants import close_open_grants
from controller.journal.proof.canonical import leaf_hash
from controller.journal.query import JournalReader, LogEntry, LogFilter
from controller.journal.writing import UNFILED_AT_MOST
from controller.model.events import EventType
from controller.model.moment import ClockState, Moment
from tests.controller.journal.samples import START, at, grant, happened, journal_in, outcome, raw

KILLS = 300


def everything(folder: Path) -> list[LogEntry]:
    with JournalReader(folder / "journal.db") as reader:
        return reader.after(LogFilter(), 0, limit=100_000)


def outcomes(folder: Path) -> list[tuple[object, str | None]]:
    return [
        (entry.codes["of"], entry.result) for entry in everything(folder) if entry.type == "access_outcome"
    ]


def whole_in(folder: Path) -> None:
    """Numbered without a gap, each leaf that of its body; signed it need not be here."""
    with raw(folder) as connection:
        rows = connection.execute("SELECT seq, body, leaf FROM events ORDER BY seq").fetchall()
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
    assert all(leaf_hash(body.encode()) == leaf for _, body, leaf in rows)


def test_events_get_the_next_numbers_in_their_order(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        assert journal.append([grant(), outcome(1)]) == [1, 2]
        assert journal.append([]) == []
        assert journal.append([grant()]) == [3]
    with journal_in(tmp_path) as journal:
        assert journal.append([grant()]) == [4]
        assert journal.newest_seq == 4
    assert [entry.type for entry in everything(tmp_path)][:2] == ["access_granted", "access_outcome"]
    assert {entry.config for entry in everything(tmp_path)} == {"config-1"}


def test_anyone_who_asked_is_shown_what_is_durable(tmp_path: Path) -> None:
    sizes: list[tuple[int, int]] = []
    with journal_in(tmp_path) as journal:
        journal.appended = lambda first, events: sizes.append((first, len(events)))
        journal.append([grant(), grant()])
        journal.append_once_for_order("registry-1", 7, happened(EventType.ORDER_DONE))
        journal.append_actions("registry-1", [(1, happened(EventType.OPERATOR_ACTION))])
        with pytest.raises(ValueError, match="utc"):
            journal.append([grant(codes={"utc": 1})])
        journal.reopen()
        journal.accept_lost_records()
    assert sizes == [(1, 2), (3, 1), (4, 1), (5, 0), (START_OVER, 0)]


def test_second_journal_on_the_folder_is_refused(tmp_path: Path) -> None:
    with journal_in(tmp_path), pytest.raises(AlreadyRunning, match="another door process"):
        journal_in(tmp_path)
    journal_in(tmp_path).close()


def test_event_that_cannot_be_sealed_writes_nothing_and_hinders_nothing(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        with pytest.raises(ValueError, match="utc"):
            journal.append([grant(), grant(codes={"utc": 1})])
        assert journal.append([grant()]) == [1]


def test_order_is_recorded_once_for_each_registry(tmp_path: Path) -> None:
    done = happened(EventType.ORDER_DONE)
    with journal_in(tmp_path) as journal:
        assert journal.append_once_for_order("registry-1", 7, done) == 1
        assert journal.append_once_for_order("registry-1", 7, done) is None
        assert journal.append_once_for_order("registry-2", 7, done) == 2
        assert journal.append_once_for_order("registry-1", 5, done) == 3
        assert (journal.last_order("registry-1"), journal.last_order("registry-3")) == (7, 0)
    with journal_in(tmp_path) as journal:
        assert journal.append_once_for_order("registry-1", 7, done) is None
        assert (journal.last_order("registry-1"), journal.last_order("registry-2")) == (7, 7)


def test_actions_are_copied_once_each_in_order_of_their_ids(tmp_path: Path) -> None:
    def actions(*ids: int) -> list[tuple[int, object]]:
        return [(id, happened(EventType.OPERATOR_ACTION, codes={"action_id": id})) for id in ids]

    with journal_in(tmp_path) as journal:
        assert journal.append_actions("registry-1", []) == 0
        assert journal.append_actions("registry-1", actions(2, 1)) == 2  # type: ignore[arg-type]
        assert journal.append_actions("registry-1", actions(1, 2)) == 2  # type: ignore[arg-type]
        assert journal.append_actions("registry-2", actions(1)) == 1  # type: ignore[arg-type]
    with journal_in(tmp_path) as journal:
        assert journal.last_action("registry-1") == 2
        assert journal.append_actions("registry-1", actions(2, 3)) == 3  # type: ignore[arg-type]
    assert [entry.codes["action_id"] for entry in everything(tmp_path)] == [1, 2, 1, 3]


def test_newest_trusted_time_never_goes_back_and_ignores_an_untrusted_clock(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        assert journal.newest_trusted_utc() is None
        journal.append([grant(moment=at(9e8, ClockState.UNTRUSTED))])
        assert journal.newest_trusted_utc() is None
        journal.append([grant(100), grant(40), grant(moment=at(90, ClockState.HOLDOVER))])
        assert journal.newest_trusted_utc() == START + timedelta(seconds=100)
    with journal_in(tmp_path) as journal:
        assert journal.newest_trusted_utc() == START + timedelta(seconds=100)


def test_newest_synchronised_time_counts_only_clocks_the_kernel_called_synchronised(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        assert journal.newest_synchronised_utc() is None
        journal.append([grant(moment=at(90, ClockState.HOLDOVER))])
        assert journal.newest_synchronised_utc() is None
        journal.append([grant(40), *(grant(moment=at(90, ClockState.HOLDOVER)) for _ in range(1100))])
        assert journal.newest_synchronised_utc() == START + timedelta(seconds=40)
    with journal_in(tmp_path) as journal:
        assert journal.newest_synchronised_utc() == START + timedelta(seconds=40)


def test_every_grant_without_outcome_is_closed_at_the_next_boot(tmp_path: Path) -> None:
    """Over several spans, and once only."""
    with journal_in(tmp_path) as journal:
        journal.append([grant()])
        for _ in range(1500):
            seq = journal.newest_seq + 1
            journal.append([grant(), outcome(seq)])
        open_ones = [1, *journal.append([grant(), grant(direction="out"), grant(door="back")])]
        del open_ones[2]
    with journal_in(tmp_path) as journal:
        assert closed(journal, at(60)) == 3
        assert closed(journal, at(61)) == 0
    with journal_in(tmp_path) as journal:
        assert closed(journal, at(62)) == 0
    unknown = [of for of, result in outcomes(tmp_path) if result == "outcome_unknown"]
    assert unknown == [*open_ones[1:], 1]  # those of the open span first
    assert everything(tmp_path)[-2].door == "back"


def closed(journal: Journal, now: Moment) -> int:
    """How many grants left open there were, each closed now."""
    before = journal.newest_seq
    while close_open_grants(journal, before, now):
        pass
    return journal.newest_seq - before


def test_grants_left_open_are_closed_a_few_at_a_time_and_none_of_this_process(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        journal.append([grant()] * 3000)
    with journal_in(tmp_path) as journal:
        before = journal.newest_seq
        (ours,) = journal.append([grant()])
        newest = journal.newest_seq
        while close_open_grants(journal, before, at(60)):
            assert journal.newest_seq - newest <= 32
            newest = journal.newest_seq
        of = [of for of, _ in outcomes(tmp_path)]
        assert sorted(of) == list(range(1, 3001)) and ours not in of


def write_limited_to(size: int, act: Callable[[], object]) -> None:
    """The file system refuses every byte beyond `size` of a file meanwhile."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        act()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_write_error_is_raised_and_the_next_append_goes_on_from_the_disk(tmp_path: Path) -> None:
    def refused(write: Callable[[], object]) -> None:
        with pytest.raises(JournalUnavailable):
            write()

    with journal_in(tmp_path) as journal:
        for first in (1, 4):
            journal.append([grant()])
            size = (tmp_path / "journal.db-wal").stat().st_size
            write_limited_to(size, lambda: refused(lambda: journal.append([grant() for _ in range(50)])))
            assert journal.append([grant()]) == [first + 1]
            size = (tmp_path / "journal.db-wal").stat().st_size
            order = first

            def ordered(order: int = order) -> int | None:
                return journal.append_once_for_order("registry-1", order, grant())

            write_limited_to(size, lambda: refused(ordered))
            assert journal.last_order("registry-1") < order
            assert ordered() == first + 2
        journal.reopen()
        assert journal.append([grant()]) == [7]
    whole_in(tmp_path)


def test_somebody_holding_the_write_lock_makes_append_fail_not_hang_or_skip(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal, raw(tmp_path) as intruder:
        journal.append([grant()])
        intruder.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalUnavailable, match="locked"):
            journal.append([grant()])
        intruder.execute("ROLLBACK")
        assert journal.append([grant()]) == [2]


def test_close_leaves_one_file_even_while_somebody_reads(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    journal.append([grant()])
    with JournalReader(tmp_path / "journal.db") as reader:
        assert reader.newest_seq() == 1
        journal.close()
        wal = tmp_path / "journal.db-wal"
        assert not wal.exists() or wal.stat().st_size == 0
        assert reader.newest_seq() == 1


def acknowledge(folder: Path, pipe: int) -> None:
    """The child: append for ever, write each number to the pipe once it is acknowledged."""
    journal = journal_in(folder)
    while True:
        (seq,) = journal.append([grant()])
        os.write(pipe, seq.to_bytes(8, "big"))
        journal.empty_wal_if_idle()


def acknowledged_by_a_killed_child(folder: Path, chance: random.Random, at_most: int) -> int:
    """Run the child to a random moment, kill it, return the last number it acknowledged (0: none)."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            gc.disable()  # a collection would copy the whole heap of the tests into the child
            acknowledge(folder, write_end)
        finally:
            os._exit(1)
    os.close(write_end)
    wanted, last, rest = chance.randint(0, at_most), 0, b""
    for _ in range(wanted):
        last = int.from_bytes(os.read(read_end, 8), "big") or last
    select.select([read_end], [], [], chance.random() * 0.003)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the child ended by itself"
    while piece := os.read(read_end, 65536):
        rest += piece
    os.close(read_end)
    return int.from_bytes(rest[-8:], "big") if rest else last


@pytest.mark.process
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "seed", [2, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(100, 133))]
)
def test_killed_at_random_no_acknowledged_event_is_lost(tmp_path: Path, seed: int) -> None:
    """Nothing acknowledged is lost, no gap or duplicate, at most one unacknowledged record a kill."""
    chance = random.Random(seed)
    journal_in(tmp_path).close()
    newest = kills_while_writing = 0
    for kill in range(KILLS):
        # Each record is a moment like another; some children live long enough for a long WAL.
        acknowledged = acknowledged_by_a_killed_child(tmp_path, chance, 60 if kill % 10 == 0 else 10)
        uri = f"{(tmp_path / 'journal.db').as_uri()}?mode=ro"  # leaves the WAL for the next child to recover
        connection = sqlite3.connect(uri, uri=True)
        on_disk, rows = connection.execute("SELECT coalesce(max(seq), 0), count(*) FROM events").fetchone()
        connection.close()
        assert on_disk == rows
        assert max(acknowledged, newest) <= on_disk <= max(acknowledged, newest) + 1
        kills_while_writing += on_disk > newest
        newest = on_disk
    assert kills_while_writing > KILLS / 2
    with journal_in(tmp_path) as journal:
        assert journal.newest_seq == newest
        assert closed(journal, at()) == newest
    whole_in(tmp_path)


def test_journal_type_is_what_others_build_on() -> None:
    """Each is called by name elsewhere; a rename must not pass unseen where only a Protocol is used."""
    wanted = "open append append_once_for_order append_actions last_action last_order newest_trusted_utc"
    wanted += " empty_wal_if_idle reopen close"
    assert all(callable(getattr(Journal, name)) for name in wanted.split())


def filed(folder: Path) -> list[int]:
    with raw(folder) as connection:
        return [row[0] for row in connection.execute("SELECT filed FROM events ORDER BY seq")]


def test_grant_somebody_waits_for_is_filed_with_the_next_record(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        journal.append([grant(), grant()], file_later=True)
        assert filed(tmp_path) == [0, 0]
        journal.append([grant()], file_later=True)
        journal.append([grant()])
        assert filed(tmp_path) == [1, 1, 1, 1]


def test_grants_are_filed_also_when_nothing_but_grants_is_written(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        for _ in range(UNFILED_AT_MOST + 1):
            journal.append([grant()], file_later=True)
        assert filed(tmp_path) == [1] * (UNFILED_AT_MOST + 1)


def test_grant_left_unfiled_by_a_power_cut_is_filed_later(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        journal.append([grant()], file_later=True)
    with journal_in(tmp_path) as journal:
        journal.append([grant()])
    assert filed(tmp_path) == [1, 1]


def test_last_word_about_a_thing_is_the_newest_record_of_it(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        assert journal.newest_type("contact:entrance") is None
        journal.append([happened(EventType.DOOR_OPENED, door="entrance")])
        journal.append([happened(EventType.DOOR_CLOSED, door="entrance"), grant()])
        assert journal.newest_type("contact:entrance") == "door_closed"
