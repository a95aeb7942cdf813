"""Presence, kept level with the journal while the door runs.

The rules read a fold over the durable records, in the order of their numbers; the record thread reports each
new record. An exit, or an entry that a door remembers while the journal fails, counts before it has a record:
it is overlaid on the fold until its record is written. A fold after a restart gives the same result.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

from controller.decision.presence import Fact, Presence
from controller.journal.append import START_OVER
from controller.model.events import Event
from controller.model.fact import fact_of
from controller.runtime.grants import Fate, PendingGrant
from controller.runtime.limits import USUAL, Limits
from controller.runtime.presence_reader import PresenceReader

_Key = tuple[str, str, int, str | None, str | None]
_MOST_APPENDED = 10_000  # commits; beyond the limit they are read from the journal


@dataclass(frozen=True)
class _Unrecorded:
    fact: Fact
    grant: PendingGrant | None

    @property
    def was_refused(self) -> bool:
        return self.grant is not None and self.grant.fate is Fate.REFUSED

    @property
    def happened(self) -> bool:
        return self.grant is None or self.grant.fate in (Fate.RELEASED, Fate.REMEMBERED)


class LivePresence:
    """The record thread calls `appended`; everything else belongs to the decide thread."""

    def __init__(self, reader: PresenceReader, limits: Limits = USUAL) -> None:
        self._reader = reader
        self._unrecorded_at_most = limits.unrecorded_at_most
        self._appended: deque[tuple[int, Sequence[Event]]] = deque(maxlen=_MOST_APPENDED)
        self._presence: Presence | None = None
        self._seq = 0  # the newest record in `_presence`
        self._lost = self._lost_seen = 0  # how often acknowledged records were lost
        self._is_reading_all = False
        self._is_reading_gap = False
        self._unrecorded: dict[_Key, _Unrecorded] = {}  # in the order of writing
        self._newest_of: dict[tuple[str, str | None, str | None], _Key] = {}  # of those without a grant
        self._overlaid: tuple[list[Fact], int, Presence] | None = None
        self._is_enabled = False

    def appended(self, first: int, events: Sequence[Event]) -> None:
        """`Journal.appended`."""
        if first == START_OVER:
            self._lost += 1
        elif not self._is_enabled:
            return
        self._appended.append((first, events))

    def enable(self) -> None:
        """Read the whole log once: rules need presence now. A site without rules never reads it."""
        if not self._is_enabled:
            self._is_enabled = True
            self._read_all()

    # What the decide thread has done

    def add_grant(self, grant: PendingGrant) -> None:
        self._add_unrecorded(grant.event, grant)

    def add_event(self, event: Event) -> None:
        """An event queued to the record thread. It counts now, before its record is written."""
        self._add_unrecorded(event, None)

    @property
    def is_settled(self) -> bool:
        """Whether every granted entry is durable, remembered or refused. That takes two seconds at most."""
        return all(
            one.grant is None or one.grant.fate is not Fate.PENDING for one in self._unrecorded.values()
        )

    @property
    def is_reading(self) -> bool:
        """Whether the reader still owes records that the rules need."""
        return self._is_reading_all or self._is_reading_gap

    @property
    def reader(self) -> PresenceReader:
        return self._reader

    # What the rules read

    def now(self) -> Presence | None:
        """None until the whole log has been read."""
        self._catch_up()
        if self._presence is None:
            return None
        facts = [one.fact for one in self._unrecorded.values() if one.happened]
        if not facts:
            self._overlaid = None
            return self._presence
        if self._overlaid is None or self._overlaid[:2] != (facts, self._seq):
            overlaid = self._presence.copy()
            for place, fact in enumerate(facts):
                overlaid.apply(replace(fact, seq=self._seq + 1 + place))
            self._overlaid = facts, self._seq, overlaid
        return self._overlaid[2]

    def _add_unrecorded(self, event: Event, grant: PendingGrant | None) -> None:
        fact = fact_of(0, event) if self._is_enabled and event.person is not None else None
        if fact is None:
            return
        if grant is None:
            self._make_room(fact)
        self._unrecorded[_key(fact)] = _Unrecorded(fact, grant)

    def _make_room(self, fact: Fact) -> None:
        """Limit memory during a long outage. Of repeated events by one person at one place only the last
        counts. Beyond the limit the oldest counts only when its record is written.
        """
        whose = fact.type, fact.access_point, fact.person
        earlier = self._newest_of.pop(whose, None)
        if earlier is not None:
            self._unrecorded.pop(earlier, None)
        elif len(self._newest_of) >= self._unrecorded_at_most:
            self._unrecorded.pop(self._newest_of.pop(next(iter(self._newest_of))), None)
        self._newest_of[whose] = _key(fact)

    def _read_all(self) -> None:
        self._is_reading_all, self._is_reading_gap = True, False
        self._reader.read(self._lost_seen, None)

    def _begin_again(self) -> None:
        """Acknowledged records were lost. Until the log has been read again, keep the old presence: it knows
        who really went in.
        """
        while self._appended and self._appended.popleft()[0] != START_OVER:
            pass
        self._lost_seen = self._lost
        if self._is_enabled:
            self._read_all()

    def _catch_up(self) -> None:
        if self._lost != self._lost_seen:
            self._begin_again()
        self._apply_answers()
        while self._appended and not self._is_reading_all:
            first, events = self._appended[0]
            if first == START_OVER and self._lost != self._lost_seen:
                return  # lost just now
            if first > self._seq + 1:
                if not self._is_reading_gap:
                    self._is_reading_gap = True
                    self._reader.read(self._lost_seen, self._seq)
                return
            self._appended.popleft()
            facts = [fact for seq, event in enumerate(events, first) if (fact := fact_of(seq, event))]
            self._fold(facts, first + len(events) - 1)
        for key in [key for key, one in self._unrecorded.items() if one.was_refused]:
            del self._unrecorded[key]

    def _apply_answers(self) -> None:
        for answer in self._reader.answers():
            if answer.generation != self._lost_seen:
                continue
            if answer.presence is None:
                self._is_reading_gap = False
            else:
                self._presence, self._seq = answer.presence, answer.last
                self._is_reading_all = False
            self._fold(answer.facts, answer.last)

    def _fold(self, facts: Sequence[Fact], last: int) -> None:
        assert self._presence is not None  # noqa: S101 - the first answer sets it
        for fact in facts:
            if fact.seq > self._seq:
                self._presence.apply(fact)
            self._drop_recorded(_key(fact))
        self._seq = max(self._seq, last)

    def _drop_recorded(self, key: _Key) -> None:
        """Drop the event that this record covers, and all earlier events: those never get a record."""
        if key not in self._unrecorded:
            return
        for earlier in list(self._unrecorded):
            if earlier == key or self._unrecorded[earlier].happened:
                del self._unrecorded[earlier]
            if earlier == key:
                return


def _key(fact: Fact) -> _Key:
    return fact.type, fact.boot, fact.mono_ms, fact.access_point, fact.person
