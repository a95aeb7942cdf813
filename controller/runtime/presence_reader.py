"""Reads the journal for who is inside, on a thread of its own: neither taps nor exits wait for a disk."""

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

if TYPE_CHECKING:
    from controller.journal.reading import ReadConnections

log = logging.getLogger(__name__)

_RETRY_S = 0.5
_BREATH_S = 0.001  # after each page


class Answer(NamedTuple):
    """Everything up to record `last`: all of it in `presence`, or what came after a number in `facts`.

    Beside `presence`, `facts` are the newest that it holds.
    """

    generation: int
    presence: Presence | None
    facts: list[Fact]
    last: int


class PresenceReader:
    def __init__(self, file: Path) -> None:
        self._file = file
        self._connections: ReadConnections | None = None
        self._asked: queue.SimpleQueue[tuple[int, int | None] | None] = queue.SimpleQueue()
        self._answers: deque[Answer] = deque()
        self._ending = threading.Event()
        self.problem: str | None = None  # why the journal cannot be read now
        self.pages = 0  # read so far
        self.beat = 0

    def read(self, generation: int, after: int | None) -> None:
        """From any thread: what came after that number; everything, where it is None."""
        self._asked.put((generation, after))

    def answers(self) -> Iterator[Answer]:
        while self._answers:
            yield self._answers.popleft()

    def run(self) -> None:
        """The thread's body."""
        while self.turn():
            pass
        self.end()

    def turn(self, wait: bool = True) -> bool:
        """Answer one question; `wait` for it. False: the thread is to end."""
        try:
            asked = self._asked.get(wait)
        except queue.Empty:
            return True
        if asked is None:
            return False
        answer = self._answer(*asked)
        if answer is not None:
            self._answers.append(answer)
        self.beat += 1
        return True

    def end(self) -> None:
        if self._connections is not None:
            self._connections.close()

    def stop(self) -> None:
        self._ending.set()
        self._asked.put(None)

    def _answer(self, generation: int, after: int | None) -> Answer | None:
        """None when the service ends meanwhile."""
        presence = Presence() if after is None else None
        last, newest = after or 0, deque[Fact](maxlen=AT_ONCE if after is None else None)
        while not self._ending.is_set():
            page = self._page(last)
            if page is None:
                continue
            facts, upto = page
            if presence is not None:
                for fact in facts:
                    presence.apply(fact)
            newest.extend(facts)
            if upto == last:
                return Answer(generation, presence, list(newest), last)
            last = upto
        return None

    def _page(self, after: int) -> tuple[list[Fact], int] | None:
        """None where the journal cannot be read now."""
        try:
            with self._opened().snapshot() as connection:
                page = facts_after(connection, after)
        except GenkanError as error:
            if self.problem is None:
                log.warning("who is inside cannot be read from the log now: %s", error)
            self.problem = str(error)
            self._ending.wait(_RETRY_S)
            return None
        self.problem = None
        self.pages += 1
        self._ending.wait(_BREATH_S)
        return page

    def _opened(self) -> "ReadConnections":
        if self._connections is None:
            from controller.journal.reading import ReadConnections  # the start does without

            self._connections = ReadConnections(self._file)
        return self._connections
