"""Copies operators' actions from the registry into the journal, each exactly once.

Runs on the record thread, through its own connection, and never waits for the registrar or the web.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from controller.errors import GenkanError
from controller.journal.append import Journal
from controller.journal.proof.canonical import canonical
from controller.model.events import Event, EventType, Json
from controller.model.fact import correction_codes
from controller.model.moment import Moment
from controller.model.operators import MACHINE
from controller.model.orders import ActionType, OperatorAction
from controller.registry.lookup import Lookup

log = logging.getLogger(__name__)

BATCH = 100
_CORRECTION_WITHIN = timedelta(minutes=1)
_OF_FILE = ("format", "rows", "bytes", "size")  # of an export; the other values are the chosen filter
_WANT_A_CHECKPOINT = frozenset({ActionType.EXPORT_SEALED, ActionType.CHECKPOINT_ASKED})


class ActionCopier:
    def __init__(
        self,
        open_lookup: Callable[[], Lookup],
        now: Callable[[], Moment],
        request_checkpoint: Callable[[], None] = lambda: None,
        correct_clock: Callable[[], None] = lambda: None,
    ) -> None:
        """The copier calls `request_checkpoint` when an operator waits for a checkpoint over the copied
        actions, and `correct_clock` when root has just corrected the clock.
        """
        self._open_lookup = open_lookup
        self._now = now
        self._request_checkpoint = request_checkpoint
        self._correct_clock = correct_clock
        self._lookup: Lookup | None = None

    def __call__(self, journal: Journal) -> bool:
        """Copy one batch; True if there may be more. An unreadable registry is tried again later."""
        try:
            lookup = self._lookup = self._lookup or self._open_lookup()
            registry_id = lookup.registry_id
            most = min(BATCH, journal.batch_limit)
            rows = lookup.actions_after(journal.last_action(registry_id), most)
        except GenkanError as error:
            log.warning("operators' actions cannot be read from the registry now: %s", error)
            self._lookup = None
            return False
        if rows:
            now = self._now()
            try:
                journal.append_actions(registry_id, [(row.id, action_event(row, now)) for row in rows])
            except ValueError:
                self._one_by_one(journal, registry_id, rows, now)
            if any(row.action in _WANT_A_CHECKPOINT for row in rows):
                self._request_checkpoint()
            if any(_corrects_clock(row, now) for row in rows):
                self._correct_clock()
        return len(rows) == most

    def _one_by_one(
        self, journal: Journal, registry_id: str, rows: list[OperatorAction], now: Moment
    ) -> None:
        """The before or after of one row does not fit a record; record the action without them."""
        for row in rows:
            try:
                journal.append_actions(registry_id, [(row.id, action_event(row, now))])
            except ValueError:
                log.warning("before and after of operator action %d do not fit a record", row.id)
                bare = replace(row, before=None, after=None)
                journal.append_actions(registry_id, [(row.id, action_event(bare, now))])


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
    of_many = row.action == ActionType.RIGHTS_RECORDED
    type_ = EventType.RIGHTS_RECORDED if of_many else EventType.OPERATOR_ACTION
    return Event(type_, now, actor=row.operator_id, codes=codes, details=details)


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
