"""The records that an export contains.

Counts and reads them in short steps, each in a snapshot of its own, so that no step blocks reuse of the WAL.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from controller.journal.log_filter import LogFilter
from controller.journal.query import JournalReader
from controller.journal.walk import walk

_STEP = 1000
_COUNT_STEP = 100_000
_COUNT = "SELECT count(*) FROM events WHERE seq BETWEEN ? AND ?"
RUN = " FROM events AS e WHERE e.seq BETWEEN ? AND ? ORDER BY e.seq LIMIT ?"
CHOSEN = " FROM json_each(?) AS wanted CROSS JOIN events AS e ON e.seq = wanted.value"


class Statements(NamedTuple):
    """Two ways to read the same columns, of which `e.seq` is the first; they end in RUN and CHOSEN."""

    run: str
    chosen: str


@dataclass(frozen=True)
class Selection:
    """The records up to number `newest` that the filter admits."""

    reader: JournalReader
    filter: LogFilter
    newest: int

    def count(self) -> int:
        after, found = 0, 0
        while after < self.newest:
            upto = min(after + _COUNT_STEP, self.newest)
            with self.reader.snapshot() as connection:
                if self.filter == LogFilter():
                    found += connection.execute(_COUNT, (after + 1, upto)).fetchone()[0]
                else:
                    numbers = walk(connection, self.filter, first=after + 1, last=upto, newest_first=False)
                    found += sum(1 for _ in numbers)
            after = upto
        return found

    def batches(self, statements: Statements) -> Iterator[list[Any]]:
        """Yield rows, oldest first."""
        first = 1
        while rows := self._rows_from(first, statements):
            yield rows
            first = rows[-1][0] + 1

    def _rows_from(self, first: int, statements: Statements) -> list[Any]:
        with self.reader.snapshot() as connection:
            if self.filter == LogFilter():
                return connection.execute(statements.run, (first, self.newest, _STEP)).fetchall()
            numbers = walk(connection, self.filter, first, last=self.newest, newest_first=False)
            return connection.execute(statements.chosen, (json.dumps([*islice(numbers, _STEP)]),)).fetchall()
