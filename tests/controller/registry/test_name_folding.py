import contextlib
import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import Database

from controller.registry import people
from controller.registry.database import Registry
from controller.registry.migrations import steps
from controller.registry.name_folding import folded


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("サトウ", "さとう"),
        ("ｻﾄｳ", "さとう"),
        ("か゛", "が"),
        ("ﾀﾞ", "だ"),
        ("ヴ", "ゔ"),
        ("佐藤　花子", "佐藤花子"),
        ("ＳＡＴＯ\tHanako", "satohanako"),
        ("ジョン・スミス", "じょんすみす"),
        ("ｼﾞｮﾝ･ｽﾐｽ", "じょんすみす"),
        ("さと\u200bう", "さとう"),
        ("ラー", "らー"),
        ("Straße", "strasse"),
        ("・", "・"),
        ("", ""),
    ],
)
def test_texts_that_read_alike_fold_alike(text: str, same: str):
    assert folded(text) == same
    assert folded(same) == same


def test_people_of_an_older_registry_are_found_after_the_upgrade(tmp_path: Path):
    with contextlib.closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        steps.apply(Database(db, execute_plugins=False), stop_before=["7_folded_names"])
        db.execute("PRAGMA user_version = 6")
        db.execute(
            "INSERT INTO cardholders (id, name, kana, sort_key, search_text, status)"
            " VALUES ('a', '佐藤 花子', 'サトウ', 'サトウ', '佐藤 花子\nサトウ', 'active')"
        )
    registry = Registry.open(tmp_path / "a.db")
    with registry.read() as db:
        for text in ("佐藤花子", "さとう"):
            assert [row.id for row in people.people_page(db, text, None, 9)] == ["a"]
    registry.close()
