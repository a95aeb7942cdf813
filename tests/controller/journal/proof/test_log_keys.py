import os
import stat
from pathlib import Path

import pytest

from controller.errors import CannotSeal
from controller.journal.proof.log_keys import SEED_BYTES, KeyFile, KeyGone, LogKeyFiles
from controller.journal.proof.note import VerifierKey, public_of

ORIGIN = "genkan/" + "0a" * 16


def file_of(number: int, key: VerifierKey) -> KeyFile:
    return KeyFile(number, key.id.hex())


def test_key_that_was_created_is_there_and_nobody_elses(tmp_path: Path) -> None:
    files = LogKeyFiles(tmp_path)
    key = files.create(ORIGIN, 3)
    assert files.present() == [file_of(3, key)]
    file = tmp_path / f"log-3-{key.id.hex()}.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    seed = files.seed(3, key)
    assert seed == file.read_bytes() and len(seed) == SEED_BYTES and public_of(seed) == key.public
    assert files.create(ORIGIN, 4) != key


def test_other_files_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    for name in ("door.pem", "log-1-xx.key", "log-1-00000000.key.part", "log--00000000.key"):
        (tmp_path / name).write_bytes(b"")
    assert LogKeyFiles(tmp_path).present() == []


def test_destroyed_key_is_overwritten_before_it_goes(tmp_path: Path) -> None:
    files = LogKeyFiles(tmp_path)
    key = files.create(ORIGIN, 1)
    other_name = tmp_path / "seen-by-a-process-that-holds-it-open"
    os.link(tmp_path / file_of(1, key).name, other_name)
    files.destroy(file_of(1, key))
    assert other_name.read_bytes() == bytes(SEED_BYTES)
    assert files.present() == []
    files.destroy(file_of(1, key))  # gone already


def test_missing_cut_or_exchanged_key_is_gone(tmp_path: Path) -> None:
    files = LogKeyFiles(tmp_path)
    key = files.create(ORIGIN, 1)
    file = tmp_path / file_of(1, key).name
    for content in (b"", b"short", bytes(SEED_BYTES)):
        file.write_bytes(content)
        with pytest.raises(KeyGone):
            files.seed(1, key)
    file.unlink()
    with pytest.raises(KeyGone):
        files.seed(1, key)


def test_folder_that_is_not_there_is_no_lost_key(tmp_path: Path) -> None:
    """A card pulled out, a mount that is late: nothing of it may end in a new key."""
    files = LogKeyFiles(tmp_path / "away")
    key = VerifierKey(ORIGIN, bytes(32))
    for act in (
        files.present,
        lambda: files.create(ORIGIN, 1),
        lambda: files.seed(1, key),
        lambda: files.destroy(file_of(1, key)),
    ):
        with pytest.raises(CannotSeal, match="cannot be used"):
            act()
