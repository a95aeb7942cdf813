"""Exports that prove themselves: the file first, then its proof, each given out piece by piece."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from controller.errors import N_
from controller.journal.export import count
from controller.journal.jsonl import JsonLines
from controller.journal.note import parse_checkpoint
from controller.journal.proof import Hashed, Voucher, csv_proof, jsonl_proof
from controller.journal.query import LogFilter
from controller.model.moment import Moment
from controller.model.operators import Operator
from controller.model.orders import ActionType
from controller.services import entry_log, proofs
from controller.services.house import House
from controller.services.proofs import Asking, NoProof
from controller.services.rights import Right, require


class Proof(NamedTuple):
    """`note` is the checkpoint that the proof leads to."""

    note: str
    lines: Iterator[bytes]


@dataclass(frozen=True)
class SealedExport:
    """Take `lines` to their end, then call `proof`; it raises NoProof where the door does not sign."""

    count: int
    lines: Iterator[bytes]
    proof: Callable[[], Proof]


def json_lines(
    house: House, operator: Operator, now: Moment, filter: LogFilter, asking: Asking
) -> SealedExport:
    """Up to a checkpoint asked for just now, or else the newest there is: what came after is not signed yet.

    Recorded before the first byte, and again with its hash when the file is complete. That a part of the log
    is all of what was asked for only that second record can show, so the door is waited for once more.
    """
    require(operator, Right.EXPORT_LOG)
    note, problem = proofs.fresh_checkpoint(house, operator, now, asking)
    newest = house.journal.newest_seq() if note is None else parse_checkpoint(note).size
    rows = count(house.journal, filter, newest)
    said = entry_log.described(filter)
    after = {**said, "format": "jsonl", "rows": rows}
    proofs.record(house, operator, now, ActionType.LOG_EXPORTED, after=after)
    file = JsonLines(house.journal, filter, newest)

    def proof() -> Proof:
        if note is None:
            assert problem is not None  # noqa: S101 - a checkpoint is missing only where none could be made
            raise problem
        written = {**after, "rows": file.included.rows, "bytes": file.bytes, "size": newest}
        sealed = ActionType.EXPORT_SEALED, file.sha256, written
        if not said or file.included.rows != rows or not proofs.may_sign(house, asking):
            proofs.record(house, operator, now, *sealed)
            return Proof(note, jsonl_proof(house.journal, note, said or None, file))
        try:
            seq, covering = proofs.signed(house, operator, now, asking, *sealed)
        except NoProof:
            return Proof(note, jsonl_proof(house.journal, note, said, file))
        return Proof(covering, jsonl_proof(house.journal, covering, said, file, seq))

    return SealedExport(rows, iter(file), proof)


def table(
    house: House,
    operator: Operator,
    now: Moment,
    filter: LogFilter,
    headers: Sequence[str],
    words: Mapping[str, str],
    asking: Asking,
) -> SealedExport:
    """CSV, as `entry_log.export` makes it; the door vouches for its hash when it is complete."""
    export = entry_log.export(house, operator, now, filter, headers, words)
    said = entry_log.described(filter)
    file = Hashed(export.lines)

    def proof() -> Proof:
        if count(house.journal, filter, export.newest) != export.count:
            raise NoProof(N_("Old months were removed from the log meanwhile; export again."))
        after = {**said, "format": "csv", "rows": export.count, "bytes": file.bytes}
        seq, note = proofs.signed(house, operator, now, asking, ActionType.EXPORT_SEALED, file.sha256, after)
        voucher = Voucher(export.count, file.bytes, file.sha256, seq)
        return Proof(note, csv_proof(house.journal, note, said or None, voucher))

    return SealedExport(export.count, iter(file), proof)
