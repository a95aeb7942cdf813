"""Root's commands leave no file of root's in the folder of a service's user."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.commands.as_owner import as_owner_of, refuse_other_users
from controller.errors import InstallerError

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to act as another user")
USER, GROUP, KEYS = 64_101, 64_102, 64_103


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "registry"
    folder.mkdir()
    if os.geteuid() == 0:
        os.chown(folder, USER, GROUP)
    yield folder
    assert os.geteuid() == os.getuid()


@ROOT_ONLY
def test_file_that_root_creates_belongs_to_the_owner_of_the_folder(folder: Path, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.touch()
    os.chown(key, 0, KEYS)
    descriptor = os.open(folder, os.O_PATH)  # the way to a test's folder is closed to other users
    before = os.getgroups(), os.getegid()
    with as_owner_of(folder, key, tmp_path / "missing"):
        assert set(os.getgroups()) == {GROUP, KEYS}
        os.close(os.open(f"/proc/self/fd/{descriptor}/new", os.O_CREAT | os.O_WRONLY, 0o600))
    os.close(descriptor)
    found = (folder / "new").stat()
    assert (found.st_uid, found.st_gid) == (USER, GROUP)
    assert (os.getgroups(), os.getegid()) == before


@ROOT_ONLY
def test_root_is_root_again_after_an_error(folder: Path) -> None:
    with pytest.raises(RuntimeError), as_owner_of(folder):
        assert os.geteuid() == USER
        raise RuntimeError
    assert os.geteuid() == 0


@ROOT_ONLY
def test_another_user_is_asked_for_sudo(folder: Path, tmp_path: Path) -> None:
    refuse_other_users(folder)
    other = tmp_path / "journal"
    other.mkdir()
    os.chown(other, 64_109, 64_109)
    with as_owner_of(other), pytest.raises(InstallerError, match="sudo"):
        refuse_other_users(folder)


def test_missing_folder_is_one_sentence_with_what_to_do(tmp_path: Path) -> None:
    missing = tmp_path / "registry"
    with pytest.raises(InstallerError, match=r"No such file .*put the folder back"), as_owner_of(missing):
        pass


def test_owner_stays_who_they_are(tmp_path: Path) -> None:
    before = os.geteuid(), os.getgroups()
    with as_owner_of(tmp_path):
        assert (os.geteuid(), os.getgroups()) == before
    refuse_other_users(tmp_path)
