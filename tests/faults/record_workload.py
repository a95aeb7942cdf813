"""The watched program: a record thread whose disk fails at a chosen operation, again and again.

    python -m tests.faults.record_workload '{"folder": "…", "control": "…", "points": [[1, 5, 3]]}'

A point is which operation fails, with what error, of which kinds. For each a copy of an empty journal gets
EVENTS entries, each followed by something that merely happened. Prints what was wrong, and how often the
failure was noticed.

    lasting   the disk goes on failing until somebody was refused (or remembered), and is well afterwards
    remember  the door remembers entries while the journal fails
"""

import json
import shutil
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any

from controller.errors import GenkanError
from controller.journal.append import Journal
from controller.journal.reserve import Reserve
from controller.model.events import Event, EventType
from controller.runtime.clock import Clock, boottime_ms
from controller.runtime.grants import PendingGrant
from controller.runtime.outage import Outage
from controller.runtime.recorder import Recorder
from tests.controller.journal.samples import grant
from tests.faults.journal_check import bodies, unsound
from tests.faults.shim import Control, Kind
from tests.patience import PATIENT

EVENTS = 20  # entries; with what happens between them 40 records


class SiteRig:
    def __init__(
        self, folder: Path, remember: bool = False, reserve: Reserve | None = None, empty: Path | None = None
    ) -> None:
        """`empty`: a folder with a journal without records; else the journal is created here."""
        folder.mkdir(parents=True)
        if empty is not None:
            shutil.copytree(empty, folder, dirs_exist_ok=True)
        self.folder = folder
        self.clock = Clock()
        self.journal = Journal.open(folder / "journal.db", "config-1")
        self.states: list[dict[str, Any]] = []
        self.outage = Outage(
            folder, {"entrance"} if remember else (), reserve, lambda **state: self.states.append(state)
        )
        self.record = Recorder(self.journal, [], [], self.clock.now, boottime_ms, outage=self.outage)
        self.thread = threading.Thread(target=self.record.run, daemon=True)
        self.thread.start()
        self.admitted: list[int] = []
        self.refused: list[int] = []

    def enter(self, number: int) -> bool:
        """Somebody taps and waits at the door; whether the lock released."""
        settled = threading.Event()

        def release(seq: int) -> None:
            self.admitted.append(number)
            settled.set()

        def refuse() -> None:
            self.refused.append(number)
            settled.set()

        self.record.grant(
            PendingGrant(
                grant(moment=self.clock.now(), codes={"entry": number}),
                release,
                refuse,
                PATIENT.durable_within_ms,
            )
        )
        assert settled.wait(60), f"entry {number} was neither released nor refused"
        return self.admitted[-1:] == [number]

    def happens(self, number: int) -> None:
        self.record.record(Event(EventType.DOOR_OPENED, self.clock.now(), codes={"passage": number}))

    def end(self) -> None:
        self.record.stop()
        self.thread.join(60)
        assert not self.thread.is_alive(), "the record thread did not end"
        self.journal.close()


def at_point(
    folder: Path, control: Control, point: list[int], lasting: bool, remember: bool, empty: Path
) -> SiteRig:
    site = SiteRig(folder, remember, empty=empty)
    nth, error, kinds = point
    control.fail(nth, error, Kind(kinds), lasting)
    for number in range(1, EVENTS + 1):
        let_in = site.enter(number)
        site.happens(number)
        if lasting and control.failed and (not let_in or site.outage.lasts):
            control.heal()
    control.heal()
    site.end()
    return site


def problem(site: SiteRig) -> str | None:
    """After the site has closed, check that the log has everything it acted upon, once."""
    with Journal.open(site.folder / "journal.db", "config-1"):
        pass
    records = bodies(site.folder)
    entries = Counter(body["entry"] for body in records if body["type"] == "access_granted")
    passages = [body["passage"] for body in records if "passage" in body]
    if lost := sorted(set(site.admitted) - set(entries)):
        return f"admitted and not recorded: {lost}"
    if max(entries.values(), default=1) > 1:
        return f"recorded twice: {entries.most_common(1)}"
    if passages != list(range(1, EVENTS + 1)):
        return f"what happened is recorded as {passages}"
    if len(site.admitted) + len(site.refused) != EVENTS or set(site.admitted) & set(site.refused):
        return "somebody was both admitted and refused, or neither"
    closed = {body["of"] for body in records if body["type"] == "access_outcome"}
    not_let_in = [b for b in records if b.get("entry") in site.refused and b["type"] == "access_granted"]
    if any(body["seq"] not in closed for body in not_let_in):
        return "refused, recorded as granted, and not closed as not released"
    return unsound(site.folder)


def main(words: dict[str, Any]) -> dict[str, Any]:
    folder, control = Path(words["folder"]), Control(Path(words["control"]))
    lasting, remember = words.get("lasting", False), words.get("remember", False)
    problems, noticed, reopened, refused = [], 0, 0, 0
    empty = folder / "empty"
    empty.mkdir(parents=True)
    Journal.open(empty / "journal.db", "config-1").close()
    for count, point in enumerate(words["points"]):
        site: SiteRig | None = None
        try:
            site = at_point(folder / f"{count}", control, point, lasting, remember, empty)
            found = problem(site)
        except (GenkanError, AssertionError) as error:
            found = f"{type(error).__name__}: {error}"
            control.heal()
        if found is not None:
            problems.append(f"{point}: {found}")
        if site is not None:
            failed = [body for body in bodies(site.folder) if body["type"] == "journal_failed"]
            noticed += bool(failed)
            reopened += site.journal.writing.opened > 1
            refused += len(site.refused)
    return {"problems": problems, "noticed": noticed, "reopened": reopened, "refused": refused}


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]))))
