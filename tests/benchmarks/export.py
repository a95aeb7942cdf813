"""The page's CSV export of a large log beside the sqlite3 command line writing the same columns and times."""

import subprocess
import threading
import time
import urllib.parse
from pathlib import Path

from controller.config import load
from controller.journal.append import Journal
from controller.model.events import Event, EventType
from controller.runtime.clock import Clock
from tests.benchmarks import fill
from tests.benchmarks.measure import median, print_ratio, proc_status
from tests.benchmarks.web_side import Web, running_web

# What the export shows: number, local time with offset, person, badge, door, point, direction, type, result,
# reason, count, operator.
_SQL = """
SELECT seq, strftime('%Y-%m-%d %H:%M:%S', json_extract(body, '$.utc'), '+9 hours') || '+09:00',
  json_extract(details, '$.name'), json_extract(details, '$.last_four'), json_extract(body, '$.door'),
  json_extract(body, '$.access_point'), json_extract(body, '$.direction'), json_extract(body, '$.type'),
  json_extract(body, '$.result'), json_extract(body, '$.reason'), json_extract(body, '$.count'),
  coalesce(json_extract(details, '$.operator'), json_extract(body, '$.actor')) FROM events ORDER BY seq;
"""
_ROUNDS = 3


def run(folder: Path, size: int, rounds: int = _ROUNDS) -> None:
    large = fill.site(folder / f"log-{size}", events=size)
    tool: list[float] = []
    ours: list[float] = []
    with running_web(large) as web:
        web.request("GET", "/log?result=all")
        before = proc_status(web.process.pid, "VmRSS")
        for _ in range(rounds):
            tool.append(_tool(large))
            ours.append(_page(web))
        grown = proc_status(web.process.pid, "VmHWM") - before
        wal = _while_the_door_writes(web)
    note = f"{median(ours):.2f} s / {median(tool):.2f} s"
    print_ratio(f"CSV of {size:,} records / sqlite3 command line", median(ours) / median(tool), 1.0, note)
    print_ratio("web memory during the export, MB", grown, 32)
    print_ratio("WAL during an export with 100 events/s, MiB", wal, 16)


def _tool(folder: Path) -> float:
    began = time.perf_counter()
    with open(folder / "tool.csv", "wb") as target:
        subprocess.run(
            ["sqlite3", "-readonly", "-csv", str(folder / "journal" / "journal.db"), _SQL],
            stdout=target,
            check=True,
        )
    return time.perf_counter() - began


def _page(web: Web) -> float:
    began = time.perf_counter()
    line = web.connect()
    headers = {
        "Cookie": web.cookie,
        "Origin": f"http://127.0.0.1:{web.port}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    line.request("POST", "/log/export", urllib.parse.urlencode({"result": "all"}), headers)
    answer = line.getresponse()
    if answer.status != 200:
        raise SystemExit(f"/log/export: {answer.status}")
    with open(web.folder / "ours.csv", "wb") as target:
        while piece := answer.read(1 << 16):
            target.write(piece)
    line.close()
    return time.perf_counter() - began


def _while_the_door_writes(web: Web) -> float:
    """The most the WAL grew to, in MiB, while a door appends 100 records a second."""
    config = load(web.folder / "genkan.toml")
    wal = config.data / "journal" / "journal.db-wal"
    most, ended, clock, pause = 0, threading.Event(), Clock(), threading.Event()
    exporting = threading.Thread(target=lambda: (_page(web), ended.set()))
    with Journal.open(config.data / "journal" / "journal.db", config.version) as journal:
        exporting.start()
        while not ended.is_set():
            journal.append([Event(EventType.DOOR_OPENED, clock.now(), door="entrance")])
            journal.empty_wal_if_idle()
            most = max(most, wal.stat().st_size)
            pause.wait(0.01)
        exporting.join()
    return most / 2**20
