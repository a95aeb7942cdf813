"""Presence at a past record or moment, folded from the log.

The history keeps a few folds in memory, so that explaining one record after another does not read the whole
log each time. A stored fold gives the same result as a fold from the start.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from controller.decision.presence import Presence
from controller.journal.facts import facts_after, first_record, leaf
from controller.journal.query import JournalReader
from controller.model.fact import Fact
from controller.model.moment import ClockState

EVERY = 20_000  # records
AT_MOST = 3


@dataclass(frozen=True)
class PastPresence:
    """`newest` is the last record about presence; None if there is none."""

    presence: Presence
    newest: Fact | None


@dataclass(frozen=True)
class _StoredFold:
    """`leaf` and `first` identify the log that was read, with all its months. `latest` is the latest trusted
    time up to `seq`.
    """

    seq: int
    leaf: bytes | None
    first: int
    presence_then: PastPresence
    latest: datetime | None


class PresenceHistory:
    """Safe to share between threads."""

    def __init__(self, journal: JournalReader, every: int = EVERY) -> None:
        """`every`: records from one stored fold to the next."""
        self._journal, self._every = journal, every
        self._guard = threading.Lock()
        self._folds: list[_StoredFold] = []  # by `seq`

    def before_record(self, seq: int) -> PastPresence:
        return self._folded(lambda fold: fold.seq < seq, lambda fact: fact.seq < seq)

    def before_moment(self, utc: datetime) -> PastPresence:
        """A record with an untrusted time does not end the fold: later records may have an earlier time."""
        return self._folded(
            lambda fold: fold.latest is None or fold.latest < utc,
            lambda fact: fact.utc < utc or not _is_trusted(fact),
        )

    def _folded(
        self, is_before: Callable[[_StoredFold], bool], counts: Callable[[Fact], bool]
    ) -> PastPresence:
        with self._guard:
            base = self._base(is_before)
        presence = Presence() if base is None else base.presence_then.presence.copy()
        newest, latest = (None, None) if base is None else (base.presence_then.newest, base.latest)
        last = stored_at = 0 if base is None else base.seq
        for facts, upto, first, leaf_of in self._pages(last):
            for fact in facts:
                if not counts(fact):
                    return PastPresence(presence, newest)
                presence.apply(fact)
                newest = fact
                if _is_trusted(fact) and (latest is None or fact.utc > latest):
                    latest = fact.utc
            if upto - stored_at >= self._every:
                stored_at = upto
                presence_then = PastPresence(presence.copy(), newest)
                self._store(
                    _StoredFold(
                        seq=upto, leaf=leaf_of, first=first, presence_then=presence_then, latest=latest
                    )
                )
        return PastPresence(presence, newest)

    def _pages(self, last: int) -> Iterator[tuple[list[Fact], int, int, bytes | None]]:
        """Read in short snapshots: a long one would keep the door from reusing its WAL."""
        while True:
            with self._journal.snapshot() as connection:
                facts, upto = facts_after(connection, last)
                first, leaf_of = first_record(connection), leaf(connection, upto)
            if upto == last:
                return
            yield facts, upto, first, leaf_of
            last = upto

    def _base(self, is_before: Callable[[_StoredFold], bool]) -> _StoredFold | None:
        with self._journal.snapshot() as connection:
            first = first_record(connection)
            self._folds = [
                one for one in self._folds if one.first == first and leaf(connection, one.seq) == one.leaf
            ]
        return max(filter(is_before, self._folds), key=lambda one: one.seq, default=None)

    def _store(self, fold: _StoredFold) -> None:
        with self._guard:
            others = [one for one in self._folds if abs(one.seq - fold.seq) >= self._every]
            self._folds = sorted([*others, fold], key=lambda one: one.seq)[-AT_MOST:]


def _is_trusted(fact: Fact) -> bool:
    return fact.code("clock") != ClockState.UNTRUSTED
