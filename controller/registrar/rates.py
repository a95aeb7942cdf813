"""How many requests a session may send in a minute: of a kind, and in all."""

import threading
from collections import deque

from controller.errors import N_, Throttled

MOST_IN_ALL = 600
_ALL = ""
_MINUTE_MS = 60_000
_MOST_COUNTED = 2000  # sessions and kinds of the last minute; beyond it, the oldest are forgotten


class Rates:
    """Threads may share it. A moment is milliseconds of the monotonic clock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sent: dict[tuple[str, str], deque[int]] = {}

    def count(self, session: str, kind: str, most: int, mono_ms: int) -> None:
        """Raise Throttled for one more than `most` of this kind, or MOST_IN_ALL of any, within a minute."""
        with self._lock:
            self._count(
                (session, kind),
                most,
                mono_ms,
                N_("This session has sent {most} such requests within a minute; wait {seconds} seconds."),
            )
            self._count(
                (session, _ALL),
                MOST_IN_ALL,
                mono_ms,
                N_("This session has sent {most} requests within a minute; wait {seconds} seconds."),
            )

    def _count(self, key: tuple[str, str], most: int, mono_ms: int, refusal: str) -> None:
        sent = self._sent.pop(key, None)
        if sent is None:
            sent = deque()
            while len(self._sent) >= _MOST_COUNTED:
                del self._sent[next(iter(self._sent))]
        self._sent[key] = sent
        while sent and not 0 <= mono_ms - sent[0] < _MINUTE_MS:
            sent.popleft()
        if len(sent) >= most:
            raise Throttled(
                refusal,
                most=most,
                seconds=1 + (_MINUTE_MS - (mono_ms - sent[0])) // 1000,
            )
        sent.append(mono_ms)
