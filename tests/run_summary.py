"""The summary at the end of a run: the values that tests measured, and the costs of the slowest files.

The plugin runs in the process that prints the summary. With workers, a test's figures and cost are attributes
of its last report.
"""

import os
import time
from collections import Counter
from dataclasses import dataclass

import pytest

SLOWEST = 10


@dataclass(frozen=True)
class Cost:
    """Seconds of real time, and seconds of CPU, including ended child processes."""

    wall: float
    cpu: float

    @staticmethod
    def now() -> "Cost":
        times = os.times()
        cpu = times.user + times.system + times.children_user + times.children_system
        return Cost(time.monotonic(), cpu)

    def since(self, start: "Cost") -> "Cost":
        return Cost(self.wall - start.wall, self.cpu - start.cpu)


class RunSummary:
    def __init__(self) -> None:
        self._figures: list[str] = []
        self._wall: Counter[str] = Counter()
        self._cpu: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "teardown":
            self._figures += getattr(report, "figures", [])
            wall, cpu = getattr(report, "cost", (0.0, 0.0))
            file = report.nodeid.partition("::")[0]
            self._wall[file] += wall
            self._cpu[file] += cpu

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._figures:
            terminalreporter.section("figures")
            for line in self._figures:
                terminalreporter.write_line(line)
        if len(self._wall) > 1:
            self._show_costs(terminalreporter)

    def _show_costs(self, reporter: pytest.TerminalReporter) -> None:
        reporter.section(f"the {min(SLOWEST, len(self._wall))} slowest of {len(self._wall)} files")
        reporter.write_line("    time        CPU")
        for file, wall in self._wall.most_common(SLOWEST):
            reporter.write_line(f"{wall:7.1f} s {self._cpu[file]:7.1f} s  {file}")
        wall, cpu = sum(self._wall.values()), sum(self._cpu.values())
        reporter.write_line(f"{wall:7.1f} s {cpu:7.1f} s  all tests, if they ran one after the other")
