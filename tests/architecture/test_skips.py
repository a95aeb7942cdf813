"""Under CI a skip is a failure, except for what a runner may lack."""

import pytest

from tests.conftest import _refuse_skip


def skipped(reason: str) -> pytest.TestReport:
    place = ("test_x.py", 1, f"Skipped: {reason}")
    return pytest.TestReport("test_x.py::test_y", ("test_x.py", 1, "test_y"), {}, "skipped", place, "call")


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        ("needs Chromium: apt-get install chromium", "failed"),
        ("gcc is missing", "failed"),
        ("needs root to give a folder away", "skipped"),
        ("needs a mount: loop devices", "skipped"),
    ],
)
def test_skip_in_ci_fails_unless_it_needs_root_or_a_mount(
    monkeypatch: pytest.MonkeyPatch, reason: str, outcome: str
) -> None:
    monkeypatch.setenv("CI", "true")
    report = skipped(reason)
    _refuse_skip(report)
    assert report.outcome == outcome
