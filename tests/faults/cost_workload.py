"""The watched program: a quiet morning, one entry after the other as the door writes them.

python -m tests.faults.cost_workload '{"folder": "…", "entries": 500}'

reader   "pages": an export reads page by page meanwhile; "held": somebody holds one snapshot throughout
"""

import contextlib
import json
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from controller.journal.append import Journal
from controller.journal.export.lines import lines
from controller.journal.query import JournalReader
from tests.controller.journal.samples import grant, outcome


def run(folder: Path, entries: int = 500, reader: str = "") -> dict[str, int]:
    """Prints how long the WAL was at most."""
    file = folder / "journal.db"
    wal, longest = folder / "journal.db-wal", 0
    with Journal.open(file, "config-1") as journal, read_meanwhile(file, reader) as read:
        for number in range(entries):
            (seq,) = journal.append([grant(number)], file_later=True)
            journal.append([outcome(seq, seconds=number)])
            journal.empty_wal_if_idle()
            read()
            longest = max(longest, wal.stat().st_size)
    return {"longest_wal": longest}


@contextlib.contextmanager
def read_meanwhile(file: Path, how: str) -> Iterator[Any]:
    if how == "held":
        connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True, isolation_level=None)
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM events").fetchone()
        yield lambda: None
        connection.close()
    elif how == "pages":
        with JournalReader(file) as journal:
            export = lines(journal, 0)  # begun, and never finished while the door works
            yield lambda: next(export, None)
    else:
        yield lambda: None


if __name__ == "__main__":
    words = json.loads(sys.argv[1])
    print(json.dumps(run(Path(words.pop("folder")), **words)))
