"""The proof of an export: a verifier needs only the file, this proof and the log's first key.

One canonical JSON object per line, in this order:
- what the file is;
- the keys from the first on, each with the checkpoint that put it into force, and between them checkpoints
  that somebody may have kept;
- the checkpoint that the proof leads to;
- for JSON Lines, the numbers in the file and the hashes of the rest of the tree;
- for CSV, and for a part of the log, the record that holds the file's hash.

The proof is written in short steps, so that the log may be any size and no step blocks reuse of the WAL.
deploy/verify/genkan_verify.py describes the same format from the verifier's side.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice

from controller.errors import CorruptDatabase
from controller.journal.export.jsonl import JsonLines
from controller.journal.export.proving_subtrees import proving_subtrees
from controller.journal.log_filter import Code
from controller.journal.proof.canonical import canonical
from controller.journal.proof.key_records import LogKey
from controller.journal.proof.merkle import NodeOf, consistency_proof, cover, inclusion_proof
from controller.journal.proof.note import Checkpoint, parse_checkpoint
from controller.journal.proof.tree import LeafMissing, Subtrees, Tree
from controller.journal.query import JournalReader
from controller.model.events import Json
from controller.model.plain_values import to_plain

FORMAT, VERSION = "genkan-proof", 1
_RUNS_A_LINE = 1000
_HASHES_A_LINE = 256
_MARKS_A_LINE, _MARK_BYTES = 1000, 4  # let the verifier name the changed record
_REMOVED = "SELECT count(*) FROM removed WHERE seq BETWEEN ? AND ?"
_RECORD = "SELECT body FROM events WHERE seq = ?"
_ERASURES = (
    "SELECT seq, body FROM events WHERE section = 'operator' AND filed = 1 AND type = 'person_erased' "
    "AND seq <= ? ORDER BY seq"
)
_ANCHORS = (
    "SELECT note FROM checkpoints WHERE size < ? AND (instr(note, char(10) || 'genkan-cause asked' || "
    "char(10)) OR instr(note, char(10) || 'genkan-cause month' || char(10))) ORDER BY size DESC LIMIT 100"
)
_LEAVES = (
    "SELECT value, coalesce((SELECT leaf FROM events WHERE seq = value), "
    "(SELECT leaf FROM removed WHERE seq = value)) FROM json_each(?)"
)


@dataclass(frozen=True)
class Voucher:
    """An exported file and the record that holds its hash."""

    rows: int
    bytes: int
    sha256: str
    seq: int


def jsonl_proof(
    reader: JournalReader,
    note: str,
    filter: Mapping[str, Code] | None,
    file: JsonLines,
    voucher: int | None = None,
) -> Iterator[bytes]:
    """Prove `file`, which must be exhausted; `note` is the checkpoint of the size that `file` was read up to.

    With a filter, `voucher` may be the number of a record that holds the file's hash; `note` must cover it.

    Raises CorruptDatabase if a record is missing that retention did not remove.
    """
    checkpoint, reads, lines, included = (
        parse_checkpoint(note),
        _ProofReads(reader),
        _ProofLines(),
        file.included,
    )
    details = "withheld" if file.withheld else "shown"
    yield from _head(
        reads, lines, checkpoint, kind="jsonl", rows=included.rows, filter=filter, details=details
    )
    if filter is not None and file.erased and not file.withheld:  # a whole log contains these records
        for seq, body in reads.erasures(checkpoint.size):
            proof = reads.prove(partial(inclusion_proof, seq - 1, checkpoint.size))
            yield lines.line({"erasure": {"body": body, "proof": _encode_hashes(proof)}})
    yield from _runs(lines, "shown", included.runs())
    if filter is None:
        yield from _runs(lines, "removed", reads.removed(included.gaps(checkpoint.size)))
    indexes = ((first - 1, last - 1) for first, last in included.runs())
    hashes = cover(checkpoint.size, indexes, reads.node)
    while batch := reads.next_hashes(hashes, _HASHES_A_LINE):
        yield lines.line({"hashes": _encode_hashes(batch)})
    numbers = (seq for first, last in included.runs() for seq in range(first, last + 1))
    while wanted := list(islice(numbers, _MARKS_A_LINE)):
        yield lines.line({"marks": [leaf[:_MARK_BYTES].hex() for leaf in reads.leaves(wanted)]})
    if voucher is not None:
        yield _voucher_line(reads, lines, voucher, checkpoint.size)
    yield lines.end(file.sha256, file.bytes)


def csv_proof(
    reader: JournalReader, note: str, filter: Mapping[str, Code] | None, voucher: Voucher
) -> Iterator[bytes]:
    """Prove a CSV file; `note` is a checkpoint that covers the voucher's record."""
    checkpoint, reads, lines = parse_checkpoint(note), _ProofReads(reader), _ProofLines()
    yield from _head(reads, lines, checkpoint, kind="csv", rows=voucher.rows, filter=filter, details="shown")
    yield _voucher_line(reads, lines, voucher.seq, checkpoint.size)
    yield lines.end(voucher.sha256, voucher.bytes)


class HashingPipe:
    """Passes a file's pieces through, hashing and counting their bytes."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self.bytes = 0
        self._hash = hashlib.sha256()

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self._hash.update(piece)
            self.bytes += len(piece)
            yield piece


class _ProofReads:
    """Reads the journal, each time in a short snapshot of its own; records never change between them."""

    def __init__(self, reader: JournalReader) -> None:
        self._reader = reader
        self._tree: Tree | None = None
        self._subtrees: Subtrees | None = None  # once checked against the checkpoint

    def check_subtrees(self, checkpoint: Checkpoint) -> Iterator[bytes]:
        """Check the stored subtrees before proving anything.

        Yield b"" after each step, so that taps don't wait.
        """
        reads = proving_subtrees(self._reader, checkpoint)
        while True:
            try:
                next(reads)
            except StopIteration as end:
                self._subtrees = end.value
                return
            yield b""

    def node(self, level: int, place: int) -> bytes:
        assert self._tree is not None  # noqa: S101 - only callbacks within `next_hashes` call this
        return self._tree.node(level, place)

    def next_hashes(self, hashes: Iterator[bytes], count: int) -> list[bytes]:
        """Return up to `count` hashes from an iterator that calls `node`."""
        with self._reader.snapshot() as connection:
            self._tree = Tree(connection, subtrees=self._subtrees)
            try:
                return list(islice(hashes, count))
            except LeafMissing as error:
                raise self._missing(error.seq) from error
            finally:
                self._tree = None

    def prove(self, path: Callable[[NodeOf], list[bytes]]) -> list[bytes]:
        with self._reader.snapshot() as connection:
            try:
                return path(Tree(connection, subtrees=self._subtrees).node)
            except LeafMissing as error:
                raise self._missing(error.seq) from error

    def erasures(self, size: int) -> list[tuple[int, str]]:
        """Numbers and bodies of the `person_erased` records."""
        with self._reader.snapshot() as connection:
            return connection.execute(_ERASURES, (size,)).fetchall()

    def anchors(self, checkpoint: Checkpoint) -> list[Checkpoint]:
        """Checkpoints of this log that somebody may have kept, oldest first."""
        with self._reader.snapshot() as connection:
            rows = connection.execute(_ANCHORS, (checkpoint.size,)).fetchall()
        notes = [parse_checkpoint(note) for (note,) in reversed(rows)]
        return [note for note in notes if note.origin == checkpoint.origin]

    def record(self, seq: int) -> str:
        """Return the record's body."""
        with self._reader.snapshot() as connection:
            row = connection.execute(_RECORD, (seq,)).fetchone()
        if row is None:
            raise self._missing(seq)
        return str(row[0])

    def leaves(self, seqs: list[int]) -> list[bytes]:
        with self._reader.snapshot() as connection:
            rows = connection.execute(_LEAVES, (json.dumps(seqs),)).fetchall()
        for seq, leaf in rows:
            if leaf is None:
                raise self._missing(seq)
        return [leaf for _, leaf in rows]

    def removed(self, gaps: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        """Yield the same runs after checking that retention removed all their records."""
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


class _ProofLines:
    """Encodes the proof's lines; the last line holds the hash of all lines before it."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def line(self, value: Mapping[str, Json]) -> bytes:
        line = (canonical(value) + "\n").encode()
        self._hash.update(line)
        return line

    def end(self, sha256: str, bytes: int) -> bytes:
        proof = self._hash.hexdigest()
        return self.line({"end": True, "bytes": bytes, "proof": proof, "sha256": sha256})


def _head(
    reads: _ProofReads,
    lines: _ProofLines,
    checkpoint: Checkpoint,
    kind: str,
    rows: int,
    filter: Mapping[str, Code] | None,
    details: str,
) -> Iterator[bytes]:
    yield from reads.check_subtrees(checkpoint)
    yield lines.line(
        {
            "format": FORMAT,
            "version": VERSION,
            "kind": kind,
            "origin": checkpoint.origin,
            "size": checkpoint.size,
            "rows": rows,
            "filter": to_plain(filter),
            "details": details,
        }
    )
    covered, anchors = 0, reads.anchors(checkpoint)
    for key in _in_force(reads.keys(), checkpoint):
        entry: dict[str, Json] = {"body": key.body, "checkpoint": None, "proof": None, "consistency": None}
        if key.note is not None and not key.starts_log:
            entry["checkpoint"], size = key.note, parse_checkpoint(key.note).size
            for anchor in anchors:
                if covered < anchor.size < size:
                    yield _checkpoint_line(reads, lines, anchor, covered)
                    covered = anchor.size
            entry["proof"] = _encode_hashes(reads.prove(partial(inclusion_proof, key.seq - 1, size)))
            entry["consistency"] = _consistency(reads, covered, size)
            covered = size
        yield lines.line({"key": entry})
    for anchor in (*anchors, checkpoint):
        if covered < anchor.size:
            yield _checkpoint_line(reads, lines, anchor, covered)
            covered = anchor.size


def _voucher_line(reads: _ProofReads, lines: _ProofLines, seq: int, size: int) -> bytes:
    body, proof = reads.record(seq), reads.prove(partial(inclusion_proof, seq - 1, size))
    return lines.line({"voucher": {"body": body, "proof": _encode_hashes(proof)}})


def _checkpoint_line(reads: _ProofReads, lines: _ProofLines, note: Checkpoint, covered: int) -> bytes:
    return lines.line({"checkpoint": note.note, "consistency": _consistency(reads, covered, note.size)})


def _consistency(reads: _ProofReads, covered: int, size: int) -> list[Json] | None:
    return _encode_hashes(reads.prove(partial(consistency_proof, covered, size))) if covered else None


def _in_force(keys: list[LogKey], checkpoint: Checkpoint) -> Iterator[LogKey]:
    """Yield the keys that signed this log up to the checkpoint, from the first on.

    The previous key signs the checkpoint that puts a key into force. So a key whose note is this checkpoint
    or a later one did not sign it.
    """
    for key in keys:
        if key.origin != checkpoint.origin or key.seq > checkpoint.size:
            continue
        if key.starts_log or (key.note is not None and parse_checkpoint(key.note).size < checkpoint.size):
            yield key


def _runs(lines: _ProofLines, name: str, runs: Iterator[tuple[int, int]]) -> Iterator[bytes]:
    while batch := list(islice(runs, _RUNS_A_LINE)):
        yield lines.line({name: [[first, last] for first, last in batch]})


def _encode_hashes(hashes: list[bytes]) -> list[Json]:
    return [base64.b64encode(hash).decode("ascii") for hash in hashes]
