"""A1: the power fails after any operation, and whatever was not synced is dropped, torn or reordered."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.faults import trace
from tests.faults.journal_check import problem
from tests.faults.replay import Found, replay
from tests.faults.watched import Watched

EVENTS = 130
IMAGES = 1500

Begin = Callable[..., Watched]


def cut_at_every_operation(watched: Begin, memory: Path, **words: object) -> tuple[Found, Watched]:
    journal = watched(trace=True)
    journal.run("journal_workload", events=EVENTS, **words)
    return replay(journal.trace, problem, memory / "images"), journal


def test_power_cut_at_any_operation_loses_no_acknowledged_event(watched: Begin, memory: Path) -> None:
    found, journal = cut_at_every_operation(watched, memory)
    operations = Counter(operation.kind for operation in trace.read(journal.trace))
    print(f"\n{found.images} images, {found.looked_at} looked at, {len(found.problems)} bad; {operations}")
    assert not found.problems[:3]
    assert found.images >= IMAGES
    assert operations["A"] == EVENTS


def test_harness_sees_what_synchronous_normal_loses(watched: Begin, memory: Path) -> None:
    found, _ = cut_at_every_operation(watched, memory, synchronous="NORMAL")
    lost = [problem for problem in found.problems if "acknowledged events are lost" in problem]
    print(f"\nsynchronous=NORMAL: {len(lost)} of {found.images} images lost acknowledged events")
    assert len(lost) > found.images / 4


def test_harness_sees_what_is_released_before_it_is_recorded(watched: Begin, memory: Path) -> None:
    found, _ = cut_at_every_operation(watched, memory, release="before")
    lost = [problem for problem in found.problems if "acknowledged events are lost" in problem]
    print(f"\nrecord after release: {len(lost)} of {found.images} images lost acknowledged events")
    assert len(lost) > found.images / 4
