"""The watched program: a journal that is appended to, sealed, emptied of its WAL and given a new key.

python -m tests.faults.journal_workload '{"folder": "…", "events": 130}'

events       how many are appended, each by itself, each acknowledged with its number once it is durable
synchronous  FULL; NORMAL is the negative control: it must be seen to lose
release      "after" the record, as the door does; "before" it is the negative control
batch        so many events in one append
times        the whole of it so often, each in a folder of its own
"""

import json
import sys
from pathlib import Path
from typing import Any

from controller.journal.append import Journal
from tests.controller.journal.samples import grant
from tests.faults.trace import Acknowledgements

MARK = "count"  # a code of each event: its own number, so that a look at the log knows it again


def run(
    folder: Path,
    events: int = 130,
    synchronous: str = "FULL",
    release: str = "after",
    batch: int = 1,
) -> None:
    say = Acknowledgements().say
    journal = Journal.open(folder / "journal.db", "config-1")
    if synchronous != "FULL":
        journal._writing.connection().execute(f"PRAGMA synchronous = {synchronous}")
    for number in range(1, events + 1, batch):
        numbers = range(number, number + batch)
        if release == "before":
            say(numbers[-1])
        journal.append([grant(n, codes={MARK: n}) for n in numbers])
        if release == "after":
            say(numbers[-1])
        journal.empty_wal_if_idle()
    journal.close()


def main(words: dict[str, Any]) -> None:
    folder = Path(words.pop("folder"))
    run(folder, **words)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
