"""Whether a journal folder still holds what had been acknowledged."""

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from controller.journal.append import Journal
from tests.faults.journal_workload import MARK
from tests.faults.trace import Operation


def problem(folder: Path, acknowledged: Sequence[Operation]) -> str | None:
    """Opened as the door opens it. An acknowledgement of n says that events 1 to n are durable."""
    wanted = max((operation.offset for operation in acknowledged), default=0)
    if not (folder / "journal.db").exists():
        return f"{wanted} acknowledged events are lost with the file" if wanted else None
    with Journal.open(folder / "journal.db", "config-1"):
        connection = sqlite3.connect(f"file:{folder / 'journal.db'}?mode=ro", uri=True)
        try:
            return _problem(connection, wanted)
        finally:
            connection.close()


def marks(connection: sqlite3.Connection) -> list[int]:
    rows = connection.execute("SELECT body FROM events ORDER BY seq")
    return [body[MARK] for (text,) in rows if MARK in (body := json.loads(text))]


def _problem(connection: sqlite3.Connection, wanted: int) -> str | None:
    newest, rows, removed = connection.execute(
        "SELECT coalesce(max(seq), 0), count(*), (SELECT count(*) FROM removed) FROM events"
    ).fetchone()
    if rows + removed != newest:
        return f"{newest} numbers but {rows} records"
    (sound,) = connection.execute("PRAGMA integrity_check").fetchone()
    if sound != "ok":
        return f"SQLite says {sound}"
    present = marks(connection)
    if present != list(range(1, len(present) + 1)):
        return "events are missing or twice"
    if len(present) < wanted:
        return f"{wanted - len(present)} of {wanted} acknowledged events are lost"
    return None
