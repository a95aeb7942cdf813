"""Which locks of other programs hold the journal, and which are those of usual readers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.journal.append import Journal
from controller.journal.held import HeldBy, held_now
from tests.controller.journal.samples import grant, journal_in
from tests.controller.lock_holder import Held, held_lock, read_transaction

WRITE, CHECKPOINT, READ, WHOLE_DATABASE = 120, 121, 124, 0x40000000


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with journal_in(tmp_path) as journal:
        journal.append([grant()])
        yield journal


@pytest.mark.process
@pytest.mark.parametrize("kind", [Held.READ, Held.WRITE, Held.OFD_READ])
def test_lock_on_the_byte_of_the_writer_blocks_and_its_program_is_named(
    tmp_path: Path, journal: Journal, kind: Held
) -> None:
    assert held_now(tmp_path / "journal.db") is None, "the journal's own locks are not another program's"
    first, length = (WRITE, 1) if kind is Held.WRITE else (0, 0)  # every reader holds a lock on another byte
    with held_lock(tmp_path / "journal.db-shm", kind, first, length) as process:
        held = held_now(tmp_path / "journal.db")
        assert held is not None and held.by is HeldBy.LOCK
        assert held.programs is not None
        assert held.programs.startswith("python") and held.programs.endswith(f"({process})")
    assert held_now(tmp_path / "journal.db") is None


@pytest.mark.process
@pytest.mark.parametrize("byte", [CHECKPOINT, READ])
def test_read_lock_of_a_reader_blocks_nothing_and_keeps_only_a_large_wal(
    tmp_path: Path, journal: Journal, byte: int
) -> None:
    with held_lock(tmp_path / "journal.db-shm", Held.READ, byte) as process:
        assert held_now(tmp_path / "journal.db") is None
        held = held_now(tmp_path / "journal.db", wal_at_most=1000)
        assert held is not None and held.by is HeldBy.READING
        assert held.programs is not None and held.programs.endswith(f"({process})")


@pytest.mark.process
def test_write_locks_where_readers_lock_and_on_the_database_block(tmp_path: Path, journal: Journal) -> None:
    journal.close()
    with held_lock(tmp_path / "journal.db", Held.READ, WHOLE_DATABASE, 512):
        assert held_now(tmp_path / "journal.db") is None
    with held_lock(tmp_path / "journal.db", Held.WRITE, WHOLE_DATABASE, 512):
        held = held_now(tmp_path / "journal.db")
        assert held is not None and held.by is HeldBy.LOCK


@pytest.mark.process
def test_read_transaction_is_a_reader(tmp_path: Path, journal: Journal) -> None:
    with read_transaction(tmp_path / "journal.db") as process:
        held = held_now(tmp_path / "journal.db", wal_at_most=1000)
        assert held is not None and held.by is HeldBy.READING
        assert held.programs is not None and f"({process})" in held.programs


def test_folder_without_a_journal_is_held_by_nobody(tmp_path: Path) -> None:
    assert held_now(tmp_path / "journal.db") is None
