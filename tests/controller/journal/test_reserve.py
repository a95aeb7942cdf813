"""Room set aside for the journal."""

import os
from collections import namedtuple
from pathlib import Path

import pytest

from controller.journal.reserve import NAME, Reserve

MEBIBYTE = 1024 * 1024
Disk = namedtuple("Disk", "f_bavail f_frsize")


def test_reserve_takes_its_room_on_the_disk_and_gives_it_back_once(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path, MEBIBYTE)
    assert reserve.make()
    assert (tmp_path / NAME).stat().st_blocks * 512 >= MEBIBYTE
    assert reserve.make()
    assert reserve.release()
    assert not reserve.is_there
    assert not reserve.release()
    assert reserve.make()


def test_disk_without_plenty_of_room_gets_no_reserve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "statvfs", lambda folder: Disk(1, MEBIBYTE))
    assert not Reserve(tmp_path, MEBIBYTE).make()
    assert not (tmp_path / NAME).exists()


def test_disk_with_room_for_two_has_its_reserve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "statvfs", lambda folder: Disk(2, MEBIBYTE))
    assert Reserve(tmp_path, MEBIBYTE).make()


def test_folder_that_cannot_be_written_has_none_and_hinders_nothing(tmp_path: Path) -> None:
    assert not Reserve(tmp_path / "missing", MEBIBYTE).make()


def test_reserve_cut_short_by_a_kill_is_created_whole(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"x" * 4096)
    assert Reserve(tmp_path, MEBIBYTE).make()
    assert (tmp_path / NAME).stat().st_size == MEBIBYTE


def test_reserve_that_is_not_a_file_of_its_size_is_created_again_and_known_as_damaged(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path, MEBIBYTE)
    assert reserve.make() and not reserve.was_damaged
    (tmp_path / NAME).unlink()
    os.mkfifo(tmp_path / NAME)
    assert reserve.make() and reserve.was_damaged
    assert (tmp_path / NAME).stat().st_size == MEBIBYTE


def test_folder_in_place_of_the_reserve_is_known_as_damaged(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    reserve = Reserve(tmp_path, MEBIBYTE)
    assert not reserve.make() and reserve.was_damaged
