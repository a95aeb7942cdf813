"""The power fails after any operation, and unsynced writes are dropped, torn or reordered."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults import trace
from tests.faults.journal_check import problem
from tests.faults.replay import Found, replay
from tests.faults.watched import Watched

EVENTS = 130
IMAGES = 1500

Begin = Callable[..., Watched]


def cut(watched: Begin, memory: Path, every: int, **words: object) -> tuple[Found, Counter[str]]:
    """After each so-manieth operation of the workload."""
    journal = watched(trace=True)
    journal.run("journal_workload", events=EVENTS, **words)
    found = replay(journal.trace, problem, memory / "images", every=every)
    return found, Counter(operation.kind for operation in trace.read(journal.trace))


@pytest.mark.parametrize("every", [2, pytest.param(1, marks=[pytest.mark.long, pytest.mark.timeout(900)])])
def test_power_cut_at_any_operation_loses_no_acknowledged_entry(
    watched: Begin, memory: Path, every: int
) -> None:
    found, operations = cut(watched, memory, every)
    print(f"\n{found.images} images, {found.looked_at} looked at, {len(found.problems)} bad; {operations}")
    assert not found.problems[:3]
    assert found.images >= IMAGES
    assert operations["A"] == EVENTS
    assert min(operations[kind] for kind in "CRU") >= 4  # key files and archives, beside the journal itself


@pytest.mark.parametrize("control", [{"synchronous": "NORMAL"}, {"release": "before"}])
def test_harness_sees_what_a_door_that_does_it_wrong_loses(
    watched: Begin, memory: Path, control: dict[str, str]
) -> None:
    """The negative control: a harness that finds nothing here would prove nothing above."""
    found, _ = cut(watched, memory, 5, **control)
    lost = [problem for problem in found.problems if "acknowledged entries are lost" in problem]
    print(f"\n{control}: {len(lost)} of {found.images} images lost acknowledged entries")
    assert len(lost) > found.images / 4
