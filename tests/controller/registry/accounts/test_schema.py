import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from controller.errors import CorruptDatabase, NewerDatabase
from controller.registry.accounts.schema import ACCOUNTS_SCHEMA, create_tables, refuse_other


def test_tables_are_strict_and_creating_them_again_keeps_their_rows(tmp_path: Path) -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        create_tables(db)
        db.execute("INSERT INTO passwords VALUES ('a', 'hash')")
        create_tables(db)
        assert db.execute("SELECT * FROM passwords").fetchall() == [("a", "hash")]
        found = db.execute("SELECT sql FROM sqlite_schema WHERE type = 'table'").fetchall()
        assert len(found) == 6 and all(sql.endswith("STRICT") for (sql,) in found)
        refuse_other(db, tmp_path)


@pytest.mark.parametrize(("version", "error"), [(0, CorruptDatabase), (ACCOUNTS_SCHEMA + 1, NewerDatabase)])
def test_other_file_is_one_sentence(tmp_path: Path, version: int, error: type[Exception]) -> None:
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute(f"PRAGMA user_version = {version}")
        with pytest.raises(error, match=str(tmp_path)):
            refuse_other(db, tmp_path)
