from pathlib import Path

import pytest

from controller.durable import replace_file


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
