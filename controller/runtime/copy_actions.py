"""Copies operators' actions from the registry into the journal, each exactly once.

Runs on the record thread, through its own connection, and never waits for the registrar or the web.
"""

import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from controller.errors import GenkanError, JournalUnavailable
from controller.journal.append import Journal
from controller.journal.proof.canonical import canonical
from controller.model.events import ALARM_TYPES, Event, EventType, Json
from controller.model.fact import correction_codes
from controller.model.moment import Moment
from controller.model.operators import MACHINE
from controller.model.orders import ActionType, OperatorAction
from controller.model.recorded_rights import SubjectDigest, parsed_rights
from controller.registry.lookup import Lookup
from controller.runtime.forged_actions import ForgedActions
from controller.runtime.registry_history import CopiedRegistry, RegistryHistory

log = logging.getLogger(__name__)

BATCH = 100
_RETRY_MS = 1000  # after a registry that could not be read
_STUCK_MS = 10_000  # then what differs from the log counts as unaccounted
_CORRECTION_WITHIN = timedelta(minutes=1)
_MANY_RIGHTS = 4 * 1024  # characters; below a chunk of a bulk change, above a change of one subject
_OF_FILE = ("format", "rows", "bytes", "size")  # of an export; the other values are the chosen filter
_WANT_A_CHECKPOINT = frozenset({ActionType.EXPORT_SEALED, ActionType.CHECKPOINT_ASKED})


class ActionCopier:
    def __init__(
        self,
        open_lookup: Callable[[], Lookup],
        read_key: Callable[[], bytes],
        now: Callable[[], Moment],
        request_checkpoint: Callable[[], None] = lambda: None,
        correct_clock: Callable[[], None] = lambda: None,
        set_rolled_back: Callable[[bool], None] = lambda is_rolled_back: None,
    ) -> None:
        """`read_key` returns the card number key, or raises a GenkanError: then no action is copied, because
        nobody can tell whose it is. The copier calls `request_checkpoint` when an operator waits for a
        checkpoint over the copied actions, and `correct_clock` when root has just corrected the clock.
        `set_rolled_back` gets whether the registry is another one than the accepted one.
        """
        self._open_lookup = open_lookup
        self._read_key = read_key
        self._now = now
        self._history = RegistryHistory(now, set_rolled_back)
        self._request_checkpoint = request_checkpoint
        self._correct_clock = correct_clock
        self._lookup: Lookup | None = None
        self._copied: dict[str, int] = {}  # by registry: the newest action that is in the log
        self._forged = ForgedActions()
        self._forged_repeated = ForgedActions({"again": 1})
        self._is_unfinished = False
        self._failing_since_ms: int | None = None
        self._retry_at_ms = 0

    def is_stuck(self) -> bool:
        """Whether the registry's actions cannot be copied for ten seconds. From any thread."""
        since = self._failing_since_ms
        return since is not None and self._now().mono_ms - since >= _STUCK_MS

    def has_more(self, lookup: Lookup) -> bool:
        """Whether the registry holds actions of the registrar that are not in the log yet. From any thread,
        with that thread's `lookup`. False while they cannot be copied: nobody may wait for them then.
        """
        if self.is_stuck():
            return False
        copied = self._copied.get(lookup.registry_id)
        if copied is None:
            return True  # the log has not been compared with this registry yet
        try:
            found = lookup.actions_after(copied, BATCH, self._read_key())
        except GenkanError:
            return False
        return any(row.is_authentic for row in found)

    def __call__(self, journal: Journal) -> bool:
        """Copy one batch; True if there may be more. After a failure, `retry` continues."""
        self._is_unfinished = True
        try:
            lookup, key = self._opened(), self._read_key()
            registry = self._history.judge(journal, lookup, key)
            most = min(BATCH, journal.batch_limit)
            found = lookup.actions_after(registry.last_action, most, key)
            rows = _in_one_commit(found)
            newest_hash = lookup.action_hash(rows[-1].id) if rows else None
        except JournalUnavailable:
            raise
        except GenkanError as error:
            self._failed(error)
            return False
        self._failing_since_ms = None
        if rows:
            genuine = self._copy(journal, registry, rows, newest_hash)
            if any(row.action in _WANT_A_CHECKPOINT for row in genuine):
                self._request_checkpoint()
            now = self._now()
            if any(_corrects_clock(row, now) for row in genuine):
                self._correct_clock()
        self._copied[registry.registry_id] = journal.last_action(registry.registry_id)
        self._is_unfinished = len(rows) < len(found) or len(rows) == most
        return self._is_unfinished

    def retry(self, journal: Journal) -> bool:
        """Idle work: record counts that are due, and copy what a failure left: the registry's next change may
        be hours away.
        """
        for counted in (self._forged, self._forged_repeated):
            event = counted.event((), self._now())
            if event is not None:
                journal.append([event])
                counted.settle((), event)
        if not self._is_unfinished or self._now().mono_ms < self._retry_at_ms:
            return False
        return self(journal)

    def _failed(self, error: GenkanError) -> None:
        now_ms = self._now().mono_ms
        if self._failing_since_ms is None:
            log.warning("operators' actions cannot be read from the registry now: %s", error)
            self._failing_since_ms = now_ms
        self._retry_at_ms = now_ms + _RETRY_MS
        with contextlib.suppress(GenkanError):
            if self._lookup is not None:
                self._lookup.close()
        self._lookup = None

    def _opened(self) -> Lookup:
        """Another file may replace the registry: what is done in it must reach the log."""
        if self._lookup is not None and self._lookup.is_replaced():
            self._lookup.close()
            self._lookup = None
        self._lookup = self._lookup or self._open_lookup()
        return self._lookup

    def _copy(
        self,
        journal: Journal,
        registry: CopiedRegistry,
        rows: list[OperatorAction],
        newest_hash: bytes | None,
    ) -> list[OperatorAction]:
        """Return the actions that are new and the registrar's own.

        The log has a repeated action already: it records it again without its rights, not as an alarm, and
        the action changes nothing (`journal/latest.py`). Rows of another program are counted. In a registry
        that nobody has accepted, no action gives rights.
        """
        forged = _forged(rows, journal.rights_are_complete())
        repeated = {row.id for row in rows if registry.is_repeated(row)}
        genuine = [row for row in rows if row.id not in forged]
        gives_rights = registry.rolled_back_utc is None
        rights = _rights([row for row in genuine if row.id not in repeated and gives_rights])
        by_id = {row.id: row if row.id in rights else replace(row, rights=None) for row in genuine}

        def event(row: OperatorAction) -> Event:
            event = action_event(row, self._now())
            if row.id not in repeated:
                return event
            type_ = EventType.OPERATOR_ACTION if event.type in ALARM_TYPES else event.type
            return replace(event, type=type_, codes={**event.codes, "again": 1})

        found = self._forged_events(sorted(forged), registry)
        forged_events = [(ids[0], record) for _, ids, record in found if record is not None]
        newest, mark = rows[-1].id, registry.mark_at(rows[-1].id, newest_hash)
        events = sorted(
            [(row.id, event(row)) for row in by_id.values()] + forged_events, key=lambda pair: pair[0]
        )
        try:
            journal.append_actions(registry.registry_id, events, rights, upto=newest, mark=mark)
        except ValueError:
            for row_id, one in events:
                try:
                    journal.append_actions(registry.registry_id, [(row_id, one)], rights)
                except ValueError:
                    log.warning("before and after of operator action %d do not fit a record", row_id)
                    shorter = event(replace(by_id[row_id], before=None, after=None))
                    journal.append_actions(registry.registry_id, [(row_id, shorter)], rights)
            journal.append_actions(registry.registry_id, [], upto=newest, mark=mark)
        for counted, ids, record in found:
            counted.settle(ids, record)
        return [row for row in genuine if row.id not in repeated]

    def _forged_events(
        self, forged: Sequence[int], registry: CopiedRegistry
    ) -> list[tuple[ForgedActions, Sequence[int], Event | None]]:
        """Rows from before an acceptance raise no alarm: a program before this one may have written them."""
        limit, now = registry.repeated_up_to, self._now()
        groups = (
            (self._forged, [one for one in forged if one > limit]),
            (self._forged_repeated, [one for one in forged if one <= limit]),
        )
        return [(counted, ids, counted.event(ids, now)) for counted, ids in groups if ids]


def _forged(rows: list[OperatorAction], is_complete: bool) -> set[int]:
    """Ids of actions without their MAC. Before all rights are on the record, older programs added some."""
    forged = set()
    for row in rows:
        if row.is_authentic:
            is_complete |= row.action == ActionType.RIGHTS_FOUND
        elif is_complete:
            forged.add(row.id)
    return forged


def _in_one_commit(rows: list[OperatorAction]) -> list[OperatorAction]:
    """The first rows, up to the first chunk of a bulk change: a tap waits for no more than one."""
    size = 0
    for count, row in enumerate(rows, 1):
        size += len(row.rights or "")
        if size >= _MANY_RIGHTS:
            return rows[:count]
    return rows


def _rights(rows: list[OperatorAction]) -> dict[int, list[SubjectDigest]]:
    return {row.id: parsed_rights(row.rights) for row in rows if row.rights is not None}


def _corrects_clock(row: OperatorAction, now: Moment) -> bool:
    """Of the command line alone, and of this moment: an old one says nothing about the clock now."""
    is_new = abs(now.utc - row.utc) <= _CORRECTION_WITHIN
    return row.action == ActionType.CLOCK_CORRECTED and row.operator_id == MACHINE.id and is_new


def action_event(row: OperatorAction, now: Moment) -> Event:
    """`utc` of the record is when the door copied the action; the code `done_utc` is when it was done."""
    codes: dict[str, str | int] = {
        "action": row.action,
        "action_id": row.id,
        "done_utc": row.utc.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    if row.object_type is not None:
        codes["object_type"] = row.object_type
    if row.object_id is not None:
        codes["object_id"] = row.object_id
    if row.action == ActionType.PRESENCE_CORRECTED:
        codes |= correction_codes(row.after)
    if row.action == ActionType.REGISTRY_ACCEPTED and row.after is not None and row.after.get("restored"):
        codes["cause"] = "restore"
    if row.action == ActionType.EXPORT_SEALED and row.after is not None:
        codes |= _vouched(row.after)
    if row.rights is not None:
        codes["rights"] = row.rights
    details: dict[str, Json] = {"operator": row.operator_name, "role": row.role}
    if row.before is not None:
        details["before"] = row.before
    if row.after is not None:
        details["after"] = row.after
    if row.reason is not None:
        details["reason"] = row.reason
    reason = person = None
    if row.action == ActionType.RIGHTS_RECORDED:
        type_ = EventType.RIGHTS_RECORDED
    elif row.action == ActionType.ERASURE_ASKED and row.after is not None and "due_utc" in row.after:
        type_ = EventType.ERASURE_PENDING  # an earlier program erased immediately
    elif row.action == ActionType.ERASURE_CANCELLED and row.after is not None and "refusal" in row.after:
        type_ = EventType.ERASURE_REFUSED  # another program wrote the request
        reason, person = str(row.after["refusal"]), row.object_id
    else:
        type_ = EventType.OPERATOR_ACTION
    return Event(
        type_, now, reason=reason, person=person, actor=row.operator_id, codes=codes, details=details
    )


def _vouched(after: Mapping[str, Json]) -> dict[str, str | int]:
    """The fields that describe the exported file, whose hash is the action's object. They are codes of the
    record, so a proof covers them.
    """
    codes: dict[str, str | int] = {}
    for name in _OF_FILE:
        value = after.get(name)
        if isinstance(value, str | int):
            codes[name] = value
    chosen = {name: value for name, value in after.items() if name not in _OF_FILE}
    return codes | {"filter": canonical(chosen)}
