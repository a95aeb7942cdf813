"""Taps beside bare commits: idle, with a million badges, and while the web does all it can."""

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from tests.benchmarks import fill, tap, units
from tests.benchmarks.export import _page
from tests.benchmarks.measure import median, micro, p99, print_ratio
from tests.benchmarks.web_side import Web, running_web

_IMPORT = 50_000  # badges in each import; a log of fewer records gets smaller ones
_PAGES = 3  # browsers that ask again as soon as they are answered
_TURNS = 3
_DOOR = units.joining("genkan-door.service")


def _taps(folder: Path, count: int, badges: int) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.tap", str(folder), str(count), str(badges)],
        stdout=subprocess.PIPE,
        check=True,
        preexec_fn=_DOOR,
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def run(folder: Path, badges: int, events: int, count: int = 600, turns: int = _TURNS) -> None:
    small = fill.site(folder / "taps-100", badges=100, config_text=tap.CONFIG)
    large = fill.site(folder / f"taps-{badges}", badges=badges, config_text=tap.CONFIG)
    few, many = _in_turn((small, 100), (large, badges), count, turns)
    print(f"      tap {micro(few['ours'])}    bare commit {micro(few['bare'])}")
    print_ratio("tap→relay / bare commit, median", median(few["ours"]) / median(few["bare"]), 2.0)
    print_ratio("tap→relay / bare commit, p99", p99(few["ours"]) / p99(few["bare"]), 2.0)
    print_ratio(
        f"tap→relay with {badges:,} badges / with 100, median",
        median(many["ours"]) / median(few["ours"]),
        1.2,
    )
    print_ratio(f"door memory with {badges:,} badges / with 100", many["rss_mb"] / few["rss_mb"], 1.5)
    loaded = _under_load(folder, events, count)
    print(f"      tap {micro(loaded['ours'])}    bare commit {micro(loaded['bare'])}   under load")
    print_ratio(
        "tap→relay under load / bare commit under load, p99", p99(loaded["ours"]) / p99(loaded["bare"]), 1.5
    )
    print_ratio("tap→relay under load / idle, p99", p99(loaded["ours"]) / p99(few["ours"]), 2.0)


def _in_turn(
    small: tuple[Path, int], large: tuple[Path, int], count: int, turns: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Alternate between the two sites, so that other load of the machine affects both."""
    sides: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
    for _ in range(turns):
        for side, (site, badges) in zip(sides, (small, large), strict=True):
            for name, found in _taps(site, count // turns, badges).items():
                side[name] = side.get(name, []) + found if isinstance(found, list) else found
    return sides


def _under_load(folder: Path, events: int, count: int) -> dict[str, Any]:
    """Pages flat out, an export of the whole log and an import of many badges, again and again."""
    large = fill.site(folder / f"taps-load-{events}", badges=1000, events=events, config_text=tap.CONFIG)
    with running_web(large) as web:
        ended = threading.Event()
        workers = [threading.Thread(target=_pages, args=(web, ended)) for _ in range(_PAGES)]
        workers.append(threading.Thread(target=_exports, args=(web, ended)))
        workers.append(threading.Thread(target=_imports, args=(web, ended, min(_IMPORT, events // 10))))
        for worker in workers:
            worker.start()
        try:
            return _taps(large, count, 1000)
        finally:
            ended.set()
            for worker in workers:
                worker.join()


def _pages(web: Web, ended: threading.Event) -> None:
    units.rest()
    line = web.connect()
    while not ended.is_set():
        web.over_http(line, "GET", "/log?result=all")
    line.close()


def _exports(web: Web, ended: threading.Event) -> None:
    units.rest()
    while not ended.is_set():
        _page(web)


def _imports(web: Web, ended: threading.Event, badges: int) -> None:
    units.rest()
    batch = 0
    while not ended.is_set():
        batch += 1
        rows = "".join(
            f"Import {batch} {i},{0x0116000000000000 + batch * 100_000 + i:016X}\r\n" for i in range(badges)
        )
        web.publish(("name,idm\r\n" + rows).encode())
