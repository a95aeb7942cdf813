import sqlite3
import time

import pytest

from controller.sqlite.limits import LONGEST, Deadline, concerns_a_value, limit

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"


@pytest.fixture
def db():
    db = sqlite3.connect(":memory:", isolation_level=None)
    yield db
    db.close()


def test_endless_statement_is_interrupted_and_the_next_one_has_its_own_time(db: sqlite3.Connection) -> None:
    deadline = limit(db)
    for _ in range(2):
        deadline.begin()
        began = time.thread_time()
        with pytest.raises(sqlite3.OperationalError, match="interrupted"):
            db.execute(ENDLESS).fetchone()
        assert time.thread_time() - began < 0.3
    deadline.begin()
    assert db.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize(("wall_s", "computing_s"), [(1.1, 0.0), (0.0, 0.21)])
def test_statement_ends_after_a_second_or_a_fifth_of_a_second_of_computing(
    db: sqlite3.Connection, wall_s: float, computing_s: float
) -> None:
    times = {"wall": 0.0, "computing": 0.0}
    deadline = Deadline(db, lambda: times["wall"], lambda: times["computing"])
    deadline.begin()
    times |= {"wall": wall_s, "computing": computing_s}
    with pytest.raises(sqlite3.OperationalError, match="interrupted"):
        db.execute(ENDLESS).fetchone()


def test_value_beyond_the_limit_is_an_error_and_not_memory(db: sqlite3.Connection) -> None:
    db.execute("CREATE TABLE t (x)")
    db.execute("INSERT INTO t VALUES (zeroblob(?))", (LONGEST + 1,))
    limit(db).begin()
    with pytest.raises(sqlite3.DataError, match="too big") as raised:
        db.execute("SELECT x FROM t").fetchone()
    assert concerns_a_value(raised.value)


@pytest.mark.parametrize(
    ("statement", "is_a_value"),
    [("SELECT CAST(x'ff' AS TEXT)", True), (ENDLESS, False), ("SELECT x FROM missing", False)],
)
def test_text_that_is_not_utf8_concerns_one_value(
    db: sqlite3.Connection, statement: str, is_a_value: bool
) -> None:
    limit(db)
    with pytest.raises(sqlite3.Error) as raised:
        db.execute(statement).fetchone()
    assert concerns_a_value(raised.value) is is_a_value


def test_limited_connection_writes_nothing(db: sqlite3.Connection) -> None:
    db.execute("CREATE TABLE t (x)")
    limit(db)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        db.execute("INSERT INTO t VALUES (1)")
