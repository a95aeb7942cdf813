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
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def assert_people_got_out_and_the_log_is_whole(told: dict[str, Any]) -> None:
    assert (told["button"], told["outward"], told["let_in"]) == (True, True, False)
    assert told["types"][:2] == ["service_started", "journal_failed"]
    assert {"rex_pressed", "journal_recovered", "service_stopped"} <= set(told["types"])
    assert told["reasons"] == ["journal_unavailable"]
    assert told["granted"] == ["out", "in"]
    assert told["state_after"] == "ok"
    assert told["verified"] == 0


@pytest.mark.parametrize(("what", "cause"), [("read_only", "read_only"), ("full", "disk_full")])
def test_door_started_on_a_disk_that_takes_no_write(tmp_path: Path, what: str, cause: str) -> None:
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("needs root: only root may mount")
    told = started_on(tmp_path, what, "unshare", "--mount")
    assert_people_got_out_and_the_log_is_whole(told)
    assert told["state"] == {"journal": "failing", "cause": cause}
    assert told["cause"] == cause
    assert (told["held"], told["second"]) == (True, "refused")


def test_door_started_on_a_full_disk_opens_its_journal_in_the_room_of_the_reserve(tmp_path: Path) -> None:
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("needs root: only root may mount")
    told = started_on(tmp_path, "reserve", "unshare", "--mount")
    assert "reserve_released" in told["types"]
    assert "journal_failed" not in told["types"]
    assert {"service_started", "access_granted", "access_outcome"} <= set(told["types"])
    assert told["verified"] == 0


@pytest.mark.parametrize(("what", "lock"), [("no_right", True), ("hidden", None)])
def test_door_started_without_the_right_to_its_folder(tmp_path: Path, what: str, lock: bool | None) -> None:
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("root has every right, and setpriv (util-linux) is missing")
    told = started_on(tmp_path, what, *(WITHOUT_RIGHTS if os.geteuid() == 0 else ()))
    assert_people_got_out_and_the_log_is_whole(told)
    assert told["held"] is lock
    if lock:
        assert told["second"] == "refused"


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC])
def test_journal_is_made_later_at_whichever_operation_the_disk_failed(
    watched: Callable[..., Watched], error: int
) -> None:
    told = watched().run("open_workload", error=error)
    assert told["failed"] > 20
    assert told["unsound"] == []
