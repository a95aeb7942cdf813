"""A door process under what systemd does to it: a socket for its reports, a kill, a restart."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from controller.journal.export.lines import lines
from controller.journal.query import JournalReader
from firmware_bridge.simulator import trace
from firmware_bridge.simulator.door import request
from tests.waiting import until

RESTART_S = 1.0  # RestartSec= of deploy/genkan-door.service
# The thread named in the file hangs until the process ends.
_PROGRAM = """
import sys, threading
from pathlib import Path
from controller.assembly import run_door
from controller.config import load
from controller.runtime.decide import Decide
from controller.runtime.drive import Drive

hangs = Path(sys.argv[2])

def hanging(kind, name):
    turn = kind.turn
    def turn_or_hang(self, *arguments, **named):
        if hangs.exists() and hangs.read_text() == name:
            threading.Event().wait()
        return turn(self, *arguments, **named)
    kind.turn = turn_or_hang

hanging(Decide, "decide")
hanging(Drive, "drive")
sys.exit(run_door(load(Path(sys.argv[1]))))
"""


class SupervisedDoor:
    def __init__(self, data: Path) -> None:
        self.data = data
        self._hangs = data.parent / "hangs"
        self._channel = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._channel.bind(str(data.parent / "notify"))
        self.start()

    def start(self) -> None:
        """Return when the exit button works."""
        self._hangs.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, str(self.data / "genkan.toml"), str(self._hangs)],
            env=os.environ | {"NOTIFY_SOCKET": str(self.data.parent / "notify")},
        )
        until(lambda: self._has_reported("READY=1"), what="the door is ready")

    def hang(self, thread: str) -> None:
        part = self._hangs.with_suffix(".part")
        part.write_text(thread)
        part.rename(self._hangs)

    def last_report(self, within_s: float) -> float:
        """Wait so long; return after how many seconds the last report came, 0 without any."""
        began, last = time.monotonic(), 0.0
        while (left := began + within_s - time.monotonic()) > 0:
            self._channel.settimeout(left)
            try:
                self._channel.recv(100)
            except TimeoutError:
                break
            last = time.monotonic() - began
        return last

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def press(self) -> None:
        request(self.data / "simulator", "rex")

    @property
    def levels(self) -> list[int]:
        """Of the lock's pin, one after the other; 1 is released."""
        changes = trace.read(self.data / "simulator" / "trace.jsonl")
        return [change["level"] for change in changes if change["name"] == "entrance.lock"]

    def log(self, *types: str) -> list[dict[str, object]]:
        with JournalReader(self.data / "journal" / "journal.db") as journal:
            return [line for line in lines(journal, 0) if line["type"] in types]

    def close(self) -> None:
        if self.process.poll() is None:
            self.kill()
        self._channel.close()

    def _has_reported(self, report: str) -> bool:
        self._channel.settimeout(0.05)
        try:
            return self._channel.recv(100).decode() == report
        except TimeoutError:
            assert self.process.poll() is None, "the door process ended"
            return False
