"""The newest record of a lockdown in the log: begun or ended, and by which operator action."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from controller.model.events import Json
from controller.model.orders import ActionType


@dataclass(frozen=True)
class LoggedLockdown:
    """`area` is an area's name, or "*" for the whole site; `action_id` is the id of the registry's row."""

    area: str
    begun: bool
    action_id: int
    utc: datetime


def logged_lockdown(codes: Mapping[str, Json]) -> LoggedLockdown | None:
    """From the codes of an operator's action; None if it is not about a lockdown, is damaged, or was copied
    again from an accepted registry.
    """
    if codes.get("again"):
        return None
    action, area, id_ = codes.get("action"), codes.get("object_id"), codes.get("action_id")
    if action not in (ActionType.LOCKDOWN_BEGUN, ActionType.LOCKDOWN_ENDED):
        return None
    try:
        utc = datetime.fromisoformat(str(codes.get("done_utc")))
    except ValueError:
        return None
    if not isinstance(area, str) or not isinstance(id_, int) or utc.tzinfo is None:
        return None
    return LoggedLockdown(area, action == ActionType.LOCKDOWN_BEGUN, id_, utc)
