"""What every test run obeys: two kinds of test are opt-in, under CI a skip is a failure, no test is timed.

What a test has measured it may say; a run ends with the list. With --long everything is logged at DEBUG, and
a test fails that makes anything log or print a secret of the tests (faults F13).
"""

import logging
import os
from collections.abc import Callable, Generator

import pytest
from hypothesis import HealthCheck, settings

from tests.overheard import Ear

# Hypothesis by itself fails an example that takes 200 ms, or is slow to draw: that measures the machine.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

# What a CI runner may truly not have; everything else is installed there.
MAY_SKIP = ("needs root", "needs a mount")
OPT_IN = {
    "hardware": "run the tests that need a real reader or pins",
    "long": "run the tests that take minutes",
}
FIGURES = pytest.StashKey[list[str]]()
EAR = pytest.StashKey[Ear]()


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Say what was measured: it stands under "figures" at the end of the run, and fails nothing."""

    def say(text: str) -> None:
        request.config.stash.setdefault(FIGURES, []).append(f"{request.node.name}: {text}")

    return say


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if figures := terminalreporter.config.stash.get(FIGURES, []):
        terminalreporter.section("figures")
        for line in figures:
            terminalreporter.write_line(line)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("genkan")
    for marker, purpose in OPT_IN.items():
        group.addoption(f"--{marker}", action="store_true", help=purpose)


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("long"):
        ear = config.stash[EAR] = Ear()
        logging.getLogger().setLevel(logging.DEBUG)
        logging.getLogger().addHandler(ear)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave opt-in tests out altogether, so that a skip always means that something is missing."""
    left_out = [
        item
        for item in items
        if any(item.get_closest_marker(marker) and not config.getoption(marker) for marker in OPT_IN)
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """A machine without Chromium may skip the browser tests; CI has to install what is missing instead."""
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI") == "true":
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        if str(reason).removeprefix("Skipped: ").startswith(MAY_SKIP):
            return
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} must not be skipped when CI=true. {reason}"


def _refuse_secrets(report: pytest.TestReport, ear: Ear) -> None:
    for name, text in report.sections:
        if "log" not in name:  # heard already
            ear.hear(text, name)
    if ear.caught and report.passed:
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid}: " + "; ".join(sorted(set(ear.caught)))
    ear.caught.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _refuse_skip(report)
    if (ear := item.config.stash.get(EAR, None)) is not None:
        _refuse_secrets(report, ear)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _refuse_skip(report)
    return report
