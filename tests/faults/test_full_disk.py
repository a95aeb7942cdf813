"""A real file system that is full to the last byte, or becomes read-only under the door."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.faults.disk_workload import TRIES
from tests.faults.watched import ROOT

pytestmark = pytest.mark.mounts


def on_a_disk_of_its_own(tmp_path: Path, what: str) -> dict[str, Any]:
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("needs root: only root may mount a small file system")
    folder = tmp_path / "disk"
    folder.mkdir()
    words = json.dumps({"folder": str(folder), "what": what})
    done = subprocess.run(
        ["unshare", "--mount", sys.executable, "-m", "tests.faults.disk_workload", words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    print(f"\n{done.stdout}")
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def test_full_disk_gets_the_reserve_and_the_service_goes_on(tmp_path: Path) -> None:
    report = on_a_disk_of_its_own(tmp_path, "full")
    assert report["tries_until_alarm"] < TRIES and report["refused"] == 0, "at the first that finds no room"
    assert report["further"] >= 10_000
    assert report["state"] == {"journal": "failing", "journal_cause": "disk_full"}
    assert report["reserve_made_again"] is True
    assert {"reserve_released", "journal_failed", "journal_recovered"} <= set(report["types"])
    assert (report["lost"], report["unsound"]) == ([], None)


def test_disk_set_read_only_is_named_and_nobody_is_admitted_unrecorded(tmp_path: Path) -> None:
    report = on_a_disk_of_its_own(tmp_path, "read_only")
    assert report["let_in"] == [False] * 4
    assert report["state"] == {"journal": "failing", "journal_cause": "read_only"}
    assert (report["lost"], report["unsound"]) == ([], None)


def test_disk_set_read_only_while_nobody_taps_is_known_in_two_seconds_and_everybody_gets_out(
    tmp_path: Path,
) -> None:
    report = on_a_disk_of_its_own(tmp_path, "read_only_at_the_door")
    assert report["state_s"] <= 2
    assert (report["let_in"], report["exits"]) == (0, 20)
