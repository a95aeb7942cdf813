"""`make bench ARGS="--small"` runs in .ci/run; here is what it relies on, and what it cannot see."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from controller.model.events import EventType
from tests.benchmarks import fill, units


def bench(*words: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-m", "tests.benchmarks", *words]
    return subprocess.run(program, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.process
def test_part_that_breaks_ends_the_benchmark_with_a_status_and_its_name(tmp_path: Path):
    file = tmp_path / "file"
    file.touch()
    broken = bench("--small", "--folder", str(file), "presence", "decide")
    assert broken.returncode == 1
    assert "broken, in one of: presence" in broken.stderr
    assert "people known" in broken.stdout, "the others run all the same"
    assert bench("no-such-part").returncode == 2


@pytest.mark.process
def test_services_run_in_the_class_of_the_shipped_unit():
    seen = "import os; print(os.sched_getscheduler(0))"
    found = {
        unit: subprocess.run(
            [sys.executable, "-c", seen],
            preexec_fn=units.joining(f"genkan-{unit}.service"),
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for unit in ("door", "web")
    }
    assert found == {"door": str(os.SCHED_OTHER), "web": str(os.SCHED_OTHER)}


@pytest.mark.parametrize("first", [1, 4])
def test_filled_log_leaves_no_grant_without_its_outcome(first: int):
    events = dict(enumerate(fill.events(first, 3000), first))
    awaited = {
        seq
        for seq, event in events.items()
        if event.type is EventType.ACCESS_GRANTED and event.direction == "in"
    }
    outcomes = [event.codes["of"] for event in events.values() if event.type is EventType.ACCESS_OUTCOME]
    assert len(awaited) > 100 and sorted(outcomes) == sorted(awaited)
