"""Recomputes every record of the log: numbers, leaf hashes, salted details, and the times days go by.

It finds what was changed, taken out or hidden in the file; a log rewritten as a whole, hashes included, it
cannot tell from the first one.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from controller.errors import GenkanError
from controller.journal.canonical import canonical, details_hash, leaf_hash
from controller.journal.query import JournalReader
from controller.journal.tail import SPAN

_STEP = 1000
_SHOWN_GAPS = 5
_ROWS = "SELECT seq, body, leaf, salt, details, filed FROM events WHERE seq > ? ORDER BY seq LIMIT ?"
_POINTED_AT = (
    "SELECT max(seq) FROM (SELECT max(seq) AS seq FROM latest UNION ALL SELECT max(seq) FROM orders_done "
    "UNION ALL SELECT (max(id) + 1) * ? FROM spans)"
)
Row = tuple[int, str, bytes, bytes | None, str | None, int]


class Answer(Enum):
    """The value is the exit status; 2 is left to wrong usage."""

    OK = 0
    TAMPERED = 1
    INCOMPLETE = 3
    CANNOT_TELL = 4


@dataclass(frozen=True)
class Verdict:
    """`seq` is the first bad or missing number."""

    answer: Answer
    sentence: str
    seq: int | None = None

    @property
    def exit_code(self) -> int:
        return self.answer.value


def verify(file: Path) -> Verdict:
    try:
        with JournalReader(file) as reader:
            return _verdict(reader)
    except GenkanError as error:
        return Verdict(Answer.CANNOT_TELL, f"Cannot tell: {error}")


def _verdict(reader: JournalReader) -> Verdict:
    gaps: list[tuple[int, int]] = []
    last = erased = 0
    unfiled: int | None = None
    spans = _spans(reader)
    for row in _rows(reader):
        seq, body = row[0], row[1]
        if seq != last + 1:
            gaps.append((last + 1, seq - 1))
        fault = _fault(row)
        if fault is not None:
            return Verdict(Answer.TAMPERED, f"Tampered: record {seq} {fault}.", seq)
        fields = json.loads(body)
        erased += "details" in fields and row[4] is None
        summary = spans.get(seq // SPAN)
        if summary is not None and not summary[0] <= fields["utc"] <= summary[1]:
            return Verdict(Answer.TAMPERED, f"Tampered: record {seq} is hidden from its day.", seq)
        if row[5] and unfiled is not None:
            return Verdict(
                Answer.TAMPERED, f"Tampered: record {unfiled} is hidden from the filters.", unfiled
            )
        if not row[5] and unfiled is None:
            unfiled = seq  # in order at the very end of the log only
        last = seq
    if last == 0:
        return Verdict(Answer.CANNOT_TELL, "Cannot tell: the log holds no record.")
    with reader.snapshot() as connection:
        pointed_at = connection.execute(_POINTED_AT, (SPAN,)).fetchone()[0] or 0
        newest = connection.execute("SELECT max(seq) FROM events").fetchone()[0]
    if pointed_at > newest:
        gaps.append((newest + 1, pointed_at))
    if gaps:
        return Verdict(Answer.INCOMPLETE, f"Incomplete: missing {_named(gaps)}.", gaps[0][0])
    without = f"; the details of {erased} have been erased" if erased else ""
    return Verdict(Answer.OK, f"OK: {last} records, numbered without a gap, each as it was written{without}.")


def _rows(reader: JournalReader) -> Iterator[Row]:
    after = 0
    while True:
        with reader.snapshot() as connection:
            rows: list[Row] = connection.execute(_ROWS, (after, _STEP)).fetchall()
        if not rows:
            return
        yield from rows
        after = rows[-1][0]


def _spans(reader: JournalReader) -> dict[int, tuple[str, str]]:
    with reader.snapshot() as connection:
        return {id: (low, high) for id, low, high in connection.execute("SELECT id, low, high FROM spans")}


def _fault(row: Row) -> str | None:
    seq, body, leaf, salt, details, _filed = row
    if leaf_hash(body.encode()) != leaf:
        return "does not match its hash"
    try:
        fields = json.loads(body)
        if canonical(fields) != body:
            return "is not in canonical form"
    except ValueError:
        return "is not in canonical form"
    if fields.get("seq") != seq:
        return "carries another number"
    if details is not None:
        if "details" not in fields:
            return "has details it was written without"
        if salt is None or details_hash(salt, details.encode()) != fields["details"]:
            return "has details that do not match their hash"
    return None


def _named(gaps: list[tuple[int, int]]) -> str:
    shown = [f"{first}" if first == last else f"{first}–{last}" for first, last in gaps[:_SHOWN_GAPS]]
    more = len(gaps) - len(shown)
    return ", ".join(shown) + (f" and {more} more gaps" if more > 0 else "")
