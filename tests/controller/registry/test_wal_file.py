import sqlite3
from pathlib import Path

import pytest

from controller.errors import CorruptDatabase, InstallerError
from controller.registry.wal_file import WalFile, translate_sqlite_errors


def test_file_that_was_never_opened_is_closed_without_its_lock(tmp_path: Path) -> None:
    WalFile(tmp_path / "a.db").close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("error", "becomes"),
    [
        (sqlite3.OperationalError("disk I/O error"), InstallerError),
        (OSError(28, "No space left on device", "/data/a.db"), InstallerError),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid"), CorruptDatabase),
    ],
)
def test_error_is_one_sentence_that_names_the_file(
    tmp_path: Path, error: Exception, becomes: type[Exception]
) -> None:
    with pytest.raises(becomes, match=r"a\.db"), translate_sqlite_errors(tmp_path / "a.db"):
        raise error
