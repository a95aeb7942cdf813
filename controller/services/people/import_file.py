"""A CSV of badges, read line by line and never parsed into memory as a whole.

UTF-8 (with or without BOM) or CP932, as spreadsheets in Japan write it; commas, tabs or semicolons between.
"""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from controller.errors import N_, BadInput
from controller.model.import_codes import ImportCode
from controller.services.people.import_titles import delimiter_of, fields_of

if TYPE_CHECKING:
    from _csv import Reader

MAX_ROWS = 100_000
MAX_BYTES = 20_000_000
_MAX_COLUMNS = 20
_BINARY = (b"PK\x03\x04", b"\x1f\x8b", b"\xd0\xcf\x11\xe0", b"%PDF")


@dataclass(frozen=True, slots=True)
class Row:
    """`line` is where the row starts, the header being line 1. Absent columns are ""."""

    line: int
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be parsed into cells."""

    line: int
    code: ImportCode


class ImportFile:
    """Checks size, encoding and columns of the whole file when created. Raises BadInput."""

    def __init__(self, content: bytes) -> None:
        if len(content) > MAX_BYTES:
            raise BadInput(
                "file", N_("The file is larger than {most} MB; split it."), most=MAX_BYTES // 1_000_000
            )
        if content.startswith(_BINARY) or b"\x00" in content:
            raise BadInput(
                "file", N_("This is not a CSV file; save the table as CSV (UTF-8) and choose that.")
            )
        self._content = content
        self._encoding = _encoding(content)
        first_line = content[:4000].decode(self._encoding, "replace").splitlines()[:1]
        self._delimiter = delimiter_of("".join(first_line))
        self._fields = self._header()

    def rows(self) -> Iterator[Row | BadRow]:
        """Yield the rows without blank lines. Stop after a broken quote: the rest cannot be parsed."""
        reader = self._reader()
        next(reader)
        for number in count(1):
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield BadRow(line, ImportCode.BROKEN_QUOTE)
                return
            if not any(cell.strip() for cell in cells):
                continue
            if number > MAX_ROWS + 1000:
                raise too_many_rows()
            if len(cells) > len(self._fields):
                yield BadRow(line, ImportCode.TOO_MANY_CELLS)
                continue
            yield Row(line, dict(zip(self._fields, cells, strict=False)))

    def _reader(self) -> "Reader":
        return csv.reader(
            io.TextIOWrapper(io.BytesIO(self._content), encoding=self._encoding, newline=""),
            delimiter=self._delimiter,
            strict=True,
        )

    def _header(self) -> list[str]:
        try:
            titles: list[str] = next(self._reader(), [])
        except csv.Error:
            raise BadInput("file", N_("The first line is not a CSV header; write name,idm there.")) from None
        if len(titles) > _MAX_COLUMNS:
            raise BadInput(
                "file",
                N_("The file has {count} columns; at most {most} are read."),
                count=len(titles),
                most=_MAX_COLUMNS,
            )
        return fields_of(titles)


def too_many_rows() -> BadInput:
    return BadInput("file", N_("The file has more than {most} rows; split it."), most=MAX_ROWS)


def _encoding(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp932"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            for start in range(0, len(content), 1 << 16):
                decoder.decode(content[start : start + (1 << 16)])
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise BadInput("file", N_("The file is neither UTF-8 nor CP932 (Shift_JIS); save it as CSV UTF-8."))
