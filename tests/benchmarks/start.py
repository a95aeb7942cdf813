"""From nothing to the first relay, beside what it imports; with a full log, beside an empty one.

And the memory of the idle services.
"""

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.benchmarks import fill
from tests.benchmarks.measure import median, print_ratio, proc_status
from tests.benchmarks.web_side import running_web
from tests.scenarios.demo import USUAL_PROGRAM, Demo
from tests.web.client import Client

_ROUNDS = 15
_IMPORTS = "import gpiozero, sqlite3"
# The process from its first instruction: the command's own modules, the whole service, one card, its pin.
_FIRST = """
import contextlib, gc, sys, threading
gc.disable()
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
    service.on_reader_signal(CardPresented("entrance-in", CardNumber.parse("0101031284C0FFEE")))
    if not moved.wait(10):
        sys.exit("no decision")
    import os
    if len(sys.argv) > 2:
        with open(sys.argv[2], "w") as listed:
            listed.write("\\n".join(sys.modules))
    os._exit(0)
"""
# The same modules in the same order, and nothing else.
_IMPORT_ALL = """
import contextlib, importlib, sys
with open(sys.argv[1]) as listed:
    for name in listed.read().split():
        if name not in sys.modules and name != "__main__":
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
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


def run(folder: Path, full: int, rounds: int = _ROUNDS) -> None:
    """`full` is how many records the full log holds."""
    small = fill.site(folder / "start", badges=100)
    large = fill.site(folder / f"start-{full}", badges=100, events=full)
    modules = folder / "start-modules"
    for site in (small, large):  # the first start of a new site copies its registry and more
        _seconds(_FIRST, str(site))
    _seconds(_FIRST, str(small), str(modules))
    for name, prepare in (("warm", lambda: True), ("cold", _drop_caches)):
        if not prepare():
            print("skip  cold start: the page cache cannot be dropped here (needs root)")
            continue
        sides: dict[str, tuple[str, ...]] = {
            "gpiozero": (_IMPORTS,),
            "imports": (_IMPORT_ALL, str(modules)),
            "empty": (_FIRST, str(small)),
            "full": (_FIRST, str(large)),
        }
        took: dict[str, list[float]] = {side: [] for side in sides}
        for _ in range(rounds if name == "warm" else max(1, rounds // 3)):
            for side, words in sides.items():
                prepare()
                took[side].append(_seconds(*words))
        middle = {side: median(times) for side, times in took.items()}
        for what, side, beside, goal in (
            ("first relay / importing what it imports", "empty", "imports", 1.5),
            ("first relay / import gpiozero, sqlite3", "empty", "gpiozero", 2.5),
            (f"first relay with {full:,} records / with an empty log", "full", "empty", 1.5),
        ):
            note = f"{middle[side] * 1000:.0f} ms / {middle[beside] * 1000:.0f} ms"
            print_ratio(f"{name} start to {what}", middle[side] / middle[beside], goal, note)


def run_memory(folder: Path) -> None:
    data = folder / "memory" / "data"
    data.parent.mkdir(parents=True, exist_ok=True)
    demo = Demo(data, program=USUAL_PROGRAM)
    try:
        with contextlib.suppress(Exception):
            demo.tap()
        door = demo.service("door")
        # A bridge whose cards may have to prove keys imports more, so each kind has its own figure.
        bridges = {_proves_keys(pid): proc_status(pid, "VmRSS") for pid in map(int, _children(door))}
        alone = proc_status(door, "VmRSS")
        print_ratio("door process with one reader of numbers, MB", alone + bridges[False], 64)
        print_ratio("door process with one reader that proves keys, MB", alone + bridges[True], 80)
        print_ratio("registrar process, MB", proc_status(demo.service("registrar"), "VmRSS"), 50)
        _set_up(demo)
        peak = proc_status(demo.service("registrar"), "VmHWM")
        print_ratio("registrar process while it hashed a password, MB", peak, 50)
        print_ratio("web process, MB", proc_status(demo.service("web"), "VmRSS"), 80)
    finally:
        demo.stop()


def _set_up(demo: Demo) -> None:
    password = "the badge opens the door at nine"
    fields = {"code": demo.set_up_code, "name": "anna", "display_name": "Anna"}
    answer = Client(demo.port).post("/set-up", fields | {"password": password, "password_again": password})
    if answer.status != 303:
        raise SystemExit(f"/set-up: {answer.status}")


def _proves_keys(process: int) -> bool:
    return b"--proofs" in Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")


def _children(process: int) -> list[str]:
    return Path(f"/proc/{process}/task/{process}/children").read_text().split() or [
        folder.name
        for folder in Path("/proc").glob("[0-9]*")
        if (folder / "stat").exists()
        and (folder / "stat").read_text().rsplit(")", 1)[1].split()[1] == str(process)
    ]


__all__ = ["run", "run_memory", "running_web"]
