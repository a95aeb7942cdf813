"""What the log last said of a lockdown: begun or ended, by which of the operators' actions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from controller.model.events import Json
from controller.model.orders import ActionType


@dataclass(frozen=True)
class LoggedLockdown:
    """`area` is the name of one, or "*" for the whole site; `action_id` that of the registry's row."""

    area: str
    begun: bool
    action_id: int
    utc: datetime


def logged_lockdown(codes: Mapping[str, Json]) -> LoggedLockdown | None:
    """Of the codes of an operator's action; None where it is about no lockdown, or damaged."""
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
