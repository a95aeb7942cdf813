"""The writers' locks: out of reach of other users, waited for within a limit, and their holders named."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from controller.errors import Busy, InstallerError
from controller.registry.lock import (
    earlier_registrar,
    hold_lock,
    holder_of,
    remove_earlier_locks,
    try_lock,
)

HOLDER = """
import fcntl, sys
with open(sys.argv[1], "r+") as file:
    fcntl.flock(file, fcntl.LOCK_EX)
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("lock_it", [hold_lock, try_lock])
@pytest.mark.parametrize("umask", [0o022, 0o077, 0o027])
def test_lock_and_its_folder_are_created_for_one_user_regardless_of_the_umask(
    tmp_path: Path, lock_it, umask: int
):
    file = tmp_path / "private" / "registry.lock"
    before = os.umask(umask)
    try:
        with lock_it(file):
            pass
    finally:
        os.umask(before)
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_rights_of_a_lock_that_is_there_are_left_alone(tmp_path: Path):
    file = tmp_path / "registry.lock"
    file.touch(0o600)
    with hold_lock(file), try_lock(file) as free:
        assert not free
    assert file.stat().st_mode & 0o777 == 0o600


def test_lock_in_no_folder_is_reported(tmp_path: Path):
    with pytest.raises(FileNotFoundError), hold_lock(tmp_path / "nowhere" / "private" / "registry.lock"):
        pass


@pytest.mark.process
def test_lock_that_another_program_keeps_is_busy_after_its_time_and_names_the_program(tmp_path: Path):
    file = tmp_path / "registry.lock"
    file.touch(0o660)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stdout.readline() == b"held\n"
        with pytest.raises(Busy) as busy, hold_lock(file, within=0.05):
            pass
        assert f"({process.pid})" in str(busy.value) and "python" in str(busy.value)
        assert str(file) in str(busy.value) and "Nothing was changed" in str(busy.value)
        assert holder_of(file) is not None
        process.communicate(b"")
    with hold_lock(file, within=0):
        pass
    assert holder_of(file) is None


def test_another_thread_of_the_same_program_is_named_as_well(tmp_path: Path):
    file = tmp_path / "registry.lock"
    with hold_lock(file), pytest.raises(Busy, match=rf"\({os.getpid()}\)"), hold_lock(file, within=0):
        pass


@pytest.mark.parametrize("lock_it", [hold_lock, try_lock])
@pytest.mark.parametrize("what", ["pipe", "link"])
def test_pipe_or_link_in_place_of_the_lock_is_refused_and_holds_nobody_up(tmp_path: Path, lock_it, what: str):
    file = tmp_path / "registry.lock"
    if what == "pipe":
        os.mkfifo(file)
    else:
        file.symlink_to("/dev/zero")
    with pytest.raises(InstallerError, match="is not a regular file"), lock_it(file):
        pass


def test_locks_of_an_earlier_version_are_removed_once_nobody_holds_them(tmp_path: Path):
    names = ("registry.lock", "import.lock", "backup.lock", "registrar.lock")
    for name in names:
        (tmp_path / name).touch(0o660)
    os.mkfifo(tmp_path / "other")
    assert earlier_registrar(tmp_path) is None
    with hold_lock(tmp_path / "registrar.lock"):
        assert earlier_registrar(tmp_path) == holder_of(tmp_path / "registrar.lock") is not None
    with hold_lock(tmp_path / "import.lock"):
        remove_earlier_locks(tmp_path)
        assert sorted(file.name for file in tmp_path.iterdir()) == ["import.lock", "other"]
    remove_earlier_locks(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["other"]
