"""The log as CSV.

SQLite splits each record into four pieces; for the two that repeat, Python reuses finished cells.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from controller.journal.export.csv_cells import CodeCells, LocalHours, NameCells, text_cell
from controller.journal.export.selection import CHOSEN, RUN, Selection, Statements

# fmt: off
COLUMNS = (
    "seq", "time", "person", "badge",
    "door", "access_point", "direction", "type", "result", "reason",
    "count", "actor", "assurance",
)
# fmt: on
_CODES = COLUMNS[4:10]
_BOM = "\ufeff"

_PIECES = (
    "SELECT e.seq, json_extract(e.body, '$.utc'), json_extract(e.body, '$.door', '$.access_point', "
    "'$.direction', '$.type', '$.result', '$.reason', '$.count', '$.actor', '$.assurance'), "
    "json_extract(e.details, '$.name', '$.last_four', '$.operator')"
)
_STATEMENTS = Statements(_PIECES + RUN, _PIECES + CHOSEN)


@dataclass(frozen=True)
class TableText:
    """`headers` are the titles of COLUMNS; `words` maps `code` or `column:code` (`door:entrance`) to text. A
    code without words appears as it is.
    """

    headers: Sequence[str]
    words: Mapping[str, str]
    time_zone: ZoneInfo


def csv_rows(selection: Selection, text: TableText) -> Iterator[bytes]:
    """Yield UTF-8 with BOM and CRLF, oldest first."""
    if len(text.headers) != len(COLUMNS):
        raise ValueError(f"the export has {len(COLUMNS)} columns: {', '.join(COLUMNS)}")
    yield (_BOM + ",".join(map(text_cell, text.headers)) + "\r\n").encode()
    code_cells, name_cells = CodeCells(_CODES, text.words), NameCells()
    hours = LocalHours(text.time_zone)
    for pieces in selection.batches(_STATEMENTS):
        rows = []
        for seq, utc, codes_key, names_key in pieces:
            hour = hours[utc[:13]]
            time = f"{hour[0]}{utc[14:19]}{hour[1]}" if hour else hours.cell(utc)
            person, operator = name_cells[names_key]
            codes, actor, assurance = code_cells[codes_key]
            rows.append(f"{seq},{time},{person},{codes},{operator or actor},{assurance}\r\n")
        yield "".join(rows).encode()
