import os
from pathlib import Path

import pytest

from controller.sqlite.regular_file import MOST_BYTES, why_unfit


def test_database_and_its_parts_are_fit(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    file.write_bytes(b"x" * 2_000_000)
    (tmp_path / "a.db-wal").touch()
    assert why_unfit(file) is None


def test_missing_file_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        why_unfit(tmp_path / "a.db")


@pytest.mark.parametrize("end", ["", "-wal", "-shm", "-journal"])
@pytest.mark.parametrize(
    "make",
    [
        lambda file: os.mkfifo(file),
        lambda file: file.symlink_to("/dev/zero"),
        lambda file: file.symlink_to(file.with_name("real")),
        lambda file: file.mkdir(),
    ],
)
def test_pipe_link_or_folder_is_unfit(tmp_path: Path, end: str, make) -> None:
    (tmp_path / "real").touch()
    if end:
        (tmp_path / "a.db").touch()
    make(tmp_path / f"a.db{end}")
    assert "is not a regular file" in (why_unfit(tmp_path / "a.db") or "")


@pytest.mark.parametrize("size", [MOST_BYTES + 1, 10_000_000])
def test_huge_file_and_file_of_holes_are_unfit(tmp_path: Path, size: int) -> None:
    with (tmp_path / "a.db").open("wb") as file:
        file.truncate(size)
    assert why_unfit(tmp_path / "a.db") is not None
