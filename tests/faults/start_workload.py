"""A door started on a disk that takes no write, and what its log holds when the disk is back. As root:

    unshare --mount python -m tests.faults.start_workload '{"folder": "…", "what": "read_only"}'

Mounts are its own and end with it. "no_right" needs no root, but root needs `setpriv` to lose its rights to
everything. Prints what it saw.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from controller.errors import AlreadyRunning
from controller.journal import reserve
from controller.journal.alive import is_door_alive
from controller.journal.state import ServiceState, read
from controller.model.signals import RexEnded, RexPressed
from controller.services.site import Site
from tests.controller.commands.command import genkan
from tests.controller.site import Door, admit, make_site, running_door
from tests.waiting import until

MEBIBYTE = 1024 * 1024
Disk = tuple[Callable[[], object], Callable[[], object]]  # breaks it, mends it


def read_only(journal: Path) -> Disk:
    _mount("--bind", journal, journal)
    return (
        lambda: _mount("-o", "remount,bind,ro", journal),
        lambda: _mount("-o", "remount,bind,rw", journal),
    )


def no_right(journal: Path) -> Disk:
    def may(folder: int, file: int) -> None:
        for path in journal.iterdir():
            path.chmod(folder if path.is_dir() else file)
        journal.chmod(folder)

    return lambda: may(0o555, 0o444), lambda: may(0o755, 0o644)


def hidden(journal: Path) -> Disk:
    """Not even the lock can be read."""
    return lambda: journal.chmod(0), lambda: journal.chmod(0o755)


def full(journal: Path) -> Disk:
    kept = journal.with_name("kept")
    shutil.copytree(journal, kept)
    _mount("-t", "tmpfs", "-o", f"size={8 * MEBIBYTE}", "tmpfs", journal)
    shutil.copytree(kept, journal, dirs_exist_ok=True)
    return lambda: _fill(journal / "others"), lambda: (journal / "others").unlink()


def full_with_reserve(journal: Path) -> Disk:
    breaks, mends = full(journal)

    def fills() -> None:
        (journal / reserve.NAME).write_bytes(bytes(2 * MEBIBYTE))
        breaks()

    return fills, mends


DISKS = {disk.__name__: disk for disk in (read_only, no_right, hidden, full)}


def report_of(site: Site, what: str) -> dict[str, Any]:
    journal = site.config.data / "journal"
    admit(site)
    with running_door(site) as door:
        door.present("entrance-in")
        door.wait_for("access_outcome")
    newest = len(door.log())
    site.close()
    breaks, mends = DISKS[what](journal)
    breaks()
    try:
        with running_door(site) as door:
            report = _while_broken(door, site)
            mends()
            door.wait_for("journal_recovered")
            report["state_after"] = until(lambda: (_state(journal)).journal == "ok") and "ok"
            released = door.releases
            door.present("entrance-in")
            until(lambda: door.releases > released)
            door.wait_for("access_outcome", count=2)
    finally:
        mends() if what != "full" else None
    lines = [line for line in door.log() if line["seq"] > newest]
    verified = genkan("log", "verify", "--data", site.config.data)
    return report | {
        "types": [line["type"] for line in lines],
        "reasons": [line["reason"] for line in lines if line["type"] == "access_denied"],
        "granted": [line["direction"] for line in lines if line["type"] == "access_granted"],
        "cause": next(line["cause"] for line in lines if line["type"] == "journal_failed"),
        "verified": verified.status,
    }


def report_of_reserve(site: Site) -> dict[str, Any]:
    breaks, mends = full_with_reserve(site.config.data / "journal")
    admit(site)
    site.close()
    breaks()
    with running_door(site) as door:
        door.present("entrance-in")
        until(lambda: door.releases == 1)
        door.wait_for("access_outcome")
        mends()
    verified = genkan("log", "verify", "--data", site.config.data)
    return {"types": [line["type"] for line in door.log()], "verified": verified.status}


def _while_broken(door: Door, site: Site) -> dict[str, Any]:
    journal = site.config.data / "journal"
    report: dict[str, Any] = {"held": _or_none(lambda: is_door_alive(journal))}
    for signal in (RexPressed("entrance"), RexEnded("entrance")):
        door.service.drive.post(signal)
    report["button"] = _moved(door, 1)
    door.present("entrance-out")
    report["outward"] = _moved(door, 2)
    door.present("entrance-in")
    indications = door.service.readers["entrance-in"].indications  # type: ignore[attr-defined]
    until(lambda: "refused" in indications)
    report["let_in"] = door.releases > 2
    until(lambda: door.service.recorder.failing)
    state = _state(journal)
    report["state"] = {"journal": state.journal, "cause": state.journal_cause}
    try:
        with running_door(site):
            report["second"] = "started"
    except AlreadyRunning:
        report["second"] = "refused"
    except Exception as error:
        report["second"] = repr(error)
    return report


def _moved(door: Door, times: int) -> bool:
    until(lambda: door.releases == times)
    until(lambda: door.level == 0)
    return True


def _state(journal: Path) -> ServiceState:
    return read(journal) or ServiceState()


def _or_none(question: Callable[[], bool]) -> bool | None:
    try:
        return question()
    except OSError:
        return None


def _fill(file: Path) -> None:
    """To the last byte."""
    with file.open("wb", buffering=0) as target:
        for size in (MEBIBYTE, 4096, 1):
            try:
                while target.write(bytes(size)) == size:
                    pass
            except OSError:
                continue


def _mount(*words: object) -> None:
    subprocess.run(["mount", *map(str, words)], check=True)


def main(words: dict[str, Any]) -> dict[str, Any]:
    os.umask(0o022)
    with make_site(Path(words["folder"]) / "data") as site:
        return report_of_reserve(site) if words["what"] == "reserve" else report_of(site, words["what"])


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]))))
