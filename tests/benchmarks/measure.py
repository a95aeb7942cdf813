"""Samples in nanoseconds, and their summary."""

import statistics
from collections.abc import Sequence


def median(samples: Sequence[float]) -> float:
    return statistics.median(samples)


def p99(samples: Sequence[float]) -> float:
    return sorted(samples)[min(len(samples) - 1, int(len(samples) * 0.99))]


def micro(samples: Sequence[float]) -> str:
    return f"p50 {median(samples) / 1000:7.0f} µs   p99 {p99(samples) / 1000:7.0f} µs"


def print_ratio(what: str, ratio: float, goal: float, note: str = "") -> None:
    """One line of the result: the ratio, the figure it is held against, and both sides."""
    verdict = "ok  " if ratio <= goal else "OVER"
    print(f"{verdict} {ratio:6.2f}  (goal {goal:4.2f})  {what}  {note}", flush=True)


def proc_status(process: int | str, field: str) -> float:
    """A field of /proc/PID/status in MB, such as VmRSS or VmHWM."""
    with open(f"/proc/{process}/status") as status:
        for line in status:
            if line.startswith(field + ":"):
                return int(line.split()[1]) / 1024
    raise LookupError(field)
