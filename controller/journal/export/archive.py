"""The archive of a month that leaves the log: a file of its records without details, and a proof beside it.

The door writes and syncs both files, reads them back and compares them with the log before it renames them
into place. It works in short steps, so that a tap waits for one step at most.
"""

import base64
import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from controller.durable import sync_folder
from controller.errors import TechnicianError
from controller.journal.export.jsonl import JsonLines, Row
from controller.journal.export.proof import jsonl_proof
from controller.journal.export.selection import Selection
from controller.journal.log_filter import LogFilter
from controller.journal.proof.canonical import leaf_hash
from controller.journal.proof.merkle import Frontier
from controller.journal.query import JournalReader
from controller.journal.retire import REMOVABLE

AT_ONCE = 256
_RECORDS = (
    "SELECT seq, body, leaf, " + REMOVABLE + " FROM events "  # noqa: S608
    "WHERE seq BETWEEN ? AND ? ORDER BY seq LIMIT ?"
)
_LEAVES = "SELECT leaf FROM events WHERE seq BETWEEN ? AND ? ORDER BY seq"


class NotArchived(TechnicianError):
    """The disk, a record or the archive failed a check; the month stays in the log."""


class MonthLines(JsonLines):
    """Records `first` to `last` without details. Checks each hash; `frontier` is the tree over these records.

    `removable` counts the records that retention removes from the log.
    """

    withheld = True

    def __init__(self, reader: JournalReader, first: int, last: int) -> None:
        super().__init__(Selection(reader, LogFilter(), last))
        self._reader, self._first, self._last = reader, first, last
        self.frontier = Frontier()
        self.removable = 0

    def _batches(self) -> Iterator[list[Row]]:
        first = self._first
        while rows := self._checked(first):
            yield rows
            first = rows[-1][0] + 1

    def _checked(self, first: int) -> list[Row]:
        with self._reader.snapshot() as connection:
            rows = connection.execute(_RECORDS, (first, self._last, AT_ONCE)).fetchall()
        for seq, body, leaf, removable in rows:
            if seq != self._first + self.frontier.size:
                raise NotArchived(f"{self._reader.file}: record {seq - 1} is missing; the month is kept.")
            if leaf_hash(body.encode()) != leaf:
                raise NotArchived(
                    f"{self._reader.file}: record {seq} does not match its hash; the month is kept."
                )
            self.frontier.add(leaf)
            self.removable += removable
        return [(seq, body, None, None) for seq, body, *_ in rows]


class MonthArchive:
    """Writes the month to `file` and its proof beside it. Run `write` to its end, then
    `rename_into_place`.
    """

    def __init__(self, reader: JournalReader, file: Path, month: str, first: int, last: int) -> None:
        self._reader = reader
        self._file = file
        self._month, self._first, self._last = month, first, last
        self.sha256 = ""
        self.root = ""
        self.removable = 0

    def write(self) -> Iterator[None]:
        """Yield after each step.

        Raises OSError or NotArchived, the latter also while no checkpoint covers the month.
        """
        note = self._reader.newest_checkpoint()
        if note is None or self._reader.checkpoint_covering(self._last) is None:
            raise NotArchived(f"{self._reader.file}: month {self._month} is not signed yet and is kept.")
        self._file.parent.mkdir(mode=0o750, exist_ok=True)
        lines = MonthLines(self._reader, self._first, self._last)
        yield from _write_synced(_part_file(self._file), iter(lines))
        if lines.frontier.size != self._last - self._first + 1:
            raise NotArchived(f"{self._reader.file}: records of {self._month} are missing; it is kept.")
        self.sha256, self.removable = lines.sha256, lines.removable
        self.root = base64.b64encode(lines.frontier.root()).decode("ascii")
        proof = _HashedPieces(jsonl_proof(self._reader, note, {"month": self._month}, lines))
        yield from _write_synced(_part_file(_proof_file(self._file)), proof)
        yield from self._read_back(proof.sha256)

    def _read_back(self, proof: str) -> Iterator[None]:
        seq, hash, frontier = self._first, hashlib.sha256(), Frontier()
        with _part_file(self._file).open("rb") as file:
            _drop_page_cache(file.fileno())
            while lines := [line for _ in range(AT_ONCE) if (line := file.readline())]:
                with self._reader.snapshot() as connection:
                    leaves = connection.execute(_LEAVES, (seq, seq + len(lines) - 1)).fetchall()
                for line, (leaf,) in zip(lines, leaves, strict=True):
                    if leaf_hash(json.loads(line)["body"].encode()) != leaf:
                        raise NotArchived(f"{self._file}: not what was written to it; the month is kept.")
                    frontier.add(leaf)
                    hash.update(line)
                seq += len(lines)
                yield
        root = base64.b64encode(frontier.root()).decode("ascii")
        if (hash.hexdigest(), root) != (self.sha256, self.root) or seq != self._last + 1:
            raise NotArchived(f"{self._file}: not what was written to it; the month is kept.")
        hash = hashlib.sha256()
        with _part_file(_proof_file(self._file)).open("rb") as file:
            _drop_page_cache(file.fileno())
            while piece := file.read(1 << 20):
                hash.update(piece)
                yield
        if hash.hexdigest() != proof:
            raise NotArchived(f"{_proof_file(self._file)}: not what was written to it; the month is kept.")

    def rename_into_place(self) -> None:
        """Give both files their names. If a file of another length is there, add a number to the name.

        Such a file is the archive of an older log, from before a restore.
        """
        part, number, target = _part_file(self._file), 1, self._file
        while target.exists() and target.stat().st_size != part.stat().st_size:
            number += 1
            target = self._file.with_name(f"{self._file.stem}-{number}{self._file.suffix}")
        _part_file(_proof_file(self._file)).rename(_proof_file(target))
        part.rename(target)
        sync_folder(self._file.parent)

    def discard(self) -> None:
        """Delete unfinished files; ignore a disk that refuses."""
        for file in (_proof_file(self._file), self._file):
            with contextlib.suppress(OSError):
                _part_file(file).unlink()


class _HashedPieces:
    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._hash = hashlib.sha256()

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece = next(self._pieces)
        self._hash.update(piece)
        return piece


def _write_synced(file: Path, pieces: Iterator[bytes]) -> Iterator[None]:
    """Sync after each piece: syncing a whole month in one go would keep a tap waiting."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o640)
    with os.fdopen(descriptor, "wb", buffering=0) as output:
        for piece in pieces:
            view = memoryview(piece)
            while view:
                view = view[output.write(view) :]
            os.fdatasync(descriptor)
            yield
        os.fsync(descriptor)


def _drop_page_cache(descriptor: int) -> None:
    """Make the following reads come from the disk."""
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def _proof_file(file: Path) -> Path:
    return file.with_name(file.name + ".proof")


def _part_file(file: Path) -> Path:
    return file.with_name(file.name + ".part")
