"""Opens new journals while one operation after the other fails, each on a folder of its own.

What it says: how many operations it takes, and which of them stopped more than the first try.
"""

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from controller.errors import JournalUnavailable
from controller.journal.append import Journal
from controller.model.events import Event, EventType
from controller.runtime.clock import Clock
from tests.faults.shim import Control, Kind

ANY = Kind.WRITES | Kind.SYNCS | Kind.NAMES | Kind.OPENS


def main(words: dict[str, Any]) -> dict[str, Any]:
    at = Clock().now()
    report: dict[str, Any] = {"failed": 0, "unsound": []}
    with Control(Path(os.environ["FAULTS_CONTROL"])) as control:
        for nth in range(1, 1000):
            folder = Path(words["folder"]) / str(nth)
            folder.mkdir()
            control.fail(nth, words["error"], ANY)
            before = control.failed
            journal = Journal.for_door(folder / "journal.db", "config-1")
            with contextlib.suppress(JournalUnavailable):
                journal.reopen()
            control.heal()
            if control.failed == before:
                journal.close()
                return report
            report["failed"] += 1
            journal.reopen()
            if journal.append([Event(EventType.SERVICE_STARTED, at)]) != [1]:
                report["unsound"].append(nth)
            journal.close()
    raise AssertionError("it never comes to an end")


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]))))
