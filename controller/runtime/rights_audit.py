"""Compares the whole registry with the rights in force, and these with the records: at the start, each night.

A tap compares only what it needs. This finds what somebody changed and nobody has used yet. A chore of the
record thread, written as a generator that yields after each short step; records of taps come first.
"""

import hashlib
import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from datetime import date, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from controller.errors import GenkanError, JournalUnavailable
from controller.journal.append import Journal
from controller.journal.rights import rights_page
from controller.journal.rights_rebuilt import RightsRebuilt
from controller.journal.writing import translate_journal_errors
from controller.model.compared_rights import COMPARED_KINDS, compare_page
from controller.model.events import Event, EventType
from controller.model.moment import Moment
from controller.model.recorded_rights import Subject
from controller.registry.lookup import Lookup

log = logging.getLogger(__name__)

REGISTRY, TABLE = "registry", "log"  # where rights differ from the records
_HOUR = timedelta(hours=3)  # of the night, at the site
_AT_ONCE = 40  # subjects of one step
_STEPS_IN_A_ROW = 16  # then the other chores have their turn
_TESTED_AGAIN = 1000  # subjects, once the log has all actions
_NAMED = 20  # subjects in one record
_AGAIN_MS = 60_000  # after a registry that cannot be read, or while actions are missing in the log


class RightsAudit:
    def __init__(self, open_lookup: Callable[[], Lookup], zone: ZoneInfo, now: Callable[[], Moment]) -> None:
        self._open_lookup = open_lookup
        self._zone = zone
        self._now = now
        self._work: Iterator[bool] | None = None
        self._done: date | None = None  # the night of the newest audit
        self._was_rolled_back = False
        self._not_before_ms = 0
        self._steps = 0

    def __call__(self, journal: Journal) -> bool:
        now = self._now()
        night = (now.utc.astimezone(self._zone) - _HOUR).date()
        if self._work is None:
            is_rolled_back = _is_rolled_back(journal)
            if self._was_rolled_back and not is_rolled_back:
                self._done = None  # nobody has compared this registry yet
            self._was_rolled_back = is_rolled_back
            if night == self._done or now.mono_ms < self._not_before_ms:
                return False
            if not journal.rights_are_complete():
                return False
            self._work = self._audit(journal)
        self._steps += 1
        try:
            with translate_journal_errors():
                if next(self._work, False):
                    return self._steps % _STEPS_IN_A_ROW != 0
            self._work, self._done = None, night
        except JournalUnavailable:
            self._work = None
            raise
        except GenkanError as error:
            log.warning("the rights in the registry cannot be compared with the log now: %s", error)
            self._work, self._not_before_ms = None, now.mono_ms + _AGAIN_MS
        return False

    def _audit(self, journal: Journal) -> Iterator[bool]:
        """Yields True after each step."""
        rebuilt = RightsRebuilt()
        while rebuilt.step(journal.writing.connection()):
            yield True
        self._report(journal, TABLE, sorted(rebuilt.wrong))
        yield True
        if not _is_rolled_back(journal):  # then that alarm covers what differs
            with closing(self._open_lookup()) as lookup:
                yield from self._compare(journal, lookup)

    def _compare(self, journal: Journal, lookup: Lookup) -> Iterator[bool]:
        differing: list[Subject] = []
        count = 0
        for kind in COMPARED_KINDS:
            after: str | None = ""
            while after is not None:
                on_record = partial(rights_page, journal.writing.connection())
                page, after = compare_page(kind, after, lookup.rights_page, on_record, most=_AT_ONCE)
                count += len(page)
                differing += [one.subject for one in page[: _TESTED_AGAIN - len(differing)]]
                yield True
        if differing:
            _require_all_actions(journal, lookup)
            still = []
            for start in range(0, len(differing), _AT_ONCE):
                still += _still_differing(journal, lookup, differing[start : start + _AT_ONCE])
                yield True
            count -= len(differing) - len(still)
            differing = still
            if count and not differing:
                raise GenkanError("more differed than were compared again")
        if not _is_rolled_back(journal):
            self._report(journal, REGISTRY, [f"{kind}:{id_}" for kind, id_ in differing], count)

    def _report(
        self, journal: Journal, where: str, subjects: Collection[str], count: int | None = None
    ) -> None:
        """Record a finding once, and its end."""
        newest = journal.newest_codes(f"rights:{where}")
        reported = newest.get("digest") if newest.get("type") == EventType.RIGHTS_DIFFER else None
        if not subjects:
            if reported is not None:
                journal.append([Event(EventType.RIGHTS_AGREE, self._now(), codes={"where": where})])
            return
        text = " ".join(subjects)
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        if digest == reported:
            return
        log.error("rights in the %s differ from the records: %s", where, text[:200])
        codes: dict[str, str | int] = {
            "where": where,
            "subjects_count": count or len(subjects),
            "subjects": " ".join(list(subjects)[:_NAMED]),
            "digest": digest,
        }
        journal.append([Event(EventType.RIGHTS_DIFFER, self._now(), codes=codes)])


def _is_rolled_back(journal: Journal) -> bool:
    mark = journal.registry_mark()
    return mark is not None and mark.rolled_back_utc is not None


def _require_all_actions(journal: Journal, lookup: Lookup) -> None:
    """Raise GenkanError while the log lacks actions: they may explain what differs."""
    lookup.refresh()
    if lookup.actions_after(journal.last_action(lookup.registry_id), 1):
        raise GenkanError("some operators' actions are not in the log yet")


def _still_differing(journal: Journal, lookup: Lookup, subjects: list[Subject]) -> list[Subject]:
    in_force = journal.rights_in_force(subjects)
    return [subject for subject, digest in lookup.rights_now(subjects).items() if in_force[subject] != digest]
