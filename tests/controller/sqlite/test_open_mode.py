from pathlib import Path

from controller.sqlite.open_mode import open_mode

SHM = bytes(32 * 1024)


def files(folder: Path, **contents: bytes) -> Path:
    for end, content in contents.items():
        (folder / ("a.db" if end == "db" else f"a.db-{end}")).write_bytes(content)
    return folder / "a.db"


def test_file_without_a_wal_or_with_an_empty_one_is_immutable(tmp_path: Path) -> None:
    file = files(tmp_path, db=b"x")
    assert "immutable=1" in open_mode(file).parameters
    files(tmp_path, wal=b"")
    assert "immutable=1" in open_mode(file).parameters


def test_file_with_wal_and_shm_is_read_without_writing_either(tmp_path: Path) -> None:
    mode = open_mode(files(tmp_path, db=b"x", wal=b"", shm=SHM))
    assert mode.parameters == "mode=ro&readonly_shm=1" and not mode.needs_recovery


def test_wal_without_shm_needs_recovery_and_again_after_each_change(tmp_path: Path) -> None:
    file = files(tmp_path, db=b"x", wal=b"x")
    mode = open_mode(file)
    assert mode.needs_recovery and open_mode(file) == mode
    files(tmp_path, wal=b"xy")
    assert open_mode(file) != mode and open_mode(file).is_of_the_same_file(mode)


def test_mode_of_an_immutable_file_ends_with_its_next_write(tmp_path: Path) -> None:
    file = files(tmp_path, db=b"x")
    mode = open_mode(file)
    assert open_mode(file) == mode and not mode.has_changed_content(file)
    file.write_bytes(b"xy")
    assert open_mode(file) != mode and mode.has_changed_content(file)
    assert open_mode(file).is_of_the_same_file(mode)


def test_mode_of_a_live_file_ends_when_another_wal_takes_the_place(tmp_path: Path) -> None:
    file = files(tmp_path, db=b"x", wal=b"x", shm=SHM)
    mode = open_mode(file)
    file.write_bytes(b"a checkpoint")
    assert open_mode(file) == mode and not mode.has_changed_content(file)
    files(tmp_path, new=b"x")
    (tmp_path / "a.db-new").rename(tmp_path / "a.db-wal")
    assert open_mode(file) != mode


def test_shm_that_somebody_cuts_is_read_no_more(tmp_path: Path) -> None:
    """SQLite has mapped it: a read of a page that is gone would end the process."""
    file = files(tmp_path, db=b"x", wal=b"x", shm=SHM + SHM)
    mode = open_mode(file)
    files(tmp_path, shm=SHM)
    assert open_mode(file, mode).needs_recovery and open_mode(file) == mode
    files(tmp_path, shm=b"")
    assert open_mode(file, mode).needs_recovery and open_mode(file).needs_recovery
    files(tmp_path, shm=SHM + SHM + SHM)
    assert open_mode(file, mode) == mode
