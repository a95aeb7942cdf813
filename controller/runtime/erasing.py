"""Erases people from the log at an operator's request: details, salts, card hashes; then one record for each
person.

A chore of the record thread. One walk over the log serves all pending requests; after a power cut the walk
starts again, and each erased person is recorded once.
"""

import logging
from collections import Counter
from collections.abc import Callable

from controller.errors import GenkanError, JournalUnavailable
from controller.journal import erase
from controller.journal.append import Journal
from controller.model.events import Event, EventType
from controller.model.moment import Moment
from controller.registry.erasures import ErasureRow
from controller.registry.lookup import Lookup
from controller.runtime.erasure_requests import ErasureRequests

log = logging.getLogger(__name__)

_STEPS_IN_A_ROW = 64  # then the other chores have their turn


class Erasing:
    def __init__(
        self,
        open_lookup: Callable[[], Lookup],
        requests: ErasureRequests,
        now: Callable[[], Moment],
        request_checkpoint: Callable[[], None] = lambda: None,
        renewed: Callable[[str, int], bool] = lambda registry_id, version: True,
    ) -> None:
        """`request_checkpoint`: a verifier accepts missing details only if a signed record explains them.

        `renewed` returns whether the door's last good copy is at least this version of the registry: no
        person is recorded as erased while the copy still has the name.
        """
        self._open_lookup = open_lookup
        self._requests = requests
        self._now = now
        self._request_checkpoint = request_checkpoint
        self._renewed = renewed
        self._has_warned = False  # that the registry cannot be read
        self._lookup: Lookup | None = None
        self._walk: _Walk | None = None
        self._steps = 0

    def __call__(self, journal: Journal) -> bool:
        if self._walk is None:
            self._walk = self._next_walk(journal)
        if self._walk is None:
            return False
        if self._walk.step(journal, self._now, self._renewed):
            self._walk = None  # then check for new requests
            self._request_checkpoint()
        self._steps += 1
        return self._walk is None or (self._walk.may_go_on and self._steps % _STEPS_IN_A_ROW != 0)

    def _next_walk(self, journal: Journal) -> "_Walk | None":
        try:
            lookup = self._lookup = self._lookup or self._open_lookup()
            due = self._requests.due(journal, lookup, self._now())
            if due:
                lookup.refresh()  # after the requests: this version contains the erasures
        except JournalUnavailable:
            raise
        except GenkanError as error:
            if not self._has_warned:
                log.warning("people to be erased cannot be read from the registry now: %s", error)
            self._has_warned = True
            self._lookup = None
            return None
        self._has_warned = False
        return _Walk(lookup.registry_id, lookup.version, due) if due else None


class _Walk:
    """From the first record to the newest, then the WAL, then the records of the erasures."""

    def __init__(self, registry_id: str, version: int, due: list[ErasureRow]) -> None:
        self._registry_id = registry_id
        self._version = version
        self._due = due
        self._wanted = {text: one.person for one in due for text in one.texts}
        self._records: Counter[str] = Counter()
        self._upto = 0
        self._emptied = False
        self.may_go_on = True  # False while a reader or the copy holds it up

    def step(self, journal: Journal, now: Callable[[], Moment], renewed: Callable[[str, int], bool]) -> bool:
        """True when everything is done."""
        if not self._emptied and self._upto < journal.newest_seq:
            done = erase.erase_step(journal, self._wanted, self._upto)
            self._upto = done.upto
            self._records += done.records
            return False
        if not self._emptied:
            self.may_go_on = self._emptied = erase.empty_wal(journal.writing)
            return False
        self.may_go_on = renewed(self._registry_id, self._version)
        if not self.may_go_on:
            return False
        one = self._due.pop(0)  # one record per step, so that a checkpoint is never overdue
        codes: dict[str, str | int] = {"erasure": one.id, "records": self._records[one.person]}
        event = Event(EventType.PERSON_ERASED, now(), person=one.person, codes=codes)
        erase.record(journal, self._registry_id, one.id, event)
        return not self._due
