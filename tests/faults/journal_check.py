"""Whether a journal folder still holds what had been acknowledged."""

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from controller.journal.append import Journal
from tests.faults.journal_workload import MARK
from tests.faults.trace import Operation


def problem(folder: Path, acknowledged: Sequence[Operation]) -> str | None:
    """Opened as the door opens it. An acknowledgement of n says that events 1 to n are durable."""
    wanted = max((operation.offset for operation in acknowledged), default=0)
    if not (folder / "journal.db").exists():
        return f"{wanted} acknowledged events are lost with the file" if wanted else None
    with Journal.open(folder / "journal.db", "config-1"):
        present = [body[MARK] for body in bodies(folder) if MARK in body]
        if present != list(range(1, len(present) + 1)):
            return "events are missing or twice"
        if len(present) < wanted:
            return f"{wanted - len(present)} of {wanted} acknowledged events are lost"
        return unsound(folder)


def bodies(folder: Path) -> list[dict[str, Any]]:
    """Every record, by rising number; without the right to put the folder in order."""
    connection = sqlite3.connect(f"file:{folder / 'journal.db'}?mode=ro", uri=True)
    try:
        return [json.loads(text) for (text,) in connection.execute("SELECT body FROM events ORDER BY seq")]
    finally:
        connection.close()


def unsound(folder: Path) -> str | None:
    """What SQLite or a look at the numbers has against the file."""
    connection = sqlite3.connect(f"file:{folder / 'journal.db'}?mode=ro", uri=True)
    try:
        newest, rows, removed = connection.execute(
            "SELECT coalesce(max(seq), 0), count(*), (SELECT count(*) FROM removed) FROM events"
        ).fetchone()
        (sound,) = connection.execute("PRAGMA integrity_check").fetchone()
    finally:
        connection.close()
    if rows + removed != newest:
        return f"{newest} numbers but {rows} records"
    return None if sound == "ok" else f"SQLite says {sound}"
