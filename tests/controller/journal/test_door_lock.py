"""The lock that says a door process runs: one holder, seen without being touched, gone with its process."""

import os
import signal
from pathlib import Path

import pytest

from controller.errors import AlreadyRunning
from controller.journal.door_lock import DoorLock, is_held


def test_lock_is_seen_while_held_and_not_after(tmp_path: Path) -> None:
    assert not is_held(tmp_path)
    lock = DoorLock.acquire(tmp_path)
    assert is_held(tmp_path)
    lock.release()
    assert not is_held(tmp_path)


def test_second_taker_is_refused_even_in_the_same_process(tmp_path: Path) -> None:
    lock = DoorLock.acquire(tmp_path)
    with pytest.raises(AlreadyRunning):
        DoorLock.acquire(tmp_path)
    lock.release()
    DoorLock.acquire(tmp_path).release()


def test_polling_does_not_keep_a_door_from_starting(tmp_path: Path) -> None:
    DoorLock.acquire(tmp_path).release()
    held = [is_held(tmp_path) for _ in range(3)]
    lock = DoorLock.acquire(tmp_path)
    assert held == [False] * 3
    assert is_held(tmp_path), "looking must not have given the lock away"
    lock.release()


def test_releasing_twice_closes_no_other_file(tmp_path: Path) -> None:
    lock = DoorLock.acquire(tmp_path)
    lock.release()
    other = os.open(tmp_path / "other", os.O_CREAT | os.O_RDWR)
    lock.release()
    os.write(other, b"still open")
    os.close(other)


@pytest.mark.process
def test_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        DoorLock.acquire(tmp_path)
        os.write(write_end, b"1")
        signal.pause()
    os.read(read_end, 1)
    assert is_held(tmp_path)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert not is_held(tmp_path)
    for end in (read_end, write_end):
        os.close(end)
