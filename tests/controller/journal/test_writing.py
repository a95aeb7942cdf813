"""The writer's connection: how much one event costs the disk, and how large its WAL may become."""

from pathlib import Path

import pytest

from controller.journal.query import JournalReader
from controller.journal.writing import JournalReplaced, RecordsLost
from tests.controller.journal.samples import forge, grant, journal_in, raw

MIB = 1024 * 1024


def wal(folder: Path) -> int:
    return (folder / "journal.db-wal").stat().st_size


def test_one_event_writes_no_more_than_28_kib(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        journal.append([grant(i, person=f"person-{i}") for i in range(5000)])
    with journal_in(tmp_path) as journal:
        before = wal(tmp_path)
        journal.append([grant(5000, person="person-77")])
        assert 0 < wal(tmp_path) - before <= 28 * 1024


def test_idle_moments_keep_the_wal_near_a_mebibyte(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        for i in range(600):
            journal.append([grant(i)])
            journal.empty_wal_if_idle()
        assert wal(tmp_path) < 2 * MIB


def test_door_that_is_never_idle_still_keeps_its_wal_bounded(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        for i in range(3000):
            journal.append([grant(i)])
        assert wal(tmp_path) < 12 * MIB


def test_reader_that_holds_a_snapshot_delays_its_emptying_and_loses_nothing(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        journal.append([grant()])
        with reader.snapshot() as held:
            for i in range(500):
                journal.append([grant(i)])
                journal.empty_wal_if_idle()
            grown = wal(tmp_path)
            assert grown > 2 * MIB
            assert held.execute("SELECT max(seq) FROM events").fetchone()[0] == 1
        for i in range(500):
            journal.append([grant(i)])
            journal.empty_wal_if_idle()
        assert wal(tmp_path) <= max(grown, 4 * MIB)
        assert reader.newest_seq() == 1001


def test_reopened_journal_that_lost_acknowledged_records_says_so_until_reported_to_go_on(
    tmp_path: Path,
) -> None:
    with journal_in(tmp_path) as journal:
        journal.append([grant(i) for i in range(300)])
        journal.reopen()
        journal.append([grant(300)])
        forge(tmp_path, ("DELETE FROM events WHERE seq >= 300", ()))
        for try_again in (journal.reopen, lambda: journal.append([grant()])):
            with pytest.raises(RecordsLost, match="300–301") as lost:
                try_again()
            assert (lost.value.first, lost.value.last) == (300, 301)
        journal.accept_lost_records()
        assert journal.append([grant()]) == [300]
        journal.reopen()


def test_reopened_journal_whose_records_are_others_is_not_written(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        journal.append([grant(i) for i in range(10)])
        forge(tmp_path, ("UPDATE events SET leaf = ? WHERE seq = 7", (b"x" * 32,)))
        with pytest.raises(RecordsLost):
            journal.reopen()


def test_log_with_a_hole_is_still_written(tmp_path: Path) -> None:
    """The hole is the verifier's matter; the door must go on recording."""
    with journal_in(tmp_path) as journal:
        journal.append([grant(i) for i in range(10)])
    forge(tmp_path, ("DELETE FROM events WHERE seq = 7", ()))
    with journal_in(tmp_path) as journal:
        assert journal.append([grant()]) == [11]
        journal.reopen()
        assert journal.append([grant()]) == [12]


def another_log(folder: Path, records: int) -> Path:
    (folder / "other").mkdir()
    with journal_in(folder / "other") as journal:
        journal.append([grant(i) for i in range(records)])
    return folder / "other" / "journal.db"


@pytest.mark.parametrize("reads", ["append", "idle"])
@pytest.mark.parametrize("reading", [True, False])
def test_journal_replaced_under_the_door_is_refused_before_anything_is_acknowledged(
    tmp_path: Path, reads: str, reading: bool
) -> None:
    file, aside = tmp_path / "journal.db", tmp_path / "aside"
    aside.mkdir()
    with journal_in(tmp_path) as journal, JournalReader(file) as reader:
        journal.append([grant(i) for i in range(10)])
        if reading:
            assert reader.newest_seq() == 10
        file.rename(aside / "journal.db")
        another_log(tmp_path, 3).rename(file)
        with pytest.raises(JournalReplaced, match="replaced or removed"):
            if reads == "append":
                journal.append([grant()])
            else:
                journal.empty_wal_if_idle()
        with pytest.raises(RecordsLost) as lost:
            journal.reopen()
        assert (lost.value.first, lost.value.last) == (4, 10)
        journal.accept_lost_records()
        journal.reopen()
        assert journal.append([grant()]) == [4]
        assert reader.newest_seq() == 4
    with raw(aside) as connection:  # what was acknowledged is all in the file it was written to
        assert connection.execute("SELECT count(*) FROM events").fetchone()[0] == 10


def test_journal_removed_under_the_door_does_not_silently_begin_again(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        journal.append([grant(i) for i in range(10)])
        (tmp_path / "journal.db").unlink()
        with pytest.raises(JournalReplaced):
            journal.append([grant()])
        with pytest.raises(RecordsLost) as lost:
            journal.append([grant()])
        assert (lost.value.first, lost.value.last) == (1, 10)


def test_wal_removed_under_the_door_costs_no_record(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        journal.append([grant(i) for i in range(10)])
        assert reader.newest_seq() == 10
        (tmp_path / "journal.db-wal").unlink()
        with pytest.raises(JournalReplaced):
            journal.empty_wal_if_idle()
        journal.reopen()
        assert journal.append([grant()]) == [11]
        assert reader.newest_seq() == 11


def test_journal_that_lies_where_it_lay_is_never_mistaken_for_replaced(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        for i in range(400):
            journal.append([grant(i)])
            journal.empty_wal_if_idle()
            assert reader.newest_seq() == i + 1
        journal.reopen()
        journal.empty_wal_if_idle()
