"""Whether a data folder's log still holds what had been acknowledged, and an auditor still believes it."""

import contextlib
import hashlib
import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from controller.journal.append import Journal
from controller.journal.proof.log_keys import CannotSeal
from controller.journal.seal import Sealing
from deploy.verify import genkan_verify
from tests.faults.journal_workload import CARD, ENTRY, ZONE, moment
from tests.faults.trace import Operation

Records = list[dict[str, Any]]
AFTER = 10  # the boot after the cut


def problem(data: Path, acknowledged: Sequence[Operation]) -> str | None:
    """Opened, and its keys put in order, as the door does at the next boot."""
    file = data / "journal" / "journal.db"
    if not file.exists():
        return f"{len(acknowledged)} acknowledged entries are lost with the file" if acknowledged else None
    with Journal.open(file, "config-1") as journal:
        with contextlib.closing(_opened(file.parent)) as connection:
            records, removed = _bodies(connection), _removed(connection)
            found = _missing(connection, records, removed, acknowledged)
            found = found or _unsound(connection) or _unarchived(file.parent, records, removed)
        if found is not None:
            return found
        if journal.newest_seq == 0:
            return None
        for name in ("door", "shared"):
            (data / "keys" / name).mkdir(parents=True, exist_ok=True)
        try:
            Sealing(journal, data / "keys", ZONE).finish_pending(moment(AFTER, 0))
        except CannotSeal as error:
            return f"cannot be signed any more: {error}"
        verdict = genkan_verify.answer(data=data)
        return None if verdict.code == genkan_verify.OK else f"the verifier says {verdict}"


def _missing(
    connection: sqlite3.Connection,
    records: Records,
    removed: set[int],
    acknowledged: Sequence[Operation],
) -> str | None:
    entries = {body["seq"]: body[ENTRY] for body in records if ENTRY in body}
    numbers = list(entries.values())
    if numbers and numbers != list(range(numbers[0], numbers[-1] + 1)):
        return "entries are missing or twice"
    wanted = {int(operation.data): operation.offset for operation in acknowledged}
    lost = [number for seq, number in wanted.items() if entries.get(seq) != number and seq not in removed]
    if lost:
        return f"{len(lost)} of {len(wanted)} acknowledged entries are lost"
    question = f"SELECT coalesce(max(counter), 0) FROM read_counters WHERE key = '{CARD}'"
    ((kept,),) = connection.execute(question)
    highest = max(wanted.values(), default=0)
    return f"{highest} was read from the card and {kept} is kept" if kept < highest else None


def _unarchived(folder: Path, records: Records, removed: set[int]) -> str | None:
    """What is removed must lie in the archive that the log names."""
    for body in records:
        if body["type"] == "month_removed" and removed.intersection(range(body["first"], body["last"] + 1)):
            file = folder / "archive" / f"{body['month']}.jsonl"
            if not file.exists() or hashlib.sha256(file.read_bytes()).hexdigest() != body["archive_sha256"]:
                return f"month {body['month']} is removed and its archive is lost"
    return None


def bodies(folder: Path) -> Records:
    """Every record, by rising number; without the right to put the folder in order."""
    with contextlib.closing(_opened(folder)) as connection:
        return _bodies(connection)


def unsound(folder: Path) -> str | None:
    """Return what SQLite, or a check of the numbers, reports about the file."""
    with contextlib.closing(_opened(folder)) as connection:
        return _unsound(connection)


def _bodies(connection: sqlite3.Connection) -> Records:
    texts = ",".join(text for (text,) in connection.execute("SELECT body FROM events ORDER BY seq"))
    records: Records = json.loads(f"[{texts}]")
    return records


def _removed(connection: sqlite3.Connection) -> set[int]:
    return {seq for (seq,) in connection.execute("SELECT seq FROM removed")}


def _unsound(connection: sqlite3.Connection) -> str | None:
    numbers = "SELECT count(*), (SELECT coalesce(max(seq), 0) FROM events) FROM "
    ((present, newest),) = connection.execute(
        numbers + "(SELECT seq FROM events UNION SELECT seq FROM removed)"
    )
    if present != newest:
        return f"{newest} numbers but {present} records"
    ((sound,),) = connection.execute("PRAGMA integrity_check")
    return None if sound == "ok" else f"SQLite says {sound}"


def _opened(folder: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{folder / 'journal.db'}?mode=ro", uri=True)
