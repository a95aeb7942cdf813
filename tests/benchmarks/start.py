"""From nothing to the first decision, beside importing gpiozero and sqlite3; memory of the idle services."""

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.benchmarks import fill
from tests.benchmarks.measure import median, proc_status, said
from tests.benchmarks.web_side import running_web
from tests.scenarios.demo import Demo

_ROUNDS = 15
_IMPORTS = "import gpiozero, sqlite3"
# The process from its first instruction: the command's own modules, the whole service, one card, its pin.
_FIRST = """
import contextlib, sys, threading
from pathlib import Path
from controller.main import main
from controller.config import load
from controller.assembly import DoorService
from controller.model.credentials import CardNumber
from controller.model.signals import CardPresented
class Dark:
    def show(self, indication):
        pass
with contextlib.ExitStack() as stack:
    service = DoorService(load(Path(sys.argv[1]) / "genkan.toml"), stack)
    moved = threading.Event()
    service.pins.pin(17).watcher = lambda level: moved.set()
    service.readers.clear()
    service.start()
    service.readers["entrance-in"] = Dark()
    service.heard(CardPresented("entrance-in", CardNumber.parse("0101031284C0FFEE")))
    if not moved.wait(10):
        sys.exit("no decision")
    import os
    os._exit(0)
"""


def _seconds(code: str, *arguments: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code, *arguments], check=True)
    return time.perf_counter() - began


def _drop_caches() -> bool:
    os.sync()
    try:
        Path("/proc/sys/vm/drop_caches").write_text("3")
    except OSError:
        return False
    return True


def run(folder: Path) -> None:
    small = fill.house(folder / "start", badges=100)
    for name, prepare in (("warm", lambda: True), ("cold", _drop_caches)):
        if not prepare():
            print("skip  cold start: the page cache cannot be dropped here (needs root)")
            continue
        imports: list[float] = []
        first: list[float] = []
        for _ in range(_ROUNDS if name == "warm" else 5):
            prepare()
            imports.append(_seconds(_IMPORTS))
            prepare()
            first.append(_seconds(_FIRST, str(small)))
        note = f"{median(first) * 1000:.0f} ms / {median(imports) * 1000:.0f} ms"
        said(
            f"{name} start to first decision / import gpiozero, sqlite3",
            median(first) / median(imports),
            2.5,
            note,
        )


def run_memory(folder: Path) -> None:
    data = folder / "memory" / "data"
    data.parent.mkdir(parents=True, exist_ok=True)
    demo = Demo(data)
    try:
        with contextlib.suppress(Exception):
            demo.tap()
        door = demo.service("door")
        bridges = [int(pid) for pid in _children(door)]
        total = proc_status(door, "VmRSS") + proc_status(bridges[0], "VmRSS")
        said("door process with one reader, MB", total, 64)
        said("web process, MB", proc_status(demo.service("web"), "VmRSS"), 80)
    finally:
        demo.stop()


def _children(process: int) -> list[str]:
    return Path(f"/proc/{process}/task/{process}/children").read_text().split() or [
        folder.name
        for folder in Path("/proc").glob("[0-9]*")
        if (folder / "stat").exists()
        and (folder / "stat").read_text().rsplit(")", 1)[1].split()[1] == str(process)
    ]


__all__ = ["run", "run_memory", "running_web"]
