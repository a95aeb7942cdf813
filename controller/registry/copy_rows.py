"""Copies the rows that a door decides from, out of a registry that another program may have written.

The tables of the copy are those that the schema check has found to be ours, created by the same statements:
no view, trigger or index, and no other table. So their types, checks and NOT NULL hold for every row. A row
about one person or badge that breaks them, or that cannot be read, is left out: the door does not know that
badge. In a definition it ends the copying.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from controller.sqlite.limits import concerns_a_value

ROWS = 2000  # of one statement
_STEP_ROWS = 4 * ROWS  # of one commit: usually less than a mebibyte
_LONGEST = 4096  # characters or bytes of a value; a rule book may be longer
_MOST_LEFT_OUT = 1000  # of these rows; with more of them the whole file is in doubt
_ACTIONS_AT_ONCE = 10_000  # one statement passes over so many
Row = tuple[Any, ...]


@dataclass(frozen=True)
class _Table:
    name: str
    key: str
    is_of_one: bool = False  # each row is about one person or badge


_TABLES = (
    _Table("meta", "only"),
    _Table("imports", "id"),
    _Table("schedules", "id"),
    _Table("schedule_windows", "schedule_id, weekday, start, end"),
    _Table("special_windows", "schedule_id, day_type, start, end"),
    _Table("access_levels", "id"),
    _Table("access_rules", "level_id, access_point, schedule_id"),
    _Table("holiday_dates", "date"),
    _Table("lockdowns", "area"),
    _Table("cardholders", "id", is_of_one=True),
    _Table("cardholder_levels", "cardholder_id, level_id", is_of_one=True),
    _Table("cardholder_qualifications", "cardholder_id, qualification", is_of_one=True),
    _Table("pins", "cardholder_id", is_of_one=True),
    _Table("credentials", "card_hash", is_of_one=True),
    _Table("card_keys", "card_hash", is_of_one=True),
)
_BOOKS, _ACTIONS = _Table("rule_books", "version"), _Table("operator_actions", "id")
_CREATED_BY = "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?"
_FIRST_PAGE = "SELECT {columns} FROM {table} ORDER BY {key} LIMIT ?"
_NEXT_PAGE = "SELECT {columns} FROM {table} WHERE ({key}) > ({after}) ORDER BY {key} LIMIT ?"
_INSERT = "INSERT INTO {table} VALUES ({values})"
_NEWEST_BOOK = "SELECT * FROM rule_books ORDER BY version DESC LIMIT 1"
# Of the actions a door asks which is the newest, and for those about lockdowns. It needs no text of them.
_NEWEST_ACTION = "SELECT max(id) FROM operator_actions"
_PLACE_AFTER = "SELECT id FROM operator_actions WHERE id > ? ORDER BY id LIMIT 1 OFFSET ?"
_SOME_ACTIONS = """
    SELECT id, utc, action, object_id FROM operator_actions
    WHERE id > ? AND id <= ? AND (action IN ('lockdown_begun', 'lockdown_ended') OR id = ?) ORDER BY id"""
_INSERT_ACTION = """
    INSERT INTO operator_actions (id, utc, action, object_id, operator_name, role)
    VALUES (?, ?, ?, ?, '', '')"""


def copy_rows(
    source: sqlite3.Connection,
    target: sqlite3.Connection,
    begin_statement: Callable[[], object],
    step: Callable[[], object],
) -> None:
    """`source` is in a read transaction, `target` is empty. Call `begin_statement` before each statement of
    the source, and `step` each time some rows are committed.

    Raises sqlite3.Error, and ValueError for a definition that breaks the rules of its table.
    """
    copying = _Copying(source, target, begin_statement, step)
    target.execute("BEGIN")
    for table in _TABLES:
        if copying.create(table):
            copying.copy(table)
    if copying.create(_BOOKS):
        copying.add(_BOOKS, copying.query(_NEWEST_BOOK))
    if copying.create(_ACTIONS):
        copying.copy_actions()
    copying.commit()


class _Copying:
    def __init__(
        self,
        source: sqlite3.Connection,
        target: sqlite3.Connection,
        begin_statement: Callable[[], object],
        step: Callable[[], object],
    ) -> None:
        self._source, self._target = source, target
        self._begin_statement, self._step = begin_statement, step
        self._uncommitted = self._left_out = 0

    def query(self, question: str, values: Row = ()) -> list[Row]:
        self._begin_statement()
        return self._source.execute(question, values).fetchall()

    def create(self, table: _Table) -> bool:
        """False for a table that the source, of an earlier schema, does not have."""
        found = self.query(_CREATED_BY, (table.name,))
        if found:
            self._target.execute(found[0][0])
        return bool(found)

    def copy(self, table: _Table) -> None:
        last: Row | None = ()
        while last is not None:
            try:
                rows, last = self._page(table, last, ROWS)
            except sqlite3.Error as error:
                if not (table.is_of_one and concerns_a_value(error)):
                    raise
                rows, last = self._one_by_one(table, last or ())
            self.add(table, rows)

    def _page(self, table: _Table, after: Row, most: int, columns: str = "*") -> tuple[list[Row], Row | None]:
        """Rows of the next page, and the key of its last one; no key at the end of the table."""
        template = _NEXT_PAGE if after else _FIRST_PAGE
        places = ", ".join("?" * len(after))
        question = template.format(columns=columns, table=table.name, key=table.key, after=places)
        self._begin_statement()
        cursor = self._source.execute(question, (*after, most))
        names = [column[0] for column in cursor.description]
        rows, row = [], None
        for row in cursor:
            if _fits(row):
                rows.append(row)
            elif table.is_of_one:
                self._leave_out()
            else:
                raise ValueError(f"{table.name}: a value is longer than {_LONGEST}")
        return rows, None if row is None else tuple(row[names.index(name)] for name in table.key.split(", "))

    def _one_by_one(self, table: _Table, after: Row) -> tuple[list[Row], Row | None]:
        """As `_page`, without the rows that cannot be read."""
        found: list[Row] = []
        keys, last = self._page(table, after, ROWS, columns=table.key)
        for key in keys:
            try:
                found += self._page(table, after, 1)[0]
            except sqlite3.Error as error:
                if not concerns_a_value(error):
                    raise
                self._leave_out()
            after = key
        return found, last

    def add(self, table: _Table, rows: list[Row]) -> None:
        if not rows:
            return
        insert = _INSERT.format(table=table.name, values=", ".join("?" * len(rows[0])))
        self._target.execute("SAVEPOINT page")
        try:
            self._target.executemany(insert, rows)
        except sqlite3.IntegrityError as error:
            if not table.is_of_one:
                raise ValueError(f"{table.name}: {error}") from error
            self._target.execute("ROLLBACK TO page")
            self._add_one_by_one(insert, rows)
        self._target.execute("RELEASE page")
        self._count(len(rows))

    def _add_one_by_one(self, insert: str, rows: list[Row]) -> None:
        for row in rows:
            try:
                self._target.execute(insert, row)
            except sqlite3.IntegrityError:
                self._leave_out()

    def copy_actions(self) -> None:
        (newest,) = self.query(_NEWEST_ACTION)[0]
        after = -1
        while newest is not None and after < newest:
            place = self.query(_PLACE_AFTER, (after, _ACTIONS_AT_ONCE - 1))
            until = place[0][0] if place else newest
            self._begin_statement()
            rows = self._source.execute(_SOME_ACTIONS, (after, until, newest))
            try:
                self._target.executemany(_INSERT_ACTION, (row for row in rows if _fits(row)))
            except sqlite3.IntegrityError as error:
                raise ValueError(f"operator_actions: {error}") from error
            self._count(ROWS if place else 1)
            after = until

    def _leave_out(self) -> None:
        self._left_out += 1
        if self._left_out > _MOST_LEFT_OUT:
            raise ValueError(f"more than {_MOST_LEFT_OUT} rows cannot be read")

    def _count(self, rows: int) -> None:
        self._uncommitted += rows
        if self._uncommitted >= _STEP_ROWS:
            self.commit()
            self._target.execute("BEGIN")

    def commit(self) -> None:
        self._uncommitted = 0
        self._target.execute("COMMIT")
        self._step()


def _fits(row: Row) -> bool:
    return all(not isinstance(value, str | bytes) or len(value) <= _LONGEST for value in row)
