"""Whether a reader is online, and how often the door reports a change. Pure: time is an argument.

A broken bridge can change many times a second, and each report is a record on the disk. A report that must
wait for its allowance is sent by a later `tick`; until then the reader is shown offline, never the other way
round.
"""

from controller.model.signals import ReaderOffline, ReaderOnline
from firmware_bridge.allowance import Allowance
from firmware_bridge.problems import Problem

_PROBLEMS_AT_ONCE, _PROBLEM_SECONDS = 4, 60.0
_RETURN_SECONDS = 60.0

Reports = tuple[ReaderOnline | ReaderOffline, ...]


class ReaderAvailability:
    def __init__(self, reader: str, returns: float) -> None:
        """`returns`: reports "online" in a row while the bridge keeps dying; after that one a minute. Each
        death follows such a report.
        """
        self._reader = reader
        self._online: bool | None = None
        self._problem: Problem | None = None  # why it is offline, as last reported
        self._pending_problem: Problem | None = None  # another reason, which must wait
        self._pending_device: str | None = None  # the device that is online again, not reported yet
        self._device_is_offline = False  # the last report of this run of the bridge
        self._bridge_has_ended = False  # since the reader was last reported online
        self._problem_allowance = Allowance(_PROBLEMS_AT_ONCE, _PROBLEM_SECONDS)
        self._return_allowance = Allowance(returns, _RETURN_SECONDS)

    def bridge_ended(self, problem: Problem, now: float) -> Reports:
        self._pending_device, self._bridge_has_ended = None, True
        device_was_offline, self._device_is_offline = self._device_is_offline, False
        if not device_was_offline:
            return self._go_offline(problem, now)
        if self._online is not False:
            return self._report_offline(problem)
        return ()  # the fault that the bridge reported of its device must be fixed first

    def device_online(self, device: str, now: float) -> Reports:
        self._pending_problem, self._device_is_offline = None, False
        if self._online is True:
            return ()
        self._pending_device = device
        return self.tick(now)

    def device_offline(self, problem: Problem, now: float) -> Reports:
        self._pending_device, self._device_is_offline = None, True
        return self._go_offline(problem, now)

    def tick(self, now: float) -> Reports:
        """Report what had to wait for its allowance. Called with each heartbeat."""
        reports: Reports = ()
        if self._pending_device is not None and self._may_report_online(now):
            self._online, self._problem = True, None
            reports = (ReaderOnline(self._reader, self._pending_device),)
            self._pending_device = None
        if self._pending_problem is not None and self._problem_allowance.allows(now):
            self._problem_allowance.spend(now)
            reports += self._report_offline(self._pending_problem)
        return reports

    def _go_offline(self, problem: Problem, now: float) -> Reports:
        """The reader is offline, or still offline with another problem. The allowance limits a bridge that
        reports a different problem each time.
        """
        if self._online is not False:
            return self._report_offline(problem)
        self._pending_problem = None if problem == self._problem else problem
        return self.tick(now)

    def _may_report_online(self, now: float) -> bool:
        if not self._bridge_has_ended:
            return True
        if not self._return_allowance.allows(now):
            return False
        self._return_allowance.spend(now)
        self._bridge_has_ended = False
        return True

    def _report_offline(self, problem: Problem) -> Reports:
        self._online, self._problem, self._pending_problem = False, problem, None
        return (ReaderOffline(self._reader, problem.code.value, problem.fields),)
