"""The demo's RS-485 lines: a process for each, with libosdp's own peripheral for every virtual reader on it.

It is started with the door and ends with it; the bridge opens its pseudo-terminal like any port.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_HOME = Path(__file__).parents[2]
_END_SECONDS = 2.0


class VirtualLine:
    """`readers` are names and addresses; `faults` are further arguments of the simulator, for tests."""

    def __init__(
        self, folder: Path, line: str, readers: Sequence[tuple[str, int]], faults: Sequence[str] = ()
    ) -> None:
        folder.mkdir(exist_ok=True)
        command = [sys.executable, "-P", "-m", "firmware_bridge.simulator.osdp_line"]
        command += ["--folder", str(folder), "--line", line, *faults]
        for name, address in readers:
            command += ["--reader", f"{name}:{address}"]
        paths = [str(_HOME), *filter(None, [os.environ.get("PYTHONPATH")])]
        self._child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            process_group=0,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )

    @property
    def process_id(self) -> int:
        return self._child.pid

    def stop(self) -> None:
        self._child.terminate()
        try:
            self._child.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
