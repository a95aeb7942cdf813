"""The watched program: the journal of a data folder, with all that may happen to one within a few months.

    python -m tests.faults.journal_workload '{"folder": "…", "events": 130}'

Entries are appended one by one, each acknowledged (its number, and that of its record) once it is durable.
The log is signed every 100 records and gets a new key at each boot, its WAL is emptied, and what is past its
time is archived and removed.

    events       how many entries
    synchronous  FULL; NORMAL is the negative control: it must be seen to lose
    release      "after" the record, as the door does; "before" it is the negative control
"""

import json
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from controller.journal.append import SEAL_EVERY, Journal
from controller.journal.query import JournalReader
from controller.journal.seal import CheckpointCause, Sealing
from controller.model.moment import ClockState, Moment
from controller.model.readings import CardReading
from controller.runtime.retiring import Retiring
from tests.controller.journal.samples import START, grant
from tests.faults.trace import Acknowledgements

CARD = "a1" * 16  # counts its readings: at each entry one more
ENTRY = "entry"  # a code of each entry: its own number, so that a check of the log finds it again
ZONE = ZoneInfo("Asia/Tokyo")
KEEP_MONTHS = 3
BOOTS = 4  # each two months after the one before


def moment(boot: int, number: int) -> Moment:
    at = START + timedelta(days=62 * boot, seconds=number)
    return Moment(at, 1000 * number, f"boot-{boot}", ClockState.TRUSTED)


def run(folder: Path, events: int = 130, synchronous: str = "FULL", release: str = "after") -> None:
    acknowledge = Acknowledgements().acknowledge
    for name in ("journal", "keys/door", "keys/shared"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    journal = Journal.open(folder / "journal" / "journal.db", "config-1")
    if synchronous != "FULL":
        journal.writing.connection().execute(f"PRAGMA synchronous = {synchronous}")
    sealing = Sealing(journal, folder / "keys", ZONE)
    for number in range(1, events + 1):
        boot = number * BOOTS // (events + 1)
        now = moment(boot, number)
        _all_of(lambda now=now: sealing.step(now))  # type: ignore[misc]
        if release == "before":
            acknowledge(number, str(journal.newest_seq + 1).encode())
        (seq,) = journal.append([grant(moment=now, codes={ENTRY: number}, reading=CardReading(CARD, number))])
        if release == "after":
            acknowledge(number, str(seq).encode())
        if journal.unsealed >= SEAL_EVERY:
            sealing.seal(now, CheckpointCause.EVENTS)
        if number == events * 9 // 10:
            retire(folder, journal, now, lambda now=now: sealing.seal(now, CheckpointCause.REQUESTED))  # type: ignore[misc]
        journal.empty_wal_if_idle()
    sealing.seal(now, CheckpointCause.STOP)
    journal.close()


def retire(folder: Path, journal: Journal, now: Moment, seal: Callable[[], None]) -> None:
    with JournalReader(folder / "journal" / "journal.db") as reader:
        archive = folder / "journal" / "archive"
        retiring = Retiring(reader, archive, KEEP_MONTHS, False, ZONE, lambda: now, seal)
        _all_of(lambda: retiring(journal))


def _all_of(step: Callable[[], bool]) -> None:
    while step():
        pass


def main(words: dict[str, Any]) -> None:
    folder = Path(words.pop("folder"))
    run(folder, **words)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
