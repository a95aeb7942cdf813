"""Taps beside bare commits: idle, with a million badges, and while the web does all it can."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from tests.benchmarks import fill
from tests.benchmarks.export import _page
from tests.benchmarks.measure import median, micro, p99, said
from tests.benchmarks.web_side import Web, running_web

_TAPS = 1500
_PAGES = 3  # browsers that ask again as soon as they are answered


def _taps(folder: Path, count: int = _TAPS) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.tap", str(folder), str(count)],
        stdout=subprocess.PIPE,
        check=True,
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def run(folder: Path, badges: int, events: int) -> None:
    few = _taps(fill.house(folder / "badges-100", badges=100))
    many = _taps(fill.house(folder / f"badges-{badges}", badges=badges))
    print(f"      tap {micro(few['ours'])}    bare commit {micro(few['bare'])}")
    said("tap→relay / bare commit, median", median(few["ours"]) / median(few["bare"]), 2.0)
    said("tap→relay / bare commit, p99", p99(few["ours"]) / p99(few["bare"]), 2.0)
    said(
        f"tap→relay with {badges:,} badges / with 100, median",
        median(many["ours"]) / median(few["ours"]),
        1.2,
    )
    said(f"door memory with {badges:,} badges / with 100", many["rss_mb"] / few["rss_mb"], 1.5)
    loaded = _under_load(folder, events)
    print(f"      tap {micro(loaded['ours'])}    bare commit {micro(loaded['bare'])}   under load")
    said("tap→relay under load / bare commit under load, p99", p99(loaded["ours"]) / p99(loaded["bare"]), 1.5)
    said("tap→relay under load / idle, p99", p99(loaded["ours"]) / p99(few["ours"]), 2.0)


def _under_load(folder: Path, events: int) -> dict[str, Any]:
    """Pages flat out, an export of the whole log and an import of 50,000 badges, again and again."""
    large = fill.house(folder / f"load-{events}", badges=1000, events=events)
    with running_web(large) as web:
        over = threading.Event()
        workers = [threading.Thread(target=_pages, args=(web, over)) for _ in range(_PAGES)]
        workers.append(threading.Thread(target=_exports, args=(web, over)))
        workers.append(threading.Thread(target=_imports, args=(web, over)))
        # The browsers would be other machines: they give way to the door as the web service does.
        for worker in workers:
            worker.start()
        try:
            return _taps(large)
        finally:
            over.set()
            for worker in workers:
                worker.join()


def _yield_to_the_door() -> None:
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def _pages(web: Web, over: threading.Event) -> None:
    _yield_to_the_door()
    line = web.connect()
    while not over.is_set():
        web.over(line, "GET", "/log?result=all")
    line.close()


def _exports(web: Web, over: threading.Event) -> None:
    _yield_to_the_door()
    while not over.is_set():
        _page(web)


def _imports(web: Web, over: threading.Event) -> None:
    _yield_to_the_door()
    batch = 0
    while not over.is_set():
        batch += 1
        rows = "".join(
            f"Import {batch} {i},{0x0116000000000000 + batch * 100_000 + i:016X}\r\n" for i in range(50_000)
        )
        web.publish(("name,idm\r\n" + rows).encode())
