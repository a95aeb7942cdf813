"""Exports of the log, each as a stream of pieces: CSV, and CSV or JSON Lines followed by their proof."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from controller.errors import N_
from controller.journal.export.jsonl import JsonLines
from controller.journal.export.proof import HashingPipe, Voucher, csv_proof, jsonl_proof
from controller.journal.export.selection import Selection
from controller.journal.export.table import COLUMNS, TableText, csv_rows
from controller.journal.proof.note import parse_checkpoint
from controller.journal.query import LogFilter
from controller.services.acting import Acting
from controller.services.log import signing
from controller.services.log.requests import RecordExport, SealExport
from controller.services.log.signing import NoProof, Signer
from controller.services.rights import Right

__all__ = [
    "COLUMNS",
    "ExportProof",
    "LogExport",
    "ProvedExport",
    "TableText",
    "count",
    "csv",
    "proved_csv",
    "proved_json_lines",
]


class ExportProof(NamedTuple):
    """`note` is the checkpoint that the proof leads to."""

    note: str
    lines: Iterator[bytes]


@dataclass(frozen=True)
class LogExport:
    """`count` is the number of rows; `lines` are pieces of many rows, never all in memory."""

    count: int
    lines: Iterator[bytes]


@dataclass(frozen=True)
class ProvedExport(LogExport):
    """Read `lines` to the end, then call `proof`; it raises NoProof if the door does not sign."""

    proof: Callable[[], ExportProof]


def count(acting: Acting, filter: LogFilter) -> int:
    """The number of rows that an export would have now."""
    acting.require(Right.EXPORT_LOG)
    return _until_now(acting, filter).count()


def csv(acting: Acting, filter: LogFilter, text: TableText) -> LogExport:
    """Every row of the filtered log. Records filter and count before the first byte."""
    selection, rows = _recorded(acting, filter)
    return LogExport(rows, csv_rows(selection, text))


def proved_csv(acting: Acting, filter: LogFilter, text: TableText, signer: Signer) -> ProvedExport:
    """The same; the door vouches for its hash when it is complete."""
    selection, rows = _recorded(acting, filter)
    file = HashingPipe(csv_rows(selection, text))

    def proof() -> ExportProof:
        if selection.count() != rows:
            raise NoProof(N_("Old months were removed from the log meanwhile; export again."))
        choice = filter.codes()
        export = {**choice, "format": "csv", "rows": rows, "bytes": file.bytes}
        seq, note = signing.signed(acting, signer, SealExport(sha256=file.sha256, export=export))
        voucher = Voucher(rows, file.bytes, file.sha256, seq)
        return ExportProof(note, csv_proof(selection.reader, note, choice or None, voucher))

    return ProvedExport(rows, iter(file), proof)


def proved_json_lines(acting: Acting, filter: LogFilter, signer: Signer) -> ProvedExport:
    """Export up to a fresh checkpoint, or else the newest one: later records are not signed yet.

    Records the export before the first byte, and again with its hash when the file is complete. Only that
    second record can prove that a filtered export is complete, so this waits for the door a second time.
    """
    acting.require(Right.EXPORT_LOG)
    note, problem = signing.fresh_checkpoint(acting, signer)
    journal = acting.site.journal
    newest = journal.newest_seq() if note is None else parse_checkpoint(note).size
    selection = Selection(journal, filter, newest)
    rows, choice = selection.count(), filter.codes()
    export = {**choice, "format": "jsonl", "rows": rows}
    acting.send(RecordExport(export=export))
    file = JsonLines(selection)

    def proof() -> ExportProof:
        if note is None:
            assert problem is not None  # noqa: S101 - `note` is None only if none could be signed
            raise problem
        written = {**export, "rows": file.included.rows, "bytes": file.bytes, "size": newest}
        vouched = SealExport(sha256=file.sha256, export=written)
        if not choice or file.included.rows != rows or not signing.may_sign(acting.site, signer):
            acting.send(vouched)
            return ExportProof(note, jsonl_proof(journal, note, choice or None, file))
        try:
            seq, covering = signing.signed(acting, signer, vouched)
        except NoProof:
            return ExportProof(note, jsonl_proof(journal, note, choice, file))
        return ExportProof(covering, jsonl_proof(journal, covering, choice, file, voucher=seq))

    return ProvedExport(rows, iter(file), proof)


def _recorded(acting: Acting, filter: LogFilter) -> tuple[Selection, int]:
    """The records until now, and their number, which is recorded with the filter."""
    acting.require(Right.EXPORT_LOG)
    selection = _until_now(acting, filter)
    rows = selection.count()
    acting.send(RecordExport(export={**filter.codes(), "rows": rows}))
    return selection, rows


def _until_now(acting: Acting, filter: LogFilter) -> Selection:
    return Selection(acting.site.journal, filter, acting.site.journal.newest_seq())
