"""The harness for stores that are not ours.

python -m tests.faults record FOLDER TRACE -- COMMAND…      watch a program that writes in FOLDER
python -m tests.faults replay TRACE -- COMMAND…             COMMAND IMAGE ACKNOWLEDGED says by its exit status
                                                            whether all of it is still there (0) or not
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from tests.faults import replay, shim
from tests.faults.trace import Operation


def by_command(command: list[str], folder: Path, acknowledged: Sequence[Operation]) -> str | None:
    """`acknowledged` is handed on as the largest number."""
    wanted = max((operation.offset for operation in acknowledged), default=0)
    done = subprocess.run(
        [*command, str(folder), str(wanted)], capture_output=True, text=True, timeout=120, check=False
    )
    return None if done.returncode == 0 else (done.stdout + done.stderr).strip() or f"exit {done.returncode}"


def main(words: list[str]) -> int:
    if len(words) < 4 or "--" not in words:
        print(__doc__, file=sys.stderr)
        return 2
    command = words[words.index("--") + 1 :]
    with tempfile.TemporaryDirectory() as scratch:
        if words[0] == "record":
            library = shim.build(Path(scratch))
            watched = shim.environment(library, Path(words[1]), trace=Path(words[2]).absolute())
            return subprocess.run(command, env=shim.watched_environment(watched), check=False).returncode
        found = replay.replay(
            Path(words[1]),
            partial(by_command, command),
            Path(scratch) / "images",
            workers=os.cpu_count() or 1,
        )
    print(f"{found.images} images, {found.looked_at} looked at, {len(found.problems)} bad")
    print("\n".join(found.problems[:10]))
    return 1 if found.problems else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
