"""`make bench`: every figure as a ratio, both sides in one run. About ten minutes on an idle machine.

`python -m tests.benchmarks [--folder DIR] [--small] [taps|pages|export|start|memory|verify …]`; --small tries
the benchmark itself with small logs.
"""

import argparse
import tempfile
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


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all when none is named"
    )
    parser.add_argument("--folder", type=Path, help="where the large logs are kept between runs")
    parser.add_argument("--small", action="store_true")
    values = parser.parse_args()
    if unknown := set(values.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    size = 20_000 if values.small else 1_000_000
    with tempfile.TemporaryDirectory(prefix="genkan-bench-") as temporary:
        folder = values.folder or Path(temporary)
        for part in values.parts or PARTS:
            print(f"\n{part}", flush=True)
            if part == "taps":
                taps.run(folder, size, size)
            elif part == "decide":
                decide.run()
            elif part == "pages":
                pages.run(folder, size)
            elif part == "export":
                export.run(folder, size)
            elif part == "start":
                start.run(folder)
            elif part == "memory":
                start.run_memory(folder)
            elif part == "tree":
                tree.run(folder)
            elif part == "presence":
                presence.run(folder, size)
            elif part == "effect":
                effect.run(folder, 5 if values.small else 50)
            elif part == "osdp":
                osdp.run(50 if values.small else 400)
            elif part == "readers":
                readers.run(40 if values.small else 200)
            elif part == "revival":
                revival.run(5 if values.small else 50)
            elif part == "felica":
                felica.run(100 if values.small else 500)
            else:
                verify.run(folder, size)


if __name__ == "__main__":
    main()
