"""Every process of the group can use registry.lock, even if another user created it."""

import os
from pathlib import Path

import pytest

from controller.registry.lock import hold_lock, try_lock


@pytest.mark.parametrize("lock_it", [hold_lock, try_lock])
@pytest.mark.parametrize("umask", [0o022, 0o077, 0o027])
def test_lock_is_made_for_the_group_whatever_the_umask(tmp_path: Path, lock_it, umask: int):
    before = os.umask(umask)
    try:
        with lock_it(tmp_path / "registry.lock"):
            pass
    finally:
        os.umask(before)
    assert (tmp_path / "registry.lock").stat().st_mode & 0o777 == 0o660


def test_rights_of_a_lock_that_is_there_are_left_alone(tmp_path: Path):
    file = tmp_path / "registry.lock"
    file.touch(0o600)
    with hold_lock(file), try_lock(file) as free:
        assert not free
    assert file.stat().st_mode & 0o777 == 0o600


def test_lock_in_no_folder_is_told(tmp_path: Path):
    with pytest.raises(FileNotFoundError), hold_lock(tmp_path / "nowhere" / "registry.lock"):
        pass
