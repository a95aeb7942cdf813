"""A door alone, without registrar and web: people go in and out for as long as wanted.

python -m tests.scenarios.soak FOLDER --taps 34000                      as fast as it records them
python -m tests.scenarios.soak FOLDER --taps 259200 --per-second 1      three days

Prints one line of JSON: what it recorded, and by how much the process grew after the first tenth.
"""

import argparse
import json
import os
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from controller.journal.log_filter import LogFilter
from controller.journal.query import JournalReader
from deploy.verify import genkan_verify
from tests.controller.site import Door, admit, make_site, running_door
from tests.waiting import until

AT_ONCE = 25  # taps on their way
_NEVER = threading.Event()


def size() -> dict[str, int]:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return {
        "kib": pages * os.sysconf("SC_PAGESIZE") // 1024,
        "descriptors": sum(1 for _ in Path("/proc/self/fd").iterdir()),
        "threads": sum(1 for _ in Path("/proc/self/task").iterdir()),
    }


def soak(folder: Path, taps: int, per_second: float | None) -> dict[str, Any]:
    first: dict[str, int] = {}
    with make_site(folder / "data") as site:
        admit(site)
        site.registry.close()
        with running_door(site) as door, JournalReader(folder / "data" / "journal" / "journal.db") as log:
            began = time.monotonic()
            for number in range(0, taps, AT_ONCE):
                _pass(door, log, range(number, min(taps, number + AT_ONCE)), per_second)
                if not first and number >= taps // 10:
                    first = size()
            seconds = time.monotonic() - began
            last = size()
    with JournalReader(folder / "data" / "journal" / "journal.db") as log:
        return {
            "seconds": round(seconds),
            "grown": {name: last[name] - first[name] for name in last},
            **_recorded(log),
            "verdict": genkan_verify.answer(data=folder / "data").sentence,
        }


def _pass(door: Door, log: JournalReader, numbers: range, per_second: float | None) -> None:
    before = log.newest_seq()
    for number in numbers:
        door.present(("entrance-in", "entrance-out")[number % 2])
        if per_second is not None:
            _NEVER.wait(1 / per_second)
    until(lambda: log.newest_seq() >= before + len(numbers), what="the door has recorded these taps")


def _recorded(log: JournalReader) -> dict[str, Any]:
    numbers, types = [], Counter[str]()
    after = 0
    while page := log.after(LogFilter(), after, 1000):
        numbers += [entry.seq for entry in page]
        types.update(entry.type for entry in page)
        after = page[-1].seq
    return {
        "events": len(numbers),
        "in_order": numbers == list(range(1, len(numbers) + 1)),
        "granted": types["access_granted"],
        "outcomes": types["access_outcome"],
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--taps", type=int, required=True)
    parser.add_argument("--per-second", type=float)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    print(json.dumps(soak(options.folder, options.taps, options.per_second)))
