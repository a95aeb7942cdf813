import os
from pathlib import Path

import pytest

from controller.durable import replace_file, volatile_file_system


def test_file_is_replaced_with_its_mode_and_what_a_kill_left_is_gone(tmp_path: Path):
    file = tmp_path / "key"
    (tmp_path / "key.part").write_bytes(b"half")
    replace_file(file, b"one", 0o600)
    replace_file(file, b"two", 0o640)
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"two", 0o640)
    assert [entry.name for entry in tmp_path.iterdir()] == ["key"]


def test_old_content_is_where_the_new_cannot_be_written(tmp_path: Path):
    file = tmp_path / "key"
    replace_file(file, b"one", 0o600)
    (tmp_path / "key.part").mkdir()
    with pytest.raises(OSError):
        replace_file(file, b"two", 0o600)
    assert file.read_bytes() == b"one"


def test_what_cannot_be_put_leaves_nothing_of_it_behind(tmp_path: Path):
    """Otherwise a station begun on a full disk leaves a folder that looks like another station."""
    (tmp_path / "file").mkdir()
    with pytest.raises(OSError, match="directory"):
        replace_file(tmp_path / "file", b"secret", 0o600)
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("kind", ["tmpfs", "overlay", "ext4"])
def test_file_system_that_forgets_is_named(tmp_path: Path, kind: str):
    device = tmp_path.stat().st_dev
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "21 20 0:4 / /proc rw - proc proc rw\n"
        f"36 35 {os.major(device)}:{os.minor(device)} / /data rw,noatime master:1 - {kind} none rw\n"
    )
    assert volatile_file_system(tmp_path, mounts) == (None if kind == "ext4" else kind)


def test_file_system_in_memory_is_found_among_the_mounts():
    memory = Path("/dev/shm")
    if not memory.is_mount():
        pytest.skip("/dev/shm is not mounted here")
    assert volatile_file_system(memory) == "tmpfs"
    assert volatile_file_system(memory / "missing") is None
