"""Records an outage of the journal that an earlier door process did not live to record, or that the note of
it is damaged.

That process noted the outage in `journal/state.json`, which works on a full disk too. The note stays there
over any number of starts, until the log has the record.
"""

import logging
from collections.abc import Callable

from controller.journal.append import Journal
from controller.journal.state import StateFile
from controller.model.events import Event, EventType
from controller.model.moment import Moment

log = logging.getLogger(__name__)


class EarlierOutage:
    """A chore of the record thread."""

    def __init__(self, state: StateFile, now: Callable[[], Moment]) -> None:
        self._state = state
        self._now = now

    def __call__(self, journal: Journal) -> bool:
        state, now = self._state.now, self._now()
        if self._state.was_damaged:
            log.error("journal/state.json was damaged; an outage before this start may have no record")
            journal.append([Event(EventType.STATE_DAMAGED, now)])
            self._state.was_damaged = False
        since = state.unrecorded_since
        if since is None:
            return False
        entries = state.unrecorded_entries
        began: dict[str, str | int] = {"cause": state.unrecorded_cause or "", "restarted": 1}
        ended = {
            "failed_ms": max(0, round((now.utc - since).total_seconds() * 1000)),
            "kept": 0,
            "dropped": entries,  # nobody knows any more who they were
            "remembered": entries,
        }
        journal.append(
            [
                Event(EventType.JOURNAL_FAILED, now, codes=began),
                Event(EventType.JOURNAL_RECOVERED, now, codes=ended),
            ]
        )
        self._state.set(unrecorded_since=None, unrecorded_cause=None, unrecorded_entries=0)
        return False
