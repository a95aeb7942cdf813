"""Run the auditor's verifier as an auditor runs it."""

import contextlib
import io
from pathlib import Path

from deploy.verify import genkan_verify


def run_verifier(file: Path, key: str | Path, *more: str | Path) -> tuple[int, str]:
    """Return its exit status and output for an export and the proof beside it."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        status = genkan_verify.main(["export", str(file), "--key", str(key), *map(str, more)])
    return status, output.getvalue()
