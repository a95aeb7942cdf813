import sqlite3

import pytest

from controller.sqlite.fingerprint import fingerprint


def of(*statements: str, without: tuple[str, ...] = ()) -> str:
    db = sqlite3.connect(":memory:", isolation_level=None)
    try:
        for statement in statements:
            db.execute(statement)
        return fingerprint(db, without)
    finally:
        db.close()


TABLE = "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)"


def test_spaces_and_the_order_of_creation_do_not_count() -> None:
    assert of(TABLE, "CREATE TABLE u (x)") == of(
        "CREATE TABLE u (x)", "CREATE TABLE t (a  INTEGER\n PRIMARY KEY, b TEXT)"
    )


@pytest.mark.parametrize(
    "more",
    [
        "CREATE TABLE other (x)",
        "CREATE VIEW other AS SELECT 1",
        "CREATE INDEX other ON t (b)",
        "CREATE TRIGGER other AFTER INSERT ON t BEGIN SELECT 1; END",
        "ALTER TABLE t ADD COLUMN c TEXT",
        "ANALYZE",
    ],
)
def test_every_object_counts(more: str) -> None:
    assert of(TABLE, more) != of(TABLE)


def test_table_that_is_not_compared_may_be_there_but_no_view_of_its_name() -> None:
    assert of(TABLE, "CREATE TABLE own (x)", "CREATE INDEX i ON own (x)", without=("own",)) == of(TABLE)
    assert of(TABLE, "CREATE VIEW own AS SELECT 1", without=("own",)) != of(TABLE)


def test_thousands_of_tables_are_not_read() -> None:
    with pytest.raises(ValueError, match="more than 500"):
        of(*(f"CREATE TABLE t{number} (x)" for number in range(501)))
