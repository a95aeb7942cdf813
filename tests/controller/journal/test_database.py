"""The writer's connection: who may read the new file, and when a commit is durable."""

import stat
from pathlib import Path

from controller.journal.database import open_for_writing
from controller.journal.schema import VERSION
from tests.controller.journal.samples import grant, journal_in


def test_new_file_can_be_read_by_the_group_and_nobody_else(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        journal.append([grant()])
        for name in ("journal.db", "journal.db-wal", "journal.db-shm"):
            assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o640, name


def test_connection_syncs_every_commit_and_never_checkpoints_in_one(tmp_path: Path) -> None:
    connection = open_for_writing(tmp_path / "journal.db")
    pragmas = ("journal_mode", "synchronous", "wal_autocheckpoint", "journal_size_limit", "secure_delete")
    found = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in (*pragmas, "user_version")]
    connection.close()
    assert found == ["wal", 2, 0, 4 * 1024 * 1024, 1, VERSION]
