"""One folder under the shim, and programs that run on it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.faults import shim

ROOT = Path(__file__).parents[2]


class Watched:
    """`folder` is watched; control and trace lie beside it."""

    def __init__(self, library: Path, beside: Path, trace: bool = False) -> None:
        self.folder = beside / "watched"
        self.folder.mkdir(parents=True)
        self.control = shim.Control(beside / "control")
        self.trace = beside / "trace"
        self.environment = shim.environment(
            library, self.folder, self.control.file, self.trace if trace else None
        )

    def start(self, module: str, **words: Any) -> subprocess.Popen[str]:
        """Run a module of tests.faults with arguments as JSON; it prints its result on a line of JSON."""
        return subprocess.Popen(
            [
                sys.executable,
                "-m",
                f"tests.faults.{module}",
                json.dumps({"folder": str(self.folder)} | words),
            ],
            env=shim.watched_environment(self.environment),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, module: str, **words: Any) -> Any:
        process = self.start(module, **words)
        output, _ = process.communicate()
        assert process.returncode == 0, f"{module} ended with {process.returncode}"
        return json.loads(output) if output else None
