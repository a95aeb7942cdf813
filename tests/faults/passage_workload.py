"""The watched program: a whole door process that people pass through, one after the other.

    python -m tests.faults.passage_workload '{"folder": "…", "kinds": ["walk_through"], "times": 3}'

Acknowledges a number when the passages of a kind begin, from 0, and one more at the end.
"""

import json
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

from controller.model.signals import DoorClosed, DoorOpened, RexEnded, RexPressed
from tests.controller.site import STRANGER, Door, admit, make_site, running_door
from tests.faults.trace import Acknowledgements
from tests.waiting import until

UNLESS_OPENED = 10  # seconds of a release; more cannot be set


class Passages:
    def __init__(self, door: Door) -> None:
        self.door = door
        self.drive = door.service.drive
        self.secured = len(door.log("lock_secured"))

    def walk_through(self) -> None:
        self.door.present("entrance-in")
        self._passes()

    def exit_by_reader(self) -> None:
        self.door.present("entrance-out")
        self._passes()

    def exit_by_button(self) -> None:
        self.drive.post(RexPressed("entrance"))
        self.drive.post(RexEnded("entrance"))
        self._passes()

    def refusal(self) -> None:
        refused = len(self.door.log("access_denied"))
        self.door.present("entrance-in", STRANGER)
        self.door.wait_for("access_denied", count=refused + 1)

    def _passes(self) -> None:
        until(lambda: self.door.level == 1)
        self.drive.post(DoorOpened("entrance"))
        self.drive.post(DoorClosed("entrance"))
        self.secured += 1
        self.door.wait_for("lock_secured", count=self.secured)


def run(folder: Path, kinds: list[str], times: int) -> dict[str, list[str]]:
    """The types of the records of each kind."""
    site = make_site(folder / "data", release_time=UNLESS_OPENED)
    admit(site)
    with running_door(site) as door:
        until(lambda: _is_signed(site.config.data / "journal" / "journal.db"))
        passages, acknowledge = Passages(door), Acknowledgements().acknowledge
        passages.walk_through()  # the first one creates files that do not recur
        types: dict[str, list[str]] = {}
        for number, kind in enumerate(kinds):
            pass_once: Callable[[], None] = getattr(passages, kind)
            records = len(door.log())
            acknowledge(number)
            for _ in range(times):
                pass_once()
            types[kind] = [record["type"] for record in door.log()[records:]]
        acknowledge(len(kinds))
        return types


def _is_signed(file: Path) -> bool:
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as connection:
        return bool(connection.execute("SELECT count(*) FROM checkpoints").fetchone()[0])


if __name__ == "__main__":
    words = json.loads(sys.argv[1])
    print(json.dumps(run(Path(words["folder"]), words["kinds"], words["times"])))
