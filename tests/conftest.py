"""Rules of every test run: two kinds of test are opt-in, a skip fails under CI, no test has a time limit.

A run ends with the tests' figures and the costs of the slowest files. With --long, the run logs everything at
DEBUG, and a test fails if anything logs or prints a secret of the tests.

With workers (`-n`), each test runs in a worker, and its report goes to the process that prints it. Attributes
of the report (`figures`, `cost`) carry the other values to that process.
"""

import gc
import logging
import os
import platform
import tempfile
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.children import ChildGuard
from tests.overheard import SecretScanner
from tests.run_summary import Cost, RunSummary
from tests.spread import (
    GroupScheduling,
    grouped,
    mark_rooms,
    own_processes,
    shuffled,
    spread,
    write_groups,
)

# By default Hypothesis fails an example after 200 ms, or for slow generation: that measures the machine.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

# What a CI runner may lack; everything else is installed there.
MAY_SKIP = ("needs root", "needs a mount", "needs systemd")
OPT_IN = {
    "hardware": "run the tests that need a real reader or pins",
    "long": "run the tests that take minutes",
}
# Files of earlier tests that only the garbage collector closes; select() fails at descriptor 1,024.
MANY_FILES = 300
FIGURES = pytest.StashKey[list[str]]()
STARTED = pytest.StashKey[Cost]()
SCANNER = pytest.StashKey[SecretScanner]()
NEXT_COLLECTION = pytest.StashKey[int]()
GROUPS = pytest.StashKey["tempfile.TemporaryDirectory[str]"]()
GUARD = pytest.StashKey[ChildGuard]()


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Return a function that records a measured value; the run lists it at its end, under "figures"."""

    def record(text: str) -> None:
        request.node.stash.setdefault(FIGURES, []).append(f"{request.node.name}: {text}")

    return record


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("genkan")
    for marker, purpose in OPT_IN.items():
        group.addoption(f"--{marker}", action="store_true", help=purpose)
    group.addoption("--shuffle", type=int, metavar="SEED", help="run the tests in another order")


def pytest_configure(config: pytest.Config) -> None:
    platform.processor()  # caches the result of the child process `uname`, which nfcpy's drivers need
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(RunSummary())
    else:
        gc.disable()  # until pytest has collected the tests, because these objects stay
    config.stash[GUARD] = ChildGuard()
    if config.getoption("long"):
        scanner = config.stash[SCANNER] = SecretScanner()
        logging.getLogger().setLevel(logging.DEBUG)
        logging.getLogger().addHandler(scanner)


@pytest.hookimpl(tryfirst=True)  # before -m selects by the markers of the rooms
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect opt-in tests instead of skipping them, so that a skip always means a missing requirement."""
    left_out = {
        item
        for item in items
        if any(item.get_closest_marker(marker) and not config.getoption(marker) for marker in OPT_IN)
    }
    if left_out:
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]
    mark_rooms(items)
    if (seed := config.getoption("shuffle")) is not None:
        items[:] = shuffled(items, seed)
    if (worker := getattr(config, "workerinput", None)) is not None:
        groups = grouped(items)
        write_groups(groups, Path(worker["groups"]), worker["workerid"])
        items[:] = spread(groups)


def pytest_collection_finish() -> None:
    """Keep all modules and tests out of the garbage collector's passes, which take 30 ms each with them.

    The second collection counts the remaining objects. With the count of the first one, the collector would
    wait for a quarter as many new objects before its next full pass, and would close files late.
    """
    gc.enable()
    gc.collect()
    gc.freeze()
    gc.collect()


def pytest_unconfigure() -> None:
    """Pytest collects garbage five times at its end; one pass here finds all that the tests left."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["groups"] = str(_groups_file(node.config))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> GroupScheduling | None:
    if config.getoption("dist") != "loadgroup":
        return None
    return GroupScheduling(config, _groups_file(config), log)


def _groups_file(config: pytest.Config) -> Path:
    if GROUPS not in config.stash:
        config.stash[GROUPS] = tempfile.TemporaryDirectory(prefix="genkan-groups-")
    return Path(config.stash[GROUPS].name) / "groups.json"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    item.stash[STARTED] = Cost.now()
    if _next_descriptor() > item.config.stash.get(NEXT_COLLECTION, MANY_FILES):
        gc.collect()
        item.config.stash[NEXT_COLLECTION] = _next_descriptor() + MANY_FILES
    if own_processes(item):
        return (yield)
    with item.config.stash[GUARD].refusing():
        return (yield)


def _next_descriptor() -> int:
    """Return about the number of open files: the system assigns the lowest free number."""
    descriptor = os.dup(1)
    os.close(descriptor)
    return descriptor


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Fail a skip under CI, which must install everything. Other machines may skip, say without Chromium."""
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI") == "true":
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        if str(reason).removeprefix("Skipped: ").startswith(MAY_SKIP):
            return
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} must not be skipped when CI=true. {reason}"


def _refuse_secrets(report: pytest.TestReport, scanner: SecretScanner) -> None:
    for name, text in report.sections:
        if "log" not in name:  # scanned already
            scanner.scan(text, name)
    if scanner.leaks and report.passed:
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid}: " + "; ".join(sorted(set(scanner.leaks)))
    scanner.leaks.clear()


def _refuse_children(report: pytest.TestReport, guard: ChildGuard) -> None:
    """Fail the test even if it catches the refusal, or if the refusal occurs in one of its threads."""
    if guard.refused and report.passed:
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} started {'; '.join(guard.refused)} without the marker `process`"
        guard.refused.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _refuse_skip(report)
    if (scanner := item.config.stash.get(SCANNER, None)) is not None:
        _refuse_secrets(report, scanner)
    _refuse_children(report, item.config.stash[GUARD])
    if report.when == "teardown":
        cost = Cost.now().since(item.stash[STARTED])
        report.cost = [cost.wall, cost.cpu]
        report.figures = item.stash.get(FIGURES, [])
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _refuse_skip(report)
    return report
