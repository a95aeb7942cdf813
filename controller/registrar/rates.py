"""How many requests of a kind a session may send in a minute."""

import threading
from collections import deque

from controller.errors import N_, Throttled

_MINUTE_MS = 60_000
_MOST_SESSIONS = 1000  # with a request in the last minute; beyond it the oldest are forgotten


class Rates:
    """Threads may share it. A moment is milliseconds of the monotonic clock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sent: dict[tuple[str, str], deque[int]] = {}

    def count(self, session: str, kind: str, most: int, mono_ms: int) -> None:
        """Raise Throttled for one more than `most` within a minute."""
        with self._lock:
            sent = self._sent.pop((session, kind), None)
            if sent is None:
                sent = deque()
                while len(self._sent) >= _MOST_SESSIONS:
                    del self._sent[next(iter(self._sent))]
            self._sent[session, kind] = sent
            while sent and not 0 <= mono_ms - sent[0] < _MINUTE_MS:
                sent.popleft()
            if len(sent) >= most:
                raise Throttled(
                    N_("This session has sent {most} such requests within a minute; wait {seconds} seconds."),
                    most=most,
                    seconds=1 + (_MINUTE_MS - (mono_ms - sent[0])) // 1000,
                )
            sent.append(mono_ms)
