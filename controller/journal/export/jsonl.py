"""The log as JSON Lines, each record exactly as it was hashed: a verifier can recompute this export.

Reads in short steps like the CSV export. Hashes the file and collects its record numbers for the proof.
"""

import hashlib
from array import array
from collections.abc import Iterator, Sequence
from json.encoder import encode_basestring  # escapes exactly as RFC 8785 requires

from controller.journal.export.selection import CHOSEN, RUN, Selection, Statements

_COLUMNS = "SELECT e.seq, e.body, e.details, e.salt"
_STATEMENTS = Statements(_COLUMNS + RUN, _COLUMNS + CHOSEN)
Row = tuple[int, str, str | None, bytes | None]


class NumberRuns:
    """The record numbers in a file, stored as runs of 16 bytes each; `rows` counts the numbers."""

    def __init__(self) -> None:
        self.rows = 0
        self._ends = array("Q")  # first, last, first, last …

    def extend(self, seqs: Sequence[int]) -> None:
        """Add numbers in rising order, all above those added before."""
        ends = self._ends
        self.rows += len(seqs)
        if seqs and seqs[-1] - seqs[0] + 1 == len(seqs):
            self._add(seqs[0], seqs[-1])
            return
        for seq in seqs:
            if ends and ends[-1] == seq - 1:
                ends[-1] = seq
            else:
                ends.extend((seq, seq))

    def runs(self) -> Iterator[tuple[int, int]]:
        """Yield the first and last number of each run, both inclusive; runs rise and don't touch."""
        ends = iter(self._ends)
        return zip(ends, ends, strict=True)

    def gaps(self, size: int) -> Iterator[tuple[int, int]]:
        """Yield the runs of absent numbers, from 1 to `size`."""
        free = 1
        for first, last in self.runs():
            if free < first:
                yield free, first - 1
            free = last + 1
        if free <= size:
            yield free, size

    def _add(self, first: int, last: int) -> None:
        if self._ends and self._ends[-1] == first - 1:
            self._ends[-1] = last
        else:
            self._ends.extend((first, last))


class JsonLines:
    """Iterate once; `included`, `bytes`, `erased` and `sha256` are complete after the last piece.

    `erased` counts the records whose details have been erased.
    """

    withheld = False  # True: the export leaves details out on purpose

    def __init__(self, selection: Selection) -> None:
        """The selection ends at the size of the checkpoint that will prove the file."""
        self._selection = selection
        self._hash = hashlib.sha256()
        self.bytes = self.erased = 0
        self.included = NumberRuns()

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def __iter__(self) -> Iterator[bytes]:
        for rows in self._batches():
            piece = "".join(map(_line, rows)).encode()
            self.included.extend([row[0] for row in rows])
            self._hash.update(piece)
            self.bytes += len(piece)
            self.erased += sum(details is None and '"details":"' in body for _, body, details, _ in rows)
            yield piece

    def _batches(self) -> Iterator[list[Row]]:
        return self._selection.batches(_STATEMENTS)


def _line(row: Row) -> str:
    """Encode canonical JSON; body and details are strings, byte for byte as they were hashed."""
    _, body, details, salt = row
    if details is None or salt is None:
        return f'{{"body":{encode_basestring(body)},"details":null,"salt":null}}\n'
    return (
        f'{{"body":{encode_basestring(body)},"details":{encode_basestring(details)},"salt":"{salt.hex()}"}}\n'
    )
