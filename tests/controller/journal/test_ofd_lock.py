import fcntl
import os
from pathlib import Path

import pytest

from controller.journal.ofd_lock import is_locked, set_lock


def test_locks_of_two_descriptors_conflict_by_kind_and_range(tmp_path: Path) -> None:
    one, other = (os.open(tmp_path / "a", os.O_RDWR | os.O_CREAT) for _ in range(2))
    set_lock(one, fcntl.F_RDLCK, 5, 1)
    assert is_locked(other, fcntl.F_WRLCK, 5, 1) and is_locked(other, fcntl.F_WRLCK)
    assert not is_locked(other, fcntl.F_RDLCK, 5, 1) and not is_locked(other, fcntl.F_WRLCK, 6, 1)
    assert not is_locked(one, fcntl.F_WRLCK, 5, 1), "its own lock"
    with pytest.raises(BlockingIOError):
        set_lock(other, fcntl.F_WRLCK, 0, 0)
    set_lock(one, fcntl.F_UNLCK, 5, 1)
    set_lock(other, fcntl.F_WRLCK, 0, 0)
    assert is_locked(one, fcntl.F_RDLCK, 7, 1)
    for descriptor in (one, other):
        os.close(descriptor)
