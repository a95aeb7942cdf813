"""One rehearsal in the background: watched, left, kept for a while."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from controller.errors import GenkanError, NotPermitted
from controller.model.operators import OperatorRole
from controller.services.rules.rehearsal_result import RehearsalResult, RehearsalStopped, Watch
from tests.sample_site import ADMIN, NOW
from tests.waiting import until
from web.frame.rehearsal_job import KEPT_FOR, RehearsalJob, Run, Running

SUPERVISOR = replace(ADMIN, id="supervisor", role=OperatorRole.SUPERVISOR)
FOUND = RehearsalResult(NOW.utc, 1, 7, 0, 0, (), {})


class Stage:
    """Rehearsals that go on when the test says so."""

    def __init__(self) -> None:
        self.now = NOW.utc
        self.job = RehearsalJob(lambda: self.now, short_wait_s=0.01)
        self.go_on = threading.Event()
        self.begun: list[str] = []
        self.ended: list[str] = []

    def prepare(self, name: str) -> Run:
        def run(watch: Watch) -> RehearsalResult:
            self.begun.append(name)
            try:
                while not self.go_on.is_set():
                    if watch(40):
                        raise RehearsalStopped("left")
                return FOUND
            finally:
                self.ended.append(name)

        return run

    def get(self, name: str) -> RehearsalResult | Running:
        return self.job.get((name,), ADMIN, lambda: self.prepare(name))


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.go_on.set()
    stage.job.close()


def test_rehearsal_goes_on_while_nobody_watches_and_its_result_is_kept(stage: Stage) -> None:
    assert isinstance(stage.get("draft"), Running)
    until(lambda: stage.job.running(("draft",)) == Running(40, ADMIN))
    stage.go_on.set()
    until(lambda: stage.job.running(("draft",)) is None)
    assert stage.get("draft") is FOUND
    stage.now += KEPT_FOR - timedelta(seconds=1)
    assert stage.get("draft") is FOUND and stage.begun == ["draft"]
    stage.now += timedelta(seconds=1)
    stage.get("draft")
    assert stage.begun == ["draft"] * 2


def test_only_one_rehearsal_runs_at_a_time(stage: Stage) -> None:
    threads = [threading.Thread(target=stage.get, args=("draft",)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert stage.begun == ["draft"]
    assert isinstance(stage.get("edited draft"), Running)
    until(lambda: (stage.begun, stage.ended) == (["draft", "edited draft"], ["draft"]))


def test_rehearsal_that_is_stopped_has_ended_and_leaves_nothing(stage: Stage) -> None:
    stage.get("draft")
    until(lambda: stage.begun == ["draft"])
    stage.job.stop(ADMIN)
    assert stage.job.running(("draft",)) is None
    until(lambda: stage.ended == ["draft"])
    assert isinstance(stage.get("draft"), Running)
    until(lambda: stage.begun == ["draft", "draft"])


def test_slow_preparation_holds_up_neither_progress_nor_a_stop(stage: Stage) -> None:
    def prepare() -> Run:
        stage.begun.append("preparing")
        stage.go_on.wait(60)
        return stage.prepare("draft")

    assert stage.job.get(("draft",), ADMIN, prepare) == Running(0, ADMIN)
    until(lambda: stage.begun == ["preparing"])
    assert stage.get("draft") == Running(0, ADMIN)
    stage.job.stop(ADMIN)
    assert stage.job.running(("draft",)) is None


def test_rehearsal_is_stopped_by_who_started_it_or_may_publish_rules(stage: Stage) -> None:
    stage.job.get(("draft",), SUPERVISOR, lambda: stage.prepare("draft"))
    with pytest.raises(NotPermitted):
        stage.job.stop(replace(SUPERVISOR, id="another"))
    assert stage.job.running(("draft",)) is not None
    stage.job.stop(ADMIN)
    assert stage.job.running(("draft",)) is None
    stage.job.get(("draft",), SUPERVISOR, lambda: stage.prepare("draft"))
    stage.job.stop(SUPERVISOR)
    assert stage.job.running(("draft",)) is None


def test_failure_that_is_reported_late_leaves_the_next_rehearsal_alone(stage: Stage) -> None:
    """Two pages wait for one rehearsal; it fails, and the first of them starts the next one."""

    def broken(watch: Watch) -> RehearsalResult:
        stage.go_on.wait(60)
        raise GenkanError("The log cannot be read.")

    def late() -> None:
        with pytest.raises(GenkanError):
            stage.job.get(("draft",), ADMIN, lambda: broken)

    threads = [threading.Thread(target=late) for _ in range(2)]
    stage.job.short_wait_s = 60
    for thread in threads:
        thread.start()
    until(lambda: stage.job.running(("draft",)) is not None)
    stage.go_on.set()
    for thread in threads:
        thread.join(60)
    assert stage.get("draft") is FOUND
    assert stage.get("draft") is FOUND and stage.begun == ["draft"]


def test_rehearsal_that_fails_says_why_once_and_can_be_begun_again(stage: Stage) -> None:
    def broken(watch: Watch) -> RehearsalResult:
        raise GenkanError("The log cannot be read.")

    with pytest.raises(GenkanError, match="cannot be read"):
        until(lambda: not isinstance(stage.job.get(("draft",), ADMIN, lambda: broken), Running))
    stage.go_on.set()
    until(lambda: stage.get("draft") is FOUND)
