"""The programs that hold a lock, by every kind of lock, and only those of the file in question."""

import fcntl
import os
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.sqlite.holders import FLOCK_LOCK, OFD_LOCK, POSIX_LOCK, holders, locks_on, named
from tests.controller.lock_holder import Held, held_lock


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    file = tmp_path / "a"
    file.touch()
    yield file


@pytest.mark.process
@pytest.mark.parametrize(
    ("held", "kind", "range_of"),
    [
        (Held.READ, POSIX_LOCK, (120, 120)),
        (Held.WRITE, POSIX_LOCK, (120, 120)),
        (Held.OFD_READ, OFD_LOCK, (120, 120)),
        (Held.FLOCK, FLOCK_LOCK, (0, 2**63 - 1)),
    ],
)
def test_holder_of_a_lock_is_named_with_its_process(
    file: Path, held: Held, kind: str, range_of: tuple[int, int]
) -> None:
    other = file.with_name("b")
    other.touch()
    with held_lock(file, held, 120) as process:
        (lock,) = locks_on(file.stat())
        assert (lock.kind, lock.is_write) == (kind, held in (Held.WRITE, Held.FLOCK))
        assert (lock.first, lock.last) == range_of
        assert lock.covers(120, 128) and (kind == FLOCK_LOCK or not lock.covers(121, 128))
        assert holders([lock]) == {process}
        text = named({process})
        assert text is not None and text.startswith("python") and text.endswith(f"({process})")
        assert locks_on(other.stat()) == locks_on(None) == []
    assert locks_on(file.stat()) == []


def test_own_lock_is_listed_too_and_nobody_is_named_without_one(file: Path) -> None:
    with file.open("r+b") as opened:
        fcntl.fcntl(opened, fcntl.F_SETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0))
        assert holders(locks_on(file.stat())) == {os.getpid()}
    assert named(()) is None


def test_name_holds_no_arguments_of_a_program_and_a_process_that_ended_has_none() -> None:
    text = named({os.getpid()})
    assert text is not None and "--" not in text
    assert named({2**22 + 1}) == f"process ({2**22 + 1})"
