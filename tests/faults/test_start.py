"""A door started on a disk that is read-only, full, or not its own: people get out, and nothing is lost."""

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.faults.watched import ROOT, Watched

pytestmark = pytest.mark.mounts

WITHOUT_RIGHTS = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"]


def started_on(tmp_path: Path, what: str, *before: str) -> dict[str, Any]:
    words = json.dumps({"folder": str(tmp_path), "what": what})
    done = subprocess.run(
        [*before, sys.executable, "-m", "tests.faults.start_workload", words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    print(f"\n{done.stdout}\n{done.stderr}")
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def assert_people_got_out_and_the_log_is_whole(report: dict[str, Any]) -> None:
    assert (report["button"], report["outward"], report["let_in"]) == (True, True, False)
    assert report["types"][:2] == ["service_started", "journal_failed"]
    assert {"rex_pressed", "journal_recovered", "service_stopped"} <= set(report["types"])
    assert report["reasons"] == ["journal_unavailable"]
    assert report["granted"] == ["out", "in"]
    assert report["state_after"] == "ok"
    assert report["verified"] == 0


@pytest.mark.parametrize(("what", "cause"), [("read_only", "read_only"), ("full", "disk_full")])
def test_door_started_on_a_disk_that_takes_no_write(tmp_path: Path, what: str, cause: str) -> None:
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("needs root: only root may mount")
    report = started_on(tmp_path, what, "unshare", "--mount")
    assert_people_got_out_and_the_log_is_whole(report)
    assert report["state"] == {"journal": "failing", "cause": cause}
    assert report["cause"] == cause
    assert (report["held"], report["second"]) == (True, "refused")


def test_door_started_on_a_full_disk_opens_its_journal_in_the_room_of_the_reserve(tmp_path: Path) -> None:
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("needs root: only root may mount")
    report = started_on(tmp_path, "reserve", "unshare", "--mount")
    assert "reserve_released" in report["types"]
    assert "journal_failed" not in report["types"]
    assert {"service_started", "access_granted", "access_outcome"} <= set(report["types"])
    assert report["verified"] == 0


@pytest.mark.parametrize(("what", "lock"), [("no_right", True), ("hidden", None)])
def test_door_started_without_the_right_to_its_folder(tmp_path: Path, what: str, lock: bool | None) -> None:
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("root has every right, and setpriv (util-linux) is missing")
    report = started_on(tmp_path, what, *(WITHOUT_RIGHTS if os.geteuid() == 0 else ()))
    assert_people_got_out_and_the_log_is_whole(report)
    assert report["held"] is lock
    if lock:
        assert report["second"] == "refused"


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC])
def test_journal_is_created_later_at_any_operation_the_disk_failed(
    watched: Callable[..., Watched], error: int
) -> None:
    report = watched().run("open_workload", error=error)
    assert report["failed"] > 20
    assert report["unsound"] == []
