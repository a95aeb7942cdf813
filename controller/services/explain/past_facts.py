"""Presence and lockdowns in the past, from the log up to a record or a moment."""

from collections.abc import Callable
from datetime import datetime

from controller.journal.query import LogEntry, LogFilter
from controller.model.events import EventType, Section
from controller.model.orders import ActionType
from controller.services.presence.presence_history import PastPresence
from controller.services.site import Site

_STEP = 1000
_NEVER_REACHED = 2**62
_ACTIONS = LogFilter(sections=frozenset({Section.OPERATOR}))


def latest(site: Site) -> PastPresence:
    return site.presence_history.before_record(_NEVER_REACHED)


def before_record(site: Site, seq: int) -> PastPresence:
    return site.presence_history.before_record(seq)


def before_moment(site: Site, utc: datetime) -> PastPresence:
    return site.presence_history.before_moment(utc)


def lockdowns_before(site: Site, counts: Callable[[LogEntry], bool]) -> frozenset[str]:
    """The areas, or SITE, under lockdown after the leading records for which `counts` is true."""
    areas = set[str]()
    after = 0
    while found := site.journal.after(_ACTIONS, after, _STEP):
        for entry in found:
            if not counts(entry):
                return frozenset(areas)
            area, action = entry.codes.get("object_id"), entry.codes.get("action")
            if entry.type != EventType.OPERATOR_ACTION or not isinstance(area, str):
                continue
            if action == ActionType.LOCKDOWN_BEGUN:
                areas.add(area)
            elif action == ActionType.LOCKDOWN_ENDED:
                areas.discard(area)
        after = found[-1].seq
    return frozenset(areas)
