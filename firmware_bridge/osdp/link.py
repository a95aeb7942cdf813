"""Whether one reader is up, when to try it again, and what it reports to the door. Pure: time is an argument.

libosdp leaves a reader alone for 300 s after its first fault. So this link makes it start again: immediately
after a session ended, then less and less often, but at least every two seconds. A gap shorter than GRACE_MS
is not reported: one damaged frame costs a session and 30 ms.

A reader that is silent or not understood has STARTING_MS after our start to come up: after a power cut it
boots too, and its USB adapter may come later. A reader that answers, but wrongly, has GRACE_MS.

Each report is a record on the disk, and an attacker on the cable can make a reader fail as often as he likes,
for changing reasons. So reports are limited; reading is not.
"""

from collections import deque
from typing import Literal

from firmware_bridge.allowance import Allowance
from firmware_bridge.messages import DeviceOffline, DeviceOnline
from firmware_bridge.problems import Problem, ProblemCode

GRACE_MS = 1500
STARTING_MS = 10_000
RETRY_MS = (0, 50, 200, 500, 1000, 2000)
THERE_MS = 200  # between tries while it answers something
LASTING_MS = 5000  # a new problem must last so long before it replaces the reported one
REPORTS_AT_ONCE, REPORT_EVERY_MS = 6, 60_000  # online and offline; after six, the state once a minute
FORGERIES, FORGED_WITHIN_MS = 5, 60_000
SILENT = Problem(ProblemCode.OSDP_NO_ANSWER)
NOISE = Problem(ProblemCode.OSDP_NOT_UNDERSTOOD)
FORGED = Problem(ProblemCode.OSDP_FORGED_MESSAGES)


class Link:
    def __init__(self, reader: str, now_ms: int) -> None:
        self._reader = reader
        self.is_up = False
        self._began_ms = now_ms
        self._is_starting = True  # it has not been up since the bridge started
        self._may_pass = True  # the problem may be gone once the reader and its line have started
        self.is_stale = False  # up, but its first events may be old
        self._down_ms = now_ms
        self._retry_ms: int | None = None
        self._tries = 0
        self._problem = SILENT
        self._problem_ms = now_ms  # only this problem since then
        self._reported: Problem | Literal["online"] | None = None
        self._reported_ms = now_ms
        self._allowance = Allowance(REPORTS_AT_ONCE, REPORT_EVERY_MS)
        self._forged: deque[int] = deque(maxlen=FORGERIES)

    def came_up(self) -> None:
        self.is_up, self._tries, self._retry_ms = True, 0, None
        self._is_starting = False

    def began(self) -> None:
        """A first attempt is running."""
        self._retry_ms = None

    def went_down(
        self, problem: Problem, now_ms: int, is_there: bool = False, line_is_away: bool = False
    ) -> None:
        """The session ended or did not start, and libosdp would pause. `is_there`: something answers.

        `line_is_away`: the line itself can't be opened, so the reader's state is unknown.
        """
        self._may_pass = line_is_away or problem in (SILENT, NOISE)
        if self.is_up:
            self.is_up, self._down_ms = False, now_ms
            self._problem_ms = now_ms
        if problem != self._problem:
            self._problem, self._problem_ms = problem, now_ms
        pause = RETRY_MS[min(self._tries, len(RETRY_MS) - 1)]
        self._retry_ms = now_ms + (min(pause, THERE_MS) if is_there else pause)
        self._tries += 1

    def forged(self, now_ms: int) -> None:
        """A message had a wrong MAC, and the session is lost. Five of them in a minute are an attack."""
        self.went_down(FORGED, now_ms)
        self._forged.append(now_ms)
        if len(self._forged) == FORGERIES and now_ms - self._forged[0] <= FORGED_WITHIN_MS:
            self._down_ms = min(self._down_ms, now_ms - GRACE_MS)
            self._retry_ms = now_ms + RETRY_MS[-1]
            self._forged.clear()

    @property
    def retry_at_ms(self) -> int | None:
        return self._retry_ms

    def is_due(self, now_ms: int) -> bool:
        """True once for each attempt."""
        if self._retry_ms is None or now_ms < self._retry_ms:
            return False
        self._retry_ms = None
        return True

    def next_report(self, now_ms: int, device: str) -> DeviceOnline | DeviceOffline | None:
        """Return the next message for the door; call `mark_reported` once it is sent."""
        if not self._allowance.allows(now_ms):
            return None
        if self.is_up:
            return None if self.is_stale or self._reported == "online" else DeviceOnline(device, self._reader)
        if now_ms - self._down_ms < GRACE_MS or self._reported == self._problem:
            return None
        if self._is_starting and self._may_pass and now_ms - self._began_ms < STARTING_MS:
            return None
        if isinstance(self._reported, Problem) and not self._is_another_reason(now_ms):
            return None
        return DeviceOffline.of(self._problem, self._reader)

    def mark_reported(self, now_ms: int) -> None:
        self._reported, self._reported_ms = "online" if self.is_up else self._problem, now_ms
        self._allowance.spend(now_ms)

    def _is_another_reason(self, now_ms: int) -> bool:
        """The reader was reported offline and still is; return whether its present problem is worth another
        report.
        """
        return now_ms - self._problem_ms >= LASTING_MS and now_ms - self._reported_ms >= REPORT_EVERY_MS
