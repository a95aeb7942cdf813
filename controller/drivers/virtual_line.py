"""The devices on the demo's serial ports, a process for each: a virtual PN532, or on an RS-485 line libosdp's
own peripheral for every virtual reader.

A process starts with the door, restarts when it dies, and ends with the door; the bridge opens its
pseudo-terminal like any port.
"""

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from firmware_bridge import virtual_port
from firmware_bridge.bridge_supervisor import next_pause
from firmware_bridge.simulator import osdp_control, pn532_files

log = logging.getLogger(__name__)

_HOME = Path(__file__).parents[2]
_END_SECONDS = 2.0


class _Simulator:
    """`file` links to its port: it exists only while the process that created it lives."""

    def __init__(self, module: str, folder: Path, file: Path, arguments: Sequence[str]) -> None:
        folder.mkdir(exist_ok=True)
        program = [sys.executable, "-P", "-m", f"firmware_bridge.simulator.{module}"]
        self._command = [*program, "--folder", str(folder), *arguments]
        self._file = file
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        virtual_port.withdraw(file)
        self._child = self._start()
        self._thread = threading.Thread(target=self._keep, name=f"simulator-{file.name}", daemon=True)
        self._thread.start()

    @property
    def process_id(self) -> int:
        return self._child.pid

    def stop(self) -> None:
        self._stopping.set()
        with self._lock:
            self._child.terminate()
        self._thread.join(_END_SECONDS)
        if self._thread.is_alive():
            self._child.kill()
            self._thread.join()

    def _start(self) -> subprocess.Popen[bytes]:
        paths = [str(_HOME), *filter(None, [os.environ.get("PYTHONPATH")])]
        return subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            process_group=0,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )

    def _keep(self) -> None:
        pause: float | None = None
        while True:
            started = time.monotonic()
            ended = self._child.wait()
            virtual_port.withdraw(self._file)
            if self._stopping.is_set():
                return
            log.error("Simulator of %s ended (%s); restarting it.", self._file.name, ended)
            pause = next_pause(pause, time.monotonic() - started, worked=False)
            self._stopping.wait(pause)
            with self._lock:
                if self._stopping.is_set():
                    return
                self._child = self._start()


class VirtualLine(_Simulator):
    """`readers` are names and addresses; `faults` are further arguments of the simulator, for tests."""

    def __init__(
        self, folder: Path, line: str, readers: Sequence[tuple[str, int]], faults: Sequence[str] = ()
    ) -> None:
        members = [word for name, address in readers for word in ("--reader", f"{name}:{address}")]
        super().__init__(
            "osdp_line", folder, osdp_control.port_file(folder, line), ["--line", line, *faults, *members]
        )


class VirtualPn532(_Simulator):
    """A PN532 on the port `name`; `reader` names the cable that can be unplugged."""

    def __init__(self, folder: Path, name: str, reader: str) -> None:
        super().__init__(
            "pn532_port", folder, pn532_files.port_file(folder, name), ["--name", name, "--reader", reader]
        )
