"""The proof that goes with an export: what a verifier needs who has the file, the proof and the first key.

One canonical JSON object a line, in this order: what the file is; the keys from the first on, each with the
checkpoint that put it into force; the checkpoint everything is proven against; then for JSON Lines which
numbers are shown and the hashes of all the rest of the tree, for CSV the record that holds the file's hash.
Written in steps, so that the log may be any size and no reader keeps the WAL from being reused.
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from controller.errors import CorruptDatabase
from controller.journal.canonical import canonical
from controller.journal.jsonl import JsonLines
from controller.journal.key_records import LogKey
from controller.journal.merkle import cover, inclusion_proof
from controller.journal.note import Checkpoint, parse_checkpoint
from controller.journal.query import JournalReader
from controller.journal.tree import LeafMissing, Tree
from controller.model.events import Json

FORMAT, VERSION = "genkan-proof", 1
_RUNS_A_LINE = 1000
_HASHES_A_LINE = 256
_REMOVED = "SELECT count(*) FROM removed WHERE seq BETWEEN ? AND ?"
_BODY = "SELECT body FROM events WHERE seq = ?"


@dataclass(frozen=True)
class Voucher:
    """A CSV file and the record that holds its hash."""

    rows: int
    sha256: str
    seq: int


def jsonl_proof(
    reader: JournalReader, note: str, filter: Mapping[str, Json] | None, file: JsonLines
) -> Iterator[bytes]:
    """`note` is the checkpoint of the size that `file`, given out to its end, went up to.

    Raises CorruptDatabase where the journal holds neither a record nor what retention leaves of it.
    """
    checkpoint = parse_checkpoint(note)
    steps = _Steps(reader)
    yield from _head(steps, checkpoint, "jsonl", file.shown.rows, filter)
    yield from _runs("shown", file.shown.runs())
    if filter is None:
        yield from _runs("removed", steps.removed(file.shown.gaps(checkpoint.size)))
    shown = ((first - 1, last - 1) for first, last in file.shown.runs())
    hashes = cover(checkpoint.size, shown, steps.node)
    while found := steps.taken(hashes, _HASHES_A_LINE):
        yield _line({"hashes": _texts(found)})
    yield _end(file.sha256)


def csv_proof(
    reader: JournalReader, note: str, filter: Mapping[str, Json] | None, voucher: Voucher
) -> Iterator[bytes]:
    """`note` is a checkpoint that covers the voucher's record."""
    checkpoint = parse_checkpoint(note)
    steps = _Steps(reader)
    yield from _head(steps, checkpoint, "csv", voucher.rows, filter)
    body, proof = steps.record(voucher.seq, checkpoint.size)
    yield _line({"voucher": {"body": body, "proof": _texts(proof)}})
    yield _end(voucher.sha256)


class Hashed:
    """A file on its way out, hashed as it goes."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._hash = hashlib.sha256()

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self._hash.update(piece)
            yield piece


class _Steps:
    """Reads of the journal, each in a short snapshot of its own: what is read never changes any more."""

    def __init__(self, reader: JournalReader) -> None:
        self._reader = reader
        self._tree: Tree | None = None

    def node(self, level: int, place: int) -> bytes:
        assert self._tree is not None  # noqa: S101 - for callbacks out of a step of this class
        return self._tree.node(level, place)

    def taken(self, hashes: Iterator[bytes], count: int) -> list[bytes]:
        """The next few of what calls `node`."""
        with self._reader.snapshot() as connection:
            self._tree = Tree(connection)
            try:
                return list(islice(hashes, count))
            except LeafMissing as error:
                raise self._missing(error.seq) from error
            finally:
                self._tree = None

    def record(self, seq: int, size: int) -> tuple[str, list[bytes]]:
        """The record and its way up to the root of `size` leaves."""
        with self._reader.snapshot() as connection:
            row = connection.execute(_BODY, (seq,)).fetchone()
            if row is None:
                raise self._missing(seq)
            try:
                return str(row[0]), inclusion_proof(seq - 1, size, Tree(connection).node)
            except LeafMissing as error:
                raise self._missing(error.seq) from error

    def removed(self, gaps: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        """The same runs, once it is certain that retention removed every record of them."""
        for first, last in gaps:
            with self._reader.snapshot() as connection:
                found = connection.execute(_REMOVED, (first, last)).fetchone()[0]
            if found != last - first + 1:
                raise self._missing(first, last)
            yield first, last

    def keys(self) -> list[LogKey]:
        return self._reader.log_keys()

    def _missing(self, first: int, last: int | None = None) -> CorruptDatabase:
        which = f"record {first}" if last in (None, first) else f"records among {first}–{last}"
        return CorruptDatabase(
            f"{self._reader.file}: {which} missing, so nothing can be proven; run `genkan log verify`."
        )


def _head(
    steps: _Steps, checkpoint: Checkpoint, kind: str, rows: int, filter: Mapping[str, Json] | None
) -> Iterator[bytes]:
    yield _line(
        {
            "format": FORMAT,
            "version": VERSION,
            "kind": kind,
            "origin": checkpoint.origin,
            "size": checkpoint.size,
            "rows": rows,
            "filter": None if filter is None else dict(filter),
        }
    )
    for key in _in_force(steps.keys(), checkpoint):
        if key.note is None:
            yield _line({"key": {"body": key.body, "checkpoint": None, "proof": None}})
            continue
        _, proof = steps.record(key.seq, parse_checkpoint(key.note).size)
        yield _line({"key": {"body": key.body, "checkpoint": key.note, "proof": _texts(proof)}})
    yield _line({"checkpoint": checkpoint.note})


def _in_force(keys: list[LogKey], checkpoint: Checkpoint) -> Iterator[LogKey]:
    """Those that signed this log up to the checkpoint, from its first on.

    The checkpoint that puts a key into force is signed by the key before, so a key whose note is this
    checkpoint, or a later one, has not signed it.
    """
    for key in keys:
        if key.origin != checkpoint.origin or key.seq > checkpoint.size:
            continue
        if key.starts_log or (key.note is not None and parse_checkpoint(key.note).size < checkpoint.size):
            yield key


def _runs(name: str, runs: Iterator[tuple[int, int]]) -> Iterator[bytes]:
    while some := list(islice(runs, _RUNS_A_LINE)):
        yield _line({name: [[first, last] for first, last in some]})


def _end(sha256: str) -> bytes:
    return _line({"end": True, "sha256": sha256})


def _line(value: Mapping[str, Json]) -> bytes:
    return (canonical(value) + "\n").encode()


def _texts(hashes: list[bytes]) -> list[Json]:
    return [base64.b64encode(hash).decode("ascii") for hash in hashes]
