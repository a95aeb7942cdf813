"""The program an auditor takes home, asked as he asks it."""

import contextlib
import io
from pathlib import Path

from deploy.verify import genkan_verify


def asked(file: Path, key: str | Path, *more: str | Path) -> tuple[int, str]:
    """Its exit status and everything it says about an export and the proof beside it."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        status = genkan_verify.main(["export", str(file), "--key", str(key), *map(str, more)])
    return status, said.getvalue()
