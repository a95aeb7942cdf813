import sqlite3

import pytest

from controller.model.access import Hours, SpecialDay, TimeWindow
from controller.model.rule_book import RuleBook
from controller.registry import definitions, rule_books, schedules
from controller.registry.database import Registry
from tests.sample_site import ADMIN, NOW

COUNT = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {most})"
BOOK = "INSERT INTO rule_books (body, utc, operator_id, operator_name, note) VALUES (?, '', '', '', '')"


@pytest.fixture
def db(registry: Registry):
    with registry.write() as db:
        yield db


def test_schedules_are_those_that_services_save(db: sqlite3.Connection) -> None:
    special = (SpecialDay("closed"), SpecialDay("short", (Hours(540, 720), Hours(780, 840))))
    schedules.save_schedule(db, "day", "Day", [TimeWindow(0, 540, 1080), TimeWindow(1, 0, 1440)], special)
    found = definitions.schedules(db)
    assert list(found.values()) == schedules.all_schedules(db)
    assert definitions.special_days(db, ["day", "always"]) == {"day": special}


@pytest.mark.parametrize(
    ("statement", "read"),
    [
        (
            f"INSERT INTO schedules {COUNT.format(most=definitions.MOST_SCHEDULES)} SELECT i, i, 0 FROM n",
            definitions.schedules,
        ),
        (
            f"INSERT INTO schedule_windows {COUNT.format(most=definitions.MOST_WINDOWS)}"
            " SELECT 'always', i % 7, (i / 7) % 1440, i / 10080 FROM n",
            definitions.schedules,
        ),
        (
            f"INSERT INTO special_windows {COUNT.format(most=definitions.MOST_WINDOWS)}"
            " SELECT 'always', 'day' || i, 1, 2 FROM n",
            definitions.schedules,
        ),
        (
            f"INSERT INTO special_windows {COUNT.format(most=definitions.MOST_WINDOWS_OF_ONE)}"
            " SELECT 'always', 'day' || i, 1, 2 FROM n",
            lambda db: definitions.special_days(db, ["always"]),
        ),
        (
            f"INSERT INTO lockdowns {COUNT.format(most=definitions.MOST_LOCKDOWNS)}"
            " SELECT i, '2026-11-24T06:00:00Z', '', '', '' FROM n",
            definitions.lockdowns_since,
        ),
        (
            f"INSERT INTO holiday_dates {COUNT.format(most=definitions.MOST_DAYS)}"
            " SELECT date('2000-01-01', '+' || i || ' days'), 'x' FROM n",
            definitions.day_types,
        ),
    ],
)
def test_more_rows_than_any_genkan_writes_are_refused(db: sqlite3.Connection, statement: str, read) -> None:
    db.execute(statement)
    with pytest.raises(ValueError, match="more than"):
        read(db)


@pytest.mark.parametrize(
    ("statement", "read"),
    [
        (f"UPDATE schedules SET name = '{'x' * 201}'", definitions.schedules),
        ("INSERT INTO lockdowns VALUES ('floor', 'noon', '', '', '')", definitions.lockdowns_since),
        ("INSERT INTO lockdowns VALUES ('floor', '2026-11-24', '', '', '')", definitions.lockdowns_since),
        ("INSERT INTO holiday_dates VALUES ('never', 'x')", definitions.day_types),
    ],
)
def test_value_that_no_genkan_writes_is_refused(db: sqlite3.Connection, statement: str, read) -> None:
    db.execute(statement)
    with pytest.raises(ValueError):
        read(db)


def test_rule_book_is_the_newest(db: sqlite3.Connection) -> None:
    assert definitions.rule_book(db) == RuleBook()
    rule_books.publish(db, RuleBook(), ADMIN, NOW.utc, "first")
    rule_books.publish(db, RuleBook(), ADMIN, NOW.utc, "second")
    assert definitions.rule_book(db) == RuleBook(version=2)


@pytest.mark.parametrize(
    "body",
    [
        "[" * 200_000,
        '{"a":' * 41,
        "x" * 1_100_000,
        "not JSON",
        "[]",
        "null",
        '{"areas": 7}',
        '{"areas": {"a": []}}',
    ],
)
def test_rule_book_that_no_genkan_writes_is_refused(db: sqlite3.Connection, body: str) -> None:
    db.execute(BOOK, (body,))
    with pytest.raises(ValueError):
        definitions.rule_book(db)
