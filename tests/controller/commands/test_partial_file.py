"""Files put in place when they are complete, and what killed programs leave of theirs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from controller.commands.partial_file import move_into_place, partial_file, write


def killed() -> int:
    """Return the number of a process that has ended."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


def test_file_is_there_when_it_is_complete_and_nothing_beside_it(tmp_path: Path) -> None:
    target = tmp_path / "log.csv"
    with partial_file(target) as part:
        write(part, [b"one ", b"two"])
        assert not target.exists()
        move_into_place(part, target)
    assert [file.name for file in tmp_path.iterdir()] == ["log.csv"]
    assert target.read_bytes() == b"one two"


@pytest.mark.process
@pytest.mark.parametrize("name", ["log.csv", "lo[g].csv", "*.csv"])
def test_what_a_killed_program_left_goes_with_the_next(tmp_path: Path, name: str) -> None:
    target = tmp_path / name
    kept = {
        ".log.csv.part",
        f".{name}.{os.getppid()}.part",
        f".other.csv.{killed()}.part",
        f".{name}.old.part",
    }
    for left in (*kept, f".{name}.{killed()}.part", f".{name}.{10**30}.part"):
        (tmp_path / left).write_text("山田 花子")
    with partial_file(target) as part:
        write(part, [b"new"])
        move_into_place(part, target)
    assert {file.name for file in tmp_path.iterdir()} == kept | {name}
