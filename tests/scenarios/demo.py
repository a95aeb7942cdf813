"""A running demo, and the hands and eyes of somebody standing in front of it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.waiting import until

SAMPLE = "0101031284C0FFEE"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def genkan(*arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "controller.main", *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


class Demo:
    def __init__(self, data: Path, port: int | None = None) -> None:
        self.data = data
        self.port = port or free_port()
        self.said = ""
        self.start()

    def start(self) -> None:
        self._output = (self.data.parent / f"{self.data.name}-output.txt").open("w+b")
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "controller.main", "run", "--demo"),
                *("--data", str(self.data), "--port", str(self.port)),
            ],
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )
        until(self._announced, 60, "the demo announces its page")

    def _announced(self) -> bool:
        self.said = Path(self._output.name).read_text("utf-8", "replace")
        assert self.process.poll() is None, f"the demo ended: {self.said}"
        return "genkan tap" in self.said

    @property
    def page(self) -> str:
        found = re.search(r"https?://\S+", self.said)
        assert found is not None
        return found.group().rstrip("/")

    @property
    def set_up_code(self) -> str:
        found = re.search(r"^Set-up code:\s+(\S+)$", self.said, re.M)
        assert found is not None
        return found.group(1)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(20)
        self._output.close()

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`genkan WORDS --data DATA`, which must succeed."""
        done = genkan(*arguments, "--data", str(self.data))
        assert done.returncode == 0, done.stderr
        return done

    def tap(self, idm: str = SAMPLE, reader: str = "entrance-in", hold: float = 0.1) -> str:
        """What the door answered."""
        return self.command("tap", "--reader", reader, "--idm", idm, "--hold", str(hold)).stdout.strip()

    def sim(self, *words: str) -> str:
        return self.command("sim", *words).stdout

    def trace(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.sim("trace").splitlines()]

    def log(self, *types: str) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.command("log", "show", "--json").stdout.splitlines()]
        return [line for line in lines if not types or line["type"] in types]

    def wait_for(self, *types: str, count: int = 1, seconds: float = 10) -> list[dict[str, Any]]:
        """The lines of these types, once there are `count` of them."""
        return until(
            lambda: found if len(found := self.log(*types)) >= count else [], seconds, f"{count} of {types}"
        )

    def service(self, name: str) -> int:
        """The process id of the door or the web service."""
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_bytes().split(b"\0")
                parent = (folder / "stat").read_text().rsplit(")", 1)[1].split()[1]
            except OSError:
                continue
            if parent == str(self.process.pid) and name.encode() in words:
                return int(folder.name)
        return 0

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        os.kill(self.service(name), number)
