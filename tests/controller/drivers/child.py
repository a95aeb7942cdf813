"""Starts lock_story.py with the lgpio of a test: the stub, an empty one, or none."""

import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
STUB = HERE / "stub_lgpio"


def program(
    work: Path, *story: str, lgpio: Path | None = STUB, **environment: str
) -> subprocess.CompletedProcess[str]:
    search = [str(ROOT), *([] if lgpio is None else [str(lgpio)])]
    return subprocess.run(
        [sys.executable, str(HERE / "lock_story.py"), str(work), *story],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(search)} | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def diary(run: subprocess.CompletedProcess[str], pin: int) -> list[dict[str, int | str]]:
    """What the stub noted of `pin`, in order."""
    notes = [json.loads(line) for line in run.stdout.splitlines()]
    return [note for note in notes if note["gpio"] == pin]
