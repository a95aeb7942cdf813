"""Which locks block the writer of a database, by their bytes."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.sqlite.wal_locks import blocking_locks, programs_of, reading_locks
from tests.controller.lock_holder import Held, held_lock

RECOVER, LAST_READER, OPENED = 122, 127, 128


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    with contextlib.closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE t (x)")
        yield tmp_path / "a.db"


@pytest.mark.process
@pytest.mark.parametrize(
    ("byte", "kind", "blocks", "reads"),
    [
        (120, Held.READ, True, False),
        (121, Held.WRITE, True, True),
        (RECOVER, Held.READ, False, False),
        (RECOVER, Held.WRITE, True, False),
        (LAST_READER, Held.READ, False, True),
        (LAST_READER, Held.WRITE, True, True),
        (OPENED, Held.READ, False, False),
    ],
)
def test_lock_blocks_or_keeps_the_wal_by_its_byte_and_kind(
    file: Path, byte: int, kind: Held, blocks: bool, reads: bool
) -> None:
    with held_lock(Path(f"{file}-shm"), kind, byte) as process:
        found = blocking_locks(file), reading_locks(file)
        assert tuple(map(bool, found)) == (blocks, reads)
        for locks in filter(None, found):
            assert (programs_of(locks) or "").endswith(f"({process})")
    assert programs_of(frozenset()) is None
