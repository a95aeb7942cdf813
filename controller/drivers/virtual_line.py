"""What hangs on the demo's serial ports, a process for each: a virtual PN532, or on an RS-485 line libosdp's
own peripheral for every virtual reader.

It is started with the door and ends with it; the bridge opens its pseudo-terminal like any port.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_HOME = Path(__file__).parents[2]
_END_SECONDS = 2.0


class _Simulator:
    def __init__(self, module: str, folder: Path, arguments: Sequence[str]) -> None:
        folder.mkdir(exist_ok=True)
        command = [sys.executable, "-P", "-m", f"firmware_bridge.simulator.{module}"]
        paths = [str(_HOME), *filter(None, [os.environ.get("PYTHONPATH")])]
        self._child = subprocess.Popen(
            [*command, "--folder", str(folder), *arguments],
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


class VirtualLine(_Simulator):
    """`readers` are names and addresses; `faults` are further arguments of the simulator, for tests."""

    def __init__(
        self, folder: Path, line: str, readers: Sequence[tuple[str, int]], faults: Sequence[str] = ()
    ) -> None:
        members = [word for name, address in readers for word in ("--reader", f"{name}:{address}")]
        super().__init__("osdp_line", folder, ["--line", line, *faults, *members])


class VirtualPn532(_Simulator):
    """A PN532 on the port `name`; `reader` is whose cable can be pulled."""

    def __init__(self, folder: Path, name: str, reader: str) -> None:
        super().__init__("pn532_port", folder, ["--name", name, "--reader", reader])
