"""The whole log as CSV, read in short steps, so that no step blocks reuse of the writer's WAL.

SQLite splits each record into four pieces; for the two that repeat, Python reuses finished cells.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from zoneinfo import ZoneInfo

from controller.journal.export.csv_cells import CodeCells, LocalHours, NameCells, text_cell
from controller.journal.log_filter import LogFilter
from controller.journal.query import JournalReader
from controller.journal.walk import walk

# fmt: off
COLUMNS = (
    "seq", "time", "person", "badge",
    "door", "access_point", "direction", "type", "result", "reason",
    "count", "actor", "assurance",
)
# fmt: on
_CODES = COLUMNS[4:10]
_BOM = "\ufeff"
_STEP = 1000
_COUNT_STEP = 100_000

_PIECES = (
    "SELECT e.seq, json_extract(e.body, '$.utc'), json_extract(e.body, '$.door', '$.access_point', "
    "'$.direction', '$.type', '$.result', '$.reason', '$.count', '$.actor', '$.assurance'), "
    "json_extract(e.details, '$.name', '$.last_four', '$.operator') "
)
_RUN = _PIECES + ("FROM events AS e WHERE e.seq BETWEEN ? AND ? ORDER BY e.seq LIMIT ?")
_CHOSEN = _PIECES + ("FROM json_each(?) AS wanted CROSS JOIN events AS e ON e.seq = wanted.value")
Pieces = list[tuple[int, str, str, str | None]]


def csv_rows(
    reader: JournalReader,
    filter: LogFilter,
    newest: int,
    headers: Sequence[str],
    words: Mapping[str, str],
    time_zone: ZoneInfo,
) -> Iterator[bytes]:
    """Yield UTF-8 with BOM and CRLF, oldest first, up to number `newest`.

    `headers` are the titles of COLUMNS; `words` maps `code` or `column:code` (`door:entrance`) to text. A
    code without words appears as it is.
    """
    if len(headers) != len(COLUMNS):
        raise ValueError(f"the export has {len(COLUMNS)} columns: {', '.join(COLUMNS)}")
    yield (_BOM + ",".join(map(text_cell, headers)) + "\r\n").encode()
    code_cells, name_cells, hours = CodeCells(_CODES, words), NameCells(), LocalHours(time_zone)
    after = 0
    while pieces := _step(reader, filter, after + 1, newest):
        after = pieces[-1][0]
        rows = []
        for seq, utc, codes_key, names_key in pieces:
            hour = hours[utc[:13]]
            time = f"{hour[0]}{utc[14:19]}{hour[1]}" if hour else hours.cell(utc)
            person, operator = name_cells[names_key]
            codes, actor, assurance = code_cells[codes_key]
            rows.append(f"{seq},{time},{person},{codes},{operator or actor},{assurance}\r\n")
        yield "".join(rows).encode()


def count(reader: JournalReader, filter: LogFilter, newest: int) -> int:
    """Count the rows of the export up to number `newest`, in short steps like the export itself."""
    after, found = 0, 0
    while after < newest:
        upto = min(after + _COUNT_STEP, newest)
        with reader.snapshot() as connection:
            if filter == LogFilter():
                sql = "SELECT count(*) FROM events WHERE seq BETWEEN ? AND ?"
                found += connection.execute(sql, (after + 1, upto)).fetchone()[0]
            else:
                found += sum(
                    1 for _ in walk(connection, filter, first=after + 1, last=upto, newest_first=False)
                )
        after = upto
    return found


def _step(reader: JournalReader, filter: LogFilter, first: int, last: int) -> Pieces:
    with reader.snapshot() as connection:
        if filter == LogFilter():
            return connection.execute(_RUN, (first, last, _STEP)).fetchall()
        seqs = list(islice(walk(connection, filter, first, last, newest_first=False), _STEP))
        return connection.execute(_CHOSEN, (json.dumps(seqs),)).fetchall()
