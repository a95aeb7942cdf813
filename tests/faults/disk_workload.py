"""A record thread on a real small disk that fills up, or that the kernel makes read-only. As root, by itself:

    unshare --mount python -m tests.faults.disk_workload '{"folder": "…", "what": "full"}'

Mounts are its own and end with it. Prints what it saw.
"""

import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from controller.journal import state
from controller.journal.append import Journal
from controller.journal.reserve import Reserve
from controller.journal.state import ServiceState
from controller.model.signals import DoorClosed, DoorOpened, RexEnded, RexPressed
from controller.runtime.clock import Clock
from controller.runtime.limits import USUAL
from controller.runtime.outage import QUIET_MS
from tests.controller.site import admit, make_site, running_door
from tests.faults.journal_check import bodies, unsound
from tests.faults.record_workload import SiteRig
from tests.waiting import until

MEBIBYTE = 1024 * 1024
FURTHER = 10_000
TRIES = 500  # records that find room in the WAL as it lies there


def full(folder: Path) -> dict[str, Any]:
    """Filled to the last byte, the reserve released, and full again after that."""
    _mount("-t", "tmpfs", "-o", f"size={320 * MEBIBYTE}", "tmpfs", folder)
    data = folder / "journal"
    site = SiteRig(data, reserve=Reserve(data, USUAL.reserve_bytes))
    assert site.enter(1)
    until(lambda: site.outage.reserve is not None and site.outage.reserve.is_there)
    _fill(folder / "others")
    tries = 0
    while {"reserve": "released"} not in site.states and tries < TRIES:
        tries += 1
        site.enter(len(site.admitted) + len(site.refused) + 1)
    report: dict[str, Any] = {"tries_until_alarm": tries, "refused": len(site.refused)}
    for number in range(FURTHER):
        site.happens(number)
    # Behind ten thousand others somebody may wait longer than two seconds, and is refused for that.
    until(lambda: site.enter(50_000 + len(site.refused)), what="the service goes on with the reserve's room")
    report["further"] = sum("passage" in body for body in bodies(data))
    _fill(folder / "more")
    until(lambda: not site.enter(100_000 + len(site.refused)), what="the disk is full again")
    until(lambda: site.outage.lasts)
    report["state"] = _journal_state(site)
    (folder / "others").unlink()
    until(lambda: site.enter(200_000 + len(site.refused)), what="somebody is let in again")
    until(lambda: not site.outage.lasts)
    site.end()
    later = Clock().now()
    site.outage.tend(replace(later, mono_ms=later.mono_ms + 2 * QUIET_MS))
    report["reserve_made_again"] = Reserve(data, USUAL.reserve_bytes).is_there
    report["types"] = sorted({body["type"] for body in bodies(data)})
    return report | _kept(site, data)


def read_only(folder: Path) -> dict[str, Any]:
    """Make the card read-only, as the kernel does after errors. Check it when the service has ended."""
    image = folder.with_suffix(".img")
    image.write_bytes(b"")
    with image.open("r+b") as file:
        file.truncate(32 * MEBIBYTE)
    subprocess.run(["/sbin/mke2fs", "-q", "-F", "-t", "ext4", image], check=True)
    _mount("-o", "loop", image, folder)
    data = folder / "journal"
    site = SiteRig(data)
    assert site.enter(1)
    _mount("-o", "remount,abort", folder)
    let_in = [site.enter(number) for number in range(2, 6)]
    report: dict[str, Any] = {"let_in": let_in, "state": _journal_state(site)}
    site.end()
    subprocess.run(["umount", "--lazy", folder], check=True)
    _mount("-o", "loop", image, folder)
    with Journal.open(data / "journal.db", "config-1"):
        return report | _kept(site, data)


def read_only_at_the_door(folder: Path) -> dict[str, Any]:
    """The same under a whole door, while nobody taps."""
    image = folder.with_suffix(".img")
    with image.open("wb") as file:
        file.truncate(64 * MEBIBYTE)
    subprocess.run(["/sbin/mke2fs", "-q", "-F", "-t", "ext4", image], check=True)
    _mount("-o", "loop", image, folder)
    site = make_site(folder / "data")
    admit(site)
    site.close()
    with running_door(site) as door:
        door.wait_for("operator_action", count=3)
        _mount("-o", "remount,abort", folder)
        began = time.monotonic()
        until(lambda: (state.read(folder / "data" / "journal") or ServiceState()).journal == "failing")
        report: dict[str, Any] = {"state_s": time.monotonic() - began}
        door.present("entrance-in")
        until(lambda: "refused" in door.service.readers["entrance-in"].indications)  # type: ignore[attr-defined]
        report["let_in"], report["exits"] = door.releases, 0
        for number in range(20):
            before = door.releases
            if number % 2:
                door.present("entrance-out")
            else:
                door.service.drive.post(RexPressed("entrance"))
                door.service.drive.post(RexEnded("entrance"))
            until(lambda: door.releases > before)  # noqa: B023
            report["exits"] += 1
            for signal in (DoorOpened("entrance"), DoorClosed("entrance")):  # which secures it
                door.service.drive.post(signal)
            until(lambda: door.level == 0)
    return report


def _kept(site: SiteRig, data: Path) -> dict[str, Any]:
    entries = {body["entry"] for body in bodies(data) if "entry" in body}
    return {"lost": sorted(set(site.admitted) - entries), "unsound": unsound(data)}


def _journal_state(site: SiteRig) -> dict[str, Any]:
    until(lambda: any("journal" in state for state in site.states))
    return {
        name: state
        for name, state in [report for report in site.states if "journal" in report][-1].items()
        if name in ("journal", "journal_cause")
    }


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
    folder = Path(words["folder"])
    works = {"full": full, "read_only": read_only, "read_only_at_the_door": read_only_at_the_door}
    return works[words["what"]](folder)


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]))))
