"""A door alone records everybody, in order and once each, and does not grow."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

MEBIBYTE = 1024  # in KiB


@pytest.mark.parametrize(
    "taps", [400, pytest.param(34_000, marks=[pytest.mark.long, pytest.mark.timeout(3600)])]
)
def test_door_without_registrar_and_web_loses_nothing_and_does_not_grow(tmp_path: Path, taps: int) -> None:
    program = [sys.executable, "-m", "tests.scenarios.soak", str(tmp_path), "--taps", str(taps)]
    ran = subprocess.run(program, capture_output=True, text=True, check=True)
    print(f"\n{ran.stdout.strip()}")
    found = json.loads(ran.stdout)
    assert found["granted"] == taps and found["in_order"]
    assert found["events"] >= 1.5 * taps, "an outcome for each way in"
    assert found["verdict"].startswith("OK: ")
    grown = found["grown"]
    assert grown["kib"] <= 20 * MEBIBYTE and grown["descriptors"] <= 0 and grown["threads"] <= 0
