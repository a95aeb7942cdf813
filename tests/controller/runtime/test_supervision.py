"""Threads that end when asked, and one that does not."""

import threading

from controller.runtime.supervision import Supervision, done_within
from tests.waiting import until


class Turning:
    """Goes round until it is asked to end; `held` stops it in the midst of a round."""

    def __init__(self) -> None:
        self.beat = 0
        self.free = threading.Event()
        self.free.set()
        self._ends = threading.Event()

    def run(self) -> None:
        while not self._ends.wait(0.001):
            self.beat += 1
            self.free.wait()

    def stop(self) -> None:
        self._ends.set()


def test_worker_that_hangs_is_named_and_the_others_end():
    workers = {"decide": Turning(), "record": Turning()}
    supervision = Supervision(workers, proofs=())
    supervision.start()
    workers["record"].free.clear()
    until(lambda: not supervision.goes_round("record", 0.05), what="it hangs")
    assert supervision.goes_round("decide", 60)
    supervision.stop("decide", "record", seconds=0.1)
    until(lambda: supervision.running == ["record"])
    workers["record"].free.set()
    until(lambda: supervision.running == [])
    assert supervision.goes_round("record", 0), "one that has ended is not waited for"


def test_workers_that_never_began_are_no_reason_to_wait():
    supervision = Supervision({"record": Turning()}, proofs=())
    supervision.stop("record", seconds=60)
    assert supervision.running == []


def test_works_are_done_at_the_same_time():
    both = threading.Barrier(2)
    assert done_within(60, [lambda: _pass(both), lambda: _pass(both)])


def test_work_that_hangs_is_waited_for_no_longer_than_the_limit():
    free = threading.Event()
    assert not done_within(0.05, [lambda: _pass(free)])
    free.set()


def _pass(gate: threading.Barrier | threading.Event) -> None:
    gate.wait()
