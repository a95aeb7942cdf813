"""Whether a door runs, as others see it: no process can pretend it, or prevent it, that may only read."""

import os
from pathlib import Path

import pytest

from controller.journal.alive import NAME, Alive, is_door_alive
from tests.controller.lock_holder import Held, held_lock


@pytest.fixture
def private(tmp_path: Path) -> Path:
    folder = tmp_path / "private"
    folder.mkdir(0o700)
    return folder


def showing(folder: Path) -> Alive:
    alive = Alive(folder, folder / "private")
    alive.show()
    return alive


def test_door_is_seen_until_it_ends(tmp_path: Path, private: Path) -> None:
    assert not is_door_alive(tmp_path)
    alive = showing(tmp_path)
    assert [is_door_alive(tmp_path) for _ in range(3)] == [True] * 3
    assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o640
    alive.end()
    alive.end()
    assert not is_door_alive(tmp_path)
    assert list(private.iterdir()) == []


@pytest.mark.process
@pytest.mark.parametrize("held", [Held.READ, Held.OFD_READ])
def test_read_lock_of_another_program_neither_pretends_a_door_nor_hides_one(
    tmp_path: Path, private: Path, held: Held
) -> None:
    showing(tmp_path).end()
    with held_lock(tmp_path / NAME, held, 0, 0):
        assert not is_door_alive(tmp_path)
        alive = showing(tmp_path)
        assert is_door_alive(tmp_path)
        alive.end()


def test_disk_that_takes_no_write_shows_the_door_until_it_takes_writes_again(
    tmp_path: Path, private: Path
) -> None:
    showing(tmp_path).end()
    file = tmp_path / NAME
    file.chmod(0o440)
    private.rename(tmp_path / "gone")
    before = os.open(file, os.O_RDONLY)
    alive = Alive(tmp_path, private)
    alive._lock_writable = alive._lock_read_only  # type: ignore[method-assign] # root may write any file
    alive.show()
    assert is_door_alive(tmp_path)
    file.chmod(0o640)
    assert not is_door_alive(tmp_path), "on such a disk anyone could hold that lock"
    (tmp_path / "gone").rename(private)
    alive.show()
    assert is_door_alive(tmp_path)
    assert file.stat().st_ino != os.fstat(before).st_ino
    os.close(before)
    alive.end()


def test_pipe_in_its_place_holds_nobody_up_and_is_replaced(tmp_path: Path, private: Path) -> None:
    os.mkfifo(tmp_path / NAME)
    assert not is_door_alive(tmp_path)
    alive = showing(tmp_path)
    assert is_door_alive(tmp_path)
    alive.end()


def test_folder_without_room_for_a_new_file_has_the_old_one_locked(tmp_path: Path, private: Path) -> None:
    showing(tmp_path).end()
    private.rmdir()  # so that none can be created
    alive = showing(tmp_path)
    assert is_door_alive(tmp_path)
    alive.end()
