"""Exports with a proof: first the file, then its proof, each as a stream of pieces."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from controller.errors import N_
from controller.journal.export.jsonl import JsonLines
from controller.journal.export.proof import Hashed, Voucher, csv_proof, jsonl_proof
from controller.journal.export.table import count
from controller.journal.proof.note import parse_checkpoint
from controller.journal.query import LogFilter
from controller.model.orders import ActionType
from controller.services.acting import Acting
from controller.services.log import entry_log
from controller.services.log import signing as log_signing
from controller.services.log.signing import NoProof, Signer
from controller.services.rights import Right


class ExportProof(NamedTuple):
    """`note` is the checkpoint that the proof leads to."""

    note: str
    lines: Iterator[bytes]


@dataclass(frozen=True)
class ProvedExport:
    """Read `lines` to the end, then call `proof`; it raises NoProof if the door does not sign."""

    count: int
    lines: Iterator[bytes]
    proof: Callable[[], ExportProof]


def json_lines(acting: Acting, filter: LogFilter, signer: Signer) -> ProvedExport:
    """Export up to a fresh checkpoint, or else the newest one: later records are not signed yet.

    Records the export before the first byte, and again with its hash when the file is complete. Only that
    second record can prove that a filtered export is complete, so this waits for the door a second time.
    """
    acting.require(Right.EXPORT_LOG)
    note, problem = log_signing.fresh_checkpoint(acting, signer)
    newest = acting.site.journal.newest_seq() if note is None else parse_checkpoint(note).size
    rows = count(acting.site.journal, filter, newest)
    choice = entry_log.described(filter)
    after = {**choice, "format": "jsonl", "rows": rows}
    log_signing.record(acting, ActionType.LOG_EXPORTED, after=after)
    file = JsonLines(acting.site.journal, filter, newest)

    def proof() -> ExportProof:
        if note is None:
            assert problem is not None  # noqa: S101 - `note` is None only if none could be signed
            raise problem
        written = {**after, "rows": file.included.rows, "bytes": file.bytes, "size": newest}
        vouched = ActionType.EXPORT_SEALED, file.sha256, written
        if not choice or file.included.rows != rows or not log_signing.may_sign(acting.site, signer):
            log_signing.record(acting, *vouched)
            return ExportProof(note, jsonl_proof(acting.site.journal, note, choice or None, file))
        try:
            seq, covering = log_signing.signed(acting, signer, *vouched)
        except NoProof:
            return ExportProof(note, jsonl_proof(acting.site.journal, note, choice, file))
        return ExportProof(
            covering, jsonl_proof(acting.site.journal, note=covering, filter=choice, file=file, voucher=seq)
        )

    return ProvedExport(rows, iter(file), proof)


def table(
    acting: Acting,
    filter: LogFilter,
    headers: Sequence[str],
    words: Mapping[str, str],
    signer: Signer,
) -> ProvedExport:
    """The CSV of `entry_log.export`; the door vouches for its hash when it is complete."""
    export = entry_log.export(acting, filter, headers, words)
    choice = entry_log.described(filter)
    file = Hashed(export.lines)

    def proof() -> ExportProof:
        if count(acting.site.journal, filter, export.newest) != export.count:
            raise NoProof(N_("Old months were removed from the log meanwhile; export again."))
        after = {**choice, "format": "csv", "rows": export.count, "bytes": file.bytes}
        seq, note = log_signing.signed(
            acting, signer, action=ActionType.EXPORT_SEALED, sha256=file.sha256, after=after
        )
        voucher = Voucher(export.count, file.bytes, file.sha256, seq)
        return ExportProof(note, csv_proof(acting.site.journal, note, choice or None, voucher))

    return ProvedExport(export.count, iter(file), proof)
