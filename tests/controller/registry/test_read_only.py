"""Reading registry.db needs no right to write and leaves no file: its writer runs, ended or died."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from controller.errors import CorruptDatabase, InstallerError, NewerDatabase, RegistrarNeeded
from controller.registry import people
from controller.registry.database import Registry
from controller.registry.read_only import ReadOnlyRegistry
from controller.registry.schema import SCHEMA
from tests.controller.registry.samples import person_row
from tests.controller.test_migration_cut import registry_at

NOBODY = 65534
_WRITE_AND_DIE = """
import os, sys
from pathlib import Path
from controller.registry.database import Registry
registry = Registry.open(Path(sys.argv[1]))
with registry.write() as db:
    db.execute("INSERT INTO access_levels VALUES ('a', 'Everywhere')")
os._exit(0)
"""


@pytest.fixture
def file() -> Iterator[Path]:
    """In a folder that any user may read and only its owner may write."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "registry.db"


def add(registry: Registry, number: int) -> None:
    with registry.write() as db:
        people.add_person(db, person_row(number))


def names(registry: Registry) -> list[str]:
    with registry.read() as db:
        return [row.name for row in people.people_page(db, "", None, 1000)]


def test_reader_sees_each_commit_while_the_writer_runs_and_after_it_has_ended(file: Path) -> None:
    with closing(ReadOnlyRegistry(file)) as reader:
        with closing(Registry.open(file)) as writer:
            add(writer, 1)
            assert names(reader) == ["人1"]
            add(writer, 2)
            assert names(reader) == ["人1", "人2"]
            assert (reader.id(), reader.version()) == (writer.id(), writer.version())
        assert names(reader) == ["人1", "人2"]
        with closing(Registry.open(file)) as writer:
            add(writer, 3)
            assert names(reader) == ["人1", "人2", "人3"]


def test_reader_leaves_no_file_behind_and_takes_no_lock(file: Path) -> None:
    with closing(Registry.open(file)) as writer:
        add(writer, 1)
    shutil.rmtree(writer.lock.parent)
    before = sorted(file.parent.iterdir())
    with closing(ReadOnlyRegistry(file)) as reader:
        assert names(reader) == ["人1"]
        with closing(reader.scratch()) as scratch:
            scratch.execute("DELETE FROM schedules")
    assert sorted(file.parent.iterdir()) == before == [file]


@pytest.mark.process
def test_user_who_may_not_write_reads_what_a_killed_writer_committed(file: Path) -> None:
    subprocess.run([sys.executable, "-c", _WRITE_AND_DIE, str(file)], check=True)
    assert file.with_name("registry.db-wal").stat().st_size
    for one in file.parent.iterdir():
        one.chmod(0o644)
    child = os.fork()
    if child == 0:
        status = 99
        try:
            if os.geteuid() == 0:
                os.setuid(NOBODY)
            with closing(ReadOnlyRegistry(file)) as reader, reader.read() as db:
                status = db.execute("SELECT count(*) FROM access_levels").fetchone()[0]
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1


def test_missing_registry_is_one_sentence_and_is_read_as_soon_as_it_is_there(file: Path) -> None:
    with closing(ReadOnlyRegistry(file)) as reader:
        with pytest.raises(InstallerError, match=r"has no registry/registry\.db; restore a backup"):
            reader.id()
        with closing(Registry.open(file)) as writer:
            assert reader.id() == writer.id()


def test_registry_of_an_earlier_version_waits_for_the_registrar(file: Path) -> None:
    registry_at(SCHEMA - 1, file)
    with closing(ReadOnlyRegistry(file)) as reader:
        with pytest.raises(RegistrarNeeded, match=f"schema {SCHEMA - 1}, .*start the registrar"):
            reader.id()
        with closing(Registry.open(file)) as writer:
            assert reader.id() == writer.id()


def test_registry_of_a_newer_version_or_without_content_is_refused(file: Path) -> None:
    Registry.open(file).close()
    with closing(sqlite3.connect(file)) as db:
        db.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    with closing(ReadOnlyRegistry(file)) as reader:
        with pytest.raises(NewerDatabase):
            reader.id()
        file.write_bytes(b"")
        with pytest.raises(CorruptDatabase, match="is empty; restore a backup"):
            reader.id()


def test_wal_without_its_shm_waits_for_the_registrar(file: Path) -> None:
    with closing(Registry.open(file)) as writer:
        add(writer, 1)
        copy = file.with_name("copied.db")
        for end in ("", "-wal"):
            copy.with_name(copy.name + end).write_bytes(file.with_name(file.name + end).read_bytes())
    with closing(ReadOnlyRegistry(copy)) as reader, pytest.raises(RegistrarNeeded, match="has lost its -shm"):
        reader.id()


def test_pipe_in_place_of_the_registry_holds_no_reader_up(file: Path) -> None:
    os.mkfifo(file)
    with (
        closing(ReadOnlyRegistry(file)) as reader,
        pytest.raises(CorruptDatabase, match="not a regular file"),
    ):
        reader.id()


def test_writing_is_a_fault_of_the_program(file: Path) -> None:
    Registry.open(file).close()
    with closing(ReadOnlyRegistry(file)) as reader:
        for write in (reader.write, reader.housekeeping):
            with pytest.raises(RuntimeError, match="send it a request"), write():
                pass
        with pytest.raises(RuntimeError):
            reader.scrub()
        with pytest.raises(InstallerError, match="readonly"), reader.read() as db:
            db.execute("DELETE FROM access_levels")
