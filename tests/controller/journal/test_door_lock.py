"""The lock that keeps a second door from starting: one holder, no other user, gone with its process."""

import fcntl
import os
import signal
from pathlib import Path

import pytest

from controller.errors import AlreadyRunning
from controller.journal.alive import is_door_alive
from controller.journal.door_lock import DoorLock
from controller.journal.ofd_lock import set_lock
from tests.controller.lock_holder import Held, held_lock


def test_second_taker_is_refused_even_in_the_same_process(tmp_path: Path) -> None:
    lock = DoorLock.acquire(tmp_path)
    with pytest.raises(AlreadyRunning):
        DoorLock.acquire(tmp_path)
    assert is_door_alive(tmp_path)
    lock.release()
    DoorLock.acquire(tmp_path).release()
    assert not is_door_alive(tmp_path)


def test_nobody_but_its_user_can_open_the_lock(tmp_path: Path) -> None:
    DoorLock.acquire(tmp_path).release()
    private = tmp_path / "private"
    assert private.stat().st_mode & 0o777 == 0o700
    assert (private / "door.lock").stat().st_mode & 0o777 == 0o600


def test_releasing_twice_closes_no_other_file(tmp_path: Path) -> None:
    lock = DoorLock.acquire(tmp_path)
    lock.release()
    other = os.open(tmp_path / "other", os.O_CREAT | os.O_RDWR)
    lock.release()
    os.write(other, b"still open")
    os.close(other)


@pytest.mark.parametrize("what", ["pipe", "link"])
def test_pipe_or_link_in_place_of_the_lock_is_an_error_and_holds_nobody_up(tmp_path: Path, what: str) -> None:
    (tmp_path / "private").mkdir()
    file = tmp_path / "private" / "door.lock"
    os.mkfifo(file) if what == "pipe" else file.symlink_to("/dev/zero")
    with pytest.raises(OSError):
        DoorLock.acquire(tmp_path)


def test_door_of_an_earlier_version_keeps_a_second_one_from_starting(tmp_path: Path) -> None:
    earlier = os.open(tmp_path / "door.lock", os.O_RDWR | os.O_CREAT, 0o640)
    set_lock(earlier, fcntl.F_WRLCK)
    with pytest.raises(AlreadyRunning):
        DoorLock.acquire(tmp_path)
    os.close(earlier)
    DoorLock.acquire(tmp_path).release()
    assert not (tmp_path / "door.lock").exists()


@pytest.mark.process
def test_read_lock_on_the_file_of_an_earlier_version_keeps_no_door_from_starting(tmp_path: Path) -> None:
    (tmp_path / "door.lock").touch(0o640)
    with held_lock(tmp_path / "door.lock", Held.OFD_READ, 0, 0):
        DoorLock.acquire(tmp_path).release()


@pytest.mark.process
def test_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        DoorLock.acquire(tmp_path)
        os.write(write_end, b"1")
        signal.pause()
    os.read(read_end, 1)
    assert is_door_alive(tmp_path)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert not is_door_alive(tmp_path)
    DoorLock.acquire(tmp_path).release()
    for end in (read_end, write_end):
        os.close(end)
