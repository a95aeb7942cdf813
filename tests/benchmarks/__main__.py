"""`make bench`: every figure as a ratio, both sides in one run. About ten minutes on an idle machine.

`python -m tests.benchmarks [--folder DIR] [--small] [taps|pages|export|start|memory|verify …]`; --small tries
the benchmark itself with small logs and few rounds, in a minute: its ratios say little. A part that breaks
ends the program with a status that is not 0; a goal that is not reached does not.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.benchmarks import (
    decide,
    effect,
    export,
    felica,
    osdp,
    pages,
    presence,
    readers,
    revival,
    start,
    taps,
    tree,
    verify,
)

PARTS = (
    "taps",
    "decide",
    "pages",
    "export",
    "start",
    "memory",
    "tree",
    "verify",
    "osdp",
    "felica",
    "readers",
    "revival",
    "presence",
    "effect",
)

# With --small these run beside each other. Parts that fill the same folder are in one group.
_GROUPS = (("taps", "start"), ("pages", "export"), ("revival", "decide"), ("readers", "osdp", "memory"))


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all when none is named"
    )
    parser.add_argument("--folder", type=Path, help="where the large logs are kept between runs")
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--in-turn", action="store_true", help=argparse.SUPPRESS)  # one part after the other
    values = parser.parse_args()
    if unknown := set(values.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory(prefix="genkan-bench-") as temporary:
        parts, folder = values.parts or PARTS, values.folder or Path(temporary)
        if values.small and len(parts) > 1 and not values.in_turn:
            sys.exit(_side_by_side(parts, folder))
        run(parts, folder, small=values.small)


def _side_by_side(parts: Sequence[str], folder: Path) -> int:
    """Groups of parts at the same time: their ratios say nothing, but all of them run within a minute."""
    groups = [[part for part in group if part in parts] for group in _GROUPS]
    rest = [part for part in parts if not any(part in group for group in _GROUPS)]
    program = [sys.executable, "-m", "tests.benchmarks", "--small", "--in-turn", "--folder", str(folder)]
    running = [
        (group, subprocess.Popen([*program, *group], stdout=subprocess.PIPE, stderr=subprocess.STDOUT))
        for group in [*groups, rest]
        if group
    ]
    with ThreadPoolExecutor(len(running)) as readers:
        outputs = list(readers.map(lambda one: one[1].communicate()[0].decode(), running))
    for output in outputs:
        print(output, end="", flush=True)
    broken = [" ".join(group) for group, process in running if process.returncode]
    if broken:
        print(f"broken, in one of: {'; '.join(broken)}", file=sys.stderr)
    return 1 if broken else 0


def run(parts: Sequence[str], folder: Path, *, small: bool) -> None:
    """A part that breaks raises, and the program ends with a status that is not 0."""
    size = 10_000 if small else 1_000_000
    works: dict[str, Callable[[], None]] = {
        "taps": lambda: taps.run(folder, size, size, *((20, 1) if small else (600, 3))),
        "decide": lambda: decide.run(*((100, 1000) if small else (4000, 100_000))),
        "pages": lambda: pages.run(folder, size, 2 if small else 60),
        "export": lambda: export.run(folder, size, 1 if small else 3),
        "start": lambda: start.run(folder, size if small else 1_100_000, 1 if small else 15),
        "memory": lambda: start.run_memory(folder),
        "tree": lambda: tree.run(folder, 100 if small else 3000),
        "verify": lambda: verify.run(folder, size, 1 if small else 3),
        "osdp": lambda: osdp.run(10 if small else 400),
        "felica": lambda: felica.run(20 if small else 500),
        "readers": lambda: readers.run(3 if small else 200, 1 if small else 10),
        "revival": lambda: revival.run(1 if small else 50, 0 if small else 4),
        "presence": lambda: presence.run(folder, size),
        "effect": lambda: effect.run(folder, 1 if small else 50),
    }
    for part in parts:
        print(f"\n{part}", flush=True)
        works[part]()


if __name__ == "__main__":
    main()
