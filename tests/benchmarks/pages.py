"""The entry-log page with 1,000,000 records beside 10,000: any depth, any filter; and what 100 rows take."""

import time
import urllib.parse
from pathlib import Path

from tests.benchmarks import fill
from tests.benchmarks.measure import median, print_ratio
from tests.benchmarks.web_side import Web, running_web

GOAL = 1.2
MS_GOAL = 10.0  # a full page of 100 rows, once its template is compiled
_FULL = 101  # its rows, the titles among them
_ROUNDS = 60
_FILTERS: dict[str, dict[str, str]] = {
    "everything": {"result": "all"},
    "entries": {},
    "refused": {"result": "denied"},
    "one person": {"person": f"{7:016x}"},
    "one person, refused": {"person": f"{7:016x}", "result": "denied"},
    "one door, entries": {"door": "entrance"},
    "one day": {"day": "2025-01-03", "result": "all"},
    "one person, one door, one day": {"person": f"{7:016x}", "door": "entrance", "day": "2025-01-03"},
}
_DEPTHS = {"newest": None, "half way down": 0.5, "near the end": 0.35}


def _path(size: int, depth: float | None, fields: dict[str, str]) -> str:
    where = {} if depth is None else {"before": str(max(2, int(size * depth)))}
    return "/log?" + urllib.parse.urlencode(fields | where)


def run(folder: Path, size: int, rounds: int = _ROUNDS) -> None:
    small = fill.site(folder / "log-10k", events=10_000)
    large = fill.site(folder / f"log-{size}", events=size)
    with running_web(small) as few, running_web(large) as many:
        for name, fields in _FILTERS.items():
            for depth, share in _DEPTHS.items():
                paths = _path(10_000, share, fields), _path(size, share, fields)
                rows = [
                    web.request("GET", path).count(b"<tr")
                    for web, path in zip((few, many), paths, strict=True)
                ]
                if rows[0] != rows[1]:
                    print(f"skip  {name}, {depth}: {rows[0]} rows in the small log, {rows[1]} in the other")
                    continue
                times = _alternate(few, paths[0], many, paths[1], rounds)
                note = f"{median(times[1]) / 1e6:.1f} ms / {median(times[0]) / 1e6:.1f} ms, {rows[0]} rows"
                print_ratio(f"page, {name}, {depth}", median(times[1]) / median(times[0]), GOAL, note)
                if rows[0] >= _FULL:
                    print_ratio(f"page, {name}, {depth}, in ms", median(times[1]) / 1e6, MS_GOAL)


def _alternate(
    few: Web, few_path: str, many: Web, many_path: str, rounds: int
) -> tuple[list[int], list[int]]:
    times: tuple[list[int], list[int]] = ([], [])
    lines = [few.connect(), many.connect()]
    warm_up = min(5, rounds)
    for round_ in range(rounds + warm_up):
        for index, (web, path) in enumerate(((few, few_path), (many, many_path))):
            began = time.perf_counter_ns()
            web.over_http(lines[index], "GET", path)
            if round_ >= warm_up:
                times[index].append(time.perf_counter_ns() - began)
    for line in lines:
        line.close()
    return times
