"""A reader without write access reads the newest commit while its writer runs, ends, dies or starts."""

import contextlib
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from controller.sqlite.foreign import ForeignDatabase

NOBODY = 65534
_WRITE_AND_DIE = """
import os, sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("PRAGMA journal_mode = WAL")
db.execute("CREATE TABLE IF NOT EXISTS t (x)")
db.execute("INSERT INTO t VALUES (1)")
os._exit(0)
"""


@pytest.fixture
def file() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "a.db"


@contextlib.contextmanager
def writer(file: Path) -> Iterator[sqlite3.Connection]:
    db = sqlite3.connect(file, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("CREATE TABLE IF NOT EXISTS t (x)")
    try:
        yield db
    finally:
        db.close()


def in_a_child(work: Callable[[], int]) -> int:
    """The exit status; the child ends as if killed."""
    child = os.fork()
    if child == 0:
        status = 99
        try:
            status = work()
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def write_and_die(file: Path) -> None:
    """In a program of its own: a child of this one would share the memory of a reader's -shm."""
    subprocess.run([sys.executable, "-c", _WRITE_AND_DIE, str(file)], check=True)


def opened(file: Path, check: Callable[[sqlite3.Connection], None] = lambda db: None) -> ForeignDatabase:
    return ForeignDatabase(file, check)


def rows(foreign: ForeignDatabase) -> int:
    with foreign.snapshot() as db:
        count: int = db.execute("SELECT count(*) FROM t").fetchone()[0]
        return count


def as_nobody(file: Path) -> int:
    """How many rows a user reads who can write neither file nor folder."""

    def work() -> int:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        return rows(opened(file))

    return in_a_child(work)


def running(file: Path) -> contextlib.AbstractContextManager[object]:
    stack = contextlib.ExitStack()
    stack.enter_context(writer(file)).execute("INSERT INTO t VALUES (1)")
    return stack


def killed_without_shm(file: Path) -> contextlib.AbstractContextManager[object]:
    """As after a power failure: the folder has forgotten the -shm."""
    with killed(file):
        Path(f"{file}-shm").unlink()
    return contextlib.nullcontext()


def killed_with_an_empty_shm(file: Path) -> contextlib.AbstractContextManager[object]:
    with killed(file):
        os.truncate(f"{file}-shm", 0)
    return contextlib.nullcontext()


def stopped(file: Path) -> contextlib.AbstractContextManager[object]:
    with running(file):
        pass
    assert not Path(f"{file}-wal").exists()
    return contextlib.nullcontext()


def killed(file: Path) -> contextlib.AbstractContextManager[object]:
    write_and_die(file)
    assert Path(f"{file}-wal").stat().st_size
    return contextlib.nullcontext()


STATES = [running, stopped, killed, killed_without_shm, killed_with_an_empty_shm]


@pytest.mark.process
@pytest.mark.parametrize("state", STATES)
def test_newest_commit_is_read_and_nothing_is_created(file: Path, state) -> None:
    with state(file):
        before = sorted(file.parent.iterdir())
        foreign = opened(file)
        assert rows(foreign) == 1
        foreign.close()
        assert sorted(file.parent.iterdir()) == before


@pytest.mark.process
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to read as another user")
@pytest.mark.parametrize("state", STATES)
def test_newest_commit_is_read_by_a_user_who_may_write_nothing(file: Path, state) -> None:
    with state(file):
        assert as_nobody(file) == 1


@pytest.mark.process
def test_writer_that_starts_and_ends_beside_an_open_reader_is_followed(file: Path) -> None:
    write_and_die(file)
    with writer(file):
        pass
    foreign = opened(file)
    versions = [foreign.data_version()]
    for count in range(2, 5):
        write_and_die(file)
        assert rows(foreign) == count
        versions.append(foreign.data_version())
    assert len(set(versions)) == len(versions)
    foreign.close()


@pytest.mark.process
def test_writer_that_starts_after_a_power_failure_is_followed(file: Path) -> None:
    """From the reader's own copy of database and -wal to the files themselves."""
    with killed_without_shm(file):
        foreign = opened(file)
        version = foreign.data_version()
        with writer(file) as db:
            db.execute("INSERT INTO t VALUES (1)")
            assert rows(foreign) == 2 and foreign.data_version() != version
        assert rows(foreign) == 2
        foreign.close()


def test_vacuum_and_checkpoint_beside_an_open_reader_are_seen(file: Path) -> None:
    with writer(file) as db:
        foreign = opened(file)
        for _ in range(3):
            db.execute("INSERT INTO t VALUES (1)")
            db.execute("VACUUM")
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert rows(foreign) == 3
        foreign.close()


def test_schema_is_checked_in_the_snapshot_after_each_change_and_not_otherwise(file: Path) -> None:
    checks: list[int] = []

    def check(db: sqlite3.Connection) -> None:
        tables = db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        checks.append(tables)
        if tables > 1:
            raise ValueError("a foreign table")

    with writer(file) as db:
        foreign = opened(file, check)
        assert rows(foreign) == rows(foreign) == 0
        db.execute("CREATE TABLE u (x)")
        for _ in range(2):
            with pytest.raises(ValueError, match="foreign"):
                rows(foreign)
        db.execute("DROP TABLE u")
        assert rows(foreign) == 0
        foreign.close()
    assert checks == [1, 2, 2, 1]


def test_file_in_place_of_the_open_one_is_reported_and_not_read(file: Path) -> None:
    with writer(file):
        pass
    foreign = opened(file)
    assert not foreign.is_replaced()
    with writer(file.with_name("b.db")) as db:
        db.execute("INSERT INTO t VALUES (1)")
    file.with_name("b.db").rename(file)
    assert foreign.is_replaced() and rows(foreign) == 0
    foreign.close()


def test_open_file_that_somebody_removes_or_whose_folder_is_gone_is_reported(file: Path) -> None:
    folder = file.parent / "folder"
    folder.mkdir()
    inside = folder / file.name
    with writer(inside):
        pass
    foreign = opened(inside)
    for there in (folder, inside):
        there.rename(file.parent / "aside")
        assert foreign.is_replaced()
        (file.parent / "aside").rename(there)
        assert not foreign.is_replaced()
    folder.rename(file.parent / "aside")
    folder.touch()
    assert foreign.is_replaced()
    foreign.close()


def test_file_written_while_it_is_read_as_immutable_is_an_error(file: Path) -> None:
    with writer(file):
        pass
    foreign = opened(file)
    with pytest.raises(sqlite3.OperationalError, match="wrote the file"), foreign.snapshot():
        file.write_bytes(file.read_bytes() + bytes(4096))
    foreign.close()


def test_pipe_is_refused_without_opening_it(file: Path) -> None:
    os.mkfifo(file)
    with pytest.raises(ValueError, match="regular"):
        opened(file)
