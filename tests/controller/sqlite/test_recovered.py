"""A database and its WAL, put together in a folder that is gone afterwards."""

import contextlib
import os
import sqlite3
from pathlib import Path

import pytest

from controller.sqlite.recovered import SPENT_S, SPENT_WITHIN_S, Recoveries, recovered


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """One row in the database, one in the -wal, and no -shm."""
    live = tmp_path / "live.db"
    with contextlib.closing(sqlite3.connect(live, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE t (x)")
        db.execute("INSERT INTO t VALUES (1)")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.execute("INSERT INTO t VALUES (2)")
        for end in ("", "-wal"):
            (tmp_path / f"a.db{end}").write_bytes((tmp_path / f"live.db{end}").read_bytes())
    return tmp_path / "a.db"


def rows(file: Path) -> list[int]:
    with contextlib.closing(sqlite3.connect(f"{file.as_uri()}?mode=ro&immutable=1", uri=True)) as db:
        return [row[0] for row in db.execute("SELECT x FROM t")]


def test_copy_holds_what_is_in_the_wal_and_leaves_no_file(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    before = sorted(path.name for path in tmp_path.iterdir())
    with recovered(file) as whole:
        assert rows(whole) == [1, 2] and rows(file) == [1]
        assert whole.parent.stat().st_mode & 0o777 == 0o700
    assert list(temporary.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_files_that_are_too_large_are_not_copied(file: Path) -> None:
    size = file.stat().st_size + Path(f"{file}-wal").stat().st_size
    with recovered(file, size) as whole:
        assert rows(whole) == [1, 2]
    with pytest.raises(ValueError, match="too large"), recovered(file, size - 1):
        pass
    os.truncate(f"{file}-wal", 2**21)
    with pytest.raises(ValueError, match="too large"), recovered(file, within_s=-1):
        pass


def test_files_that_keep_changing_are_copied_for_a_small_part_of_the_time(file: Path) -> None:
    now, copies = 0.0, 0
    recoveries = Recoveries(lambda: now)
    while now < 100:
        with contextlib.suppress(sqlite3.OperationalError), recoveries.recovered(file) as whole:
            assert rows(whole) == [1, 2]
            copies += 1
            now += 0.25  # on a slow disk
        now += 0.05
    assert 14 <= copies <= 20


def test_copy_that_fails_counts_as_well(file: Path) -> None:
    now = 0.0
    recoveries = Recoveries(lambda: now)
    with pytest.raises(ValueError), recoveries.recovered(file):
        now = SPENT_S
        raise ValueError  # as for a file that was replaced meanwhile
    with pytest.raises(sqlite3.OperationalError, match="keeps changing"), recoveries.recovered(file):
        pass
    now += SPENT_WITHIN_S
    with recoveries.recovered(file) as whole:
        assert rows(whole) == [1, 2]


@pytest.mark.parametrize("what", ["pipe", "link"])
def test_pipe_or_link_in_place_of_the_wal_holds_nobody_up(file: Path, what: str) -> None:
    wal = Path(f"{file}-wal")
    wal.unlink()
    os.mkfifo(wal) if what == "pipe" else wal.symlink_to(file)
    with pytest.raises((ValueError, OSError)), recovered(file):
        pass
