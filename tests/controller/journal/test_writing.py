"""The writer's connection: how much one event costs the disk, and how large its WAL may become."""

from pathlib import Path

from controller.journal.query import JournalReader
from tests.controller.journal.samples import grant, journal_in

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


def test_idle_checkpoints_keep_the_wal_near_a_mebibyte(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        for i in range(600):
            journal.append([grant(i)])
            journal.checkpoint_if_idle()
        assert wal(tmp_path) < 2 * MIB


def test_door_that_is_never_idle_still_keeps_its_wal_bounded(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        for i in range(3000):
            journal.append([grant(i)])
        assert wal(tmp_path) < 12 * MIB


def test_reader_that_holds_a_snapshot_delays_the_checkpoint_and_loses_nothing(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        journal.append([grant()])
        with reader.snapshot() as held:
            for i in range(500):
                journal.append([grant(i)])
                journal.checkpoint_if_idle()
            grown = wal(tmp_path)
            assert grown > 2 * MIB
            assert held.execute("SELECT max(seq) FROM events").fetchone()[0] == 1
        for i in range(500):
            journal.append([grant(i)])
            journal.checkpoint_if_idle()
        assert wal(tmp_path) <= max(grown, 4 * MIB)
        assert reader.newest_seq() == 1001
