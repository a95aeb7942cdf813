"""What the Merkle tree costs an append: the growing frontier and the stored nodes, beside a bare one."""

import time
from pathlib import Path

from controller.journal.append import Journal
from controller.journal.writing import Writing
from tests.benchmarks.measure import median, print_ratio
from tests.controller.journal.samples import grant

_BEFORE = 5000
_ROUNDS = 3000


def run(folder: Path, rounds: int = _ROUNDS) -> None:
    """The same appends to two journals in turn; in one of them the tree is left out."""
    journals = [_journal(folder / "tree" / name) for name in ("with", "without")]
    took: list[list[float]] = [[], []]
    event = grant(_BEFORE)
    for _ in range(rounds):
        for tree, journal in enumerate(journals):
            if tree:
                _without_tree(journal.writing)
            began = time.perf_counter_ns()
            journal.append([event])
            took[tree].append(time.perf_counter_ns() - began)
            journal.empty_wal_if_idle()
    for journal in journals:
        journal.close()
    grown, bare = median(took[0]), median(took[1])
    print_ratio(
        "append with tree / durable append",
        grown / bare,
        1.05,
        f"{grown / 1000:.0f} µs / {bare / 1000:.0f} µs",
    )


def _without_tree(writing: Writing) -> None:
    writing.frontier = None


def _journal(folder: Path) -> Journal:
    folder.mkdir(parents=True, exist_ok=True)
    journal = Journal.open(folder / "journal.db", "bench")
    if journal.newest_seq < _BEFORE:
        journal.append([grant(i) for i in range(_BEFORE)])
    return journal
