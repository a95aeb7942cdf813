"""Reads the journal for presence, on its own thread, so that taps and exits never wait for a disk."""

import logging
import queue
import threading
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from controller.decision.presence import Fact, Presence
from controller.errors import GenkanError
from controller.journal.facts import AT_ONCE, facts_after
from controller.journal.failures import FailureCause, cause_of

if TYPE_CHECKING:
    from controller.journal.reading import ReadConnections

log = logging.getLogger(__name__)

_RETRY_S = 0.5
_BREATH_S = 0.001  # after each page


class LogPage(NamedTuple):
    """Everything up to record `last`: all of it in `presence`, or the facts after a requested number.

    With `presence`, `facts` are the newest ones that it includes.
    """

    generation: int
    presence: Presence | None
    facts: list[Fact]
    last: int


class _Scan:
    """A request in progress."""

    def __init__(self, generation: int, after: int | None) -> None:
        self.generation = generation
        self.last = after or 0
        self._presence = Presence() if after is None else None
        self._newest = deque[Fact](maxlen=AT_ONCE if after is None else None)

    def add(self, facts: list[Fact], upto: int) -> LogPage | None:
        """Add a page up to record `upto`. Return the answer when the page reaches the end of the log."""
        if self._presence is not None:
            for fact in facts:
                self._presence.apply(fact)
        self._newest.extend(facts)
        if upto == self.last:
            return LogPage(self.generation, self._presence, list(self._newest), self.last)
        self.last = upto
        return None


class PresenceReader:
    def __init__(self, file: Path) -> None:
        self._file = file
        self._connections: ReadConnections | None = None
        self._requests: queue.SimpleQueue[tuple[int, int | None] | None] = queue.SimpleQueue()
        self._answers: deque[LogPage] = deque()
        self._scan: _Scan | None = None
        self._ending = threading.Event()
        self.problem: FailureCause | None = None  # why the journal cannot be read
        self.pages = 0  # read so far
        self.beat = 0

    def read(self, generation: int, after: int | None) -> None:
        """Request all records after that number; None requests the whole log. From any thread."""
        self._requests.put((generation, after))

    def answers(self) -> Iterator[LogPage]:
        while self._answers:
            yield self._answers.popleft()

    def run(self) -> None:
        """The thread's body."""
        while self.turn():
            pass
        self.end()

    @property
    def is_busy(self) -> bool:
        """Whether the next turn has a page to read, as far as is known."""
        return self.problem is None and (self._scan is not None or not self._requests.empty())

    def turn(self, wait: bool = True) -> bool:
        """Read one page of the log for a request; `wait` for one. False ends the thread."""
        if self._scan is None:
            try:
                request = self._requests.get(wait)
            except queue.Empty:
                return True
            if request is None:
                return False
            self._scan = _Scan(*request)
        page = self._page(self._scan.last)
        if page is not None and (answer := self._scan.add(*page)) is not None:
            self._answers.append(answer)
            self._scan = None
        self.beat += 1
        if wait:
            self._ending.wait(_RETRY_S if page is None else _BREATH_S)
        return not self._ending.is_set()

    def end(self) -> None:
        if self._connections is not None:
            self._connections.close()

    def stop(self) -> None:
        self._ending.set()
        self._requests.put(None)

    def _page(self, after: int) -> tuple[list[Fact], int] | None:
        """None while the journal cannot be read."""
        try:
            with self._opened().snapshot() as connection:
                page = facts_after(connection, after)
        except GenkanError as error:
            if self.problem is None:
                log.warning("presence cannot be read from the log now: %s", error)
            self.problem = cause_of(error, self._file.parent)
            return None
        self.problem = None
        self.pages += 1
        return page

    def _opened(self) -> "ReadConnections":
        if self._connections is None:
            from controller.journal.reading import ReadConnections  # imported here, not at the start

            self._connections = ReadConnections(self._file)
        return self._connections
