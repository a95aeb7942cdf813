"""What the web and the command line hand to the door through the registry: orders, and what operators did."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from controller.model.events import Json


class OrderType(StrEnum):
    UNLOCK_ONCE = "unlock_once"
    LEARN_BADGE = "learn_badge"


@dataclass(frozen=True, slots=True)
class Order:
    """Carried out at most once, in the boot it was given in, before its age passes `limit_ms`.

    `boot` and `boottime_ms` are the kernel's, so that neither a restart nor a set clock ever opens a door.
    """

    id: int
    type: OrderType
    door: str | None
    reader: str | None
    operator_id: str
    operator_name: str
    reason: str | None
    boot: str
    boottime_ms: int
    limit_ms: int
    utc: datetime


@dataclass(frozen=True, slots=True)
class OperatorAction:
    """One row of `operator_actions`: `action` is a code such as `badge_lost`, before and after what changed."""

    id: int
    utc: datetime
    operator_id: str | None
    operator_name: str
    role: str
    action: str
    object_type: str | None
    object_id: str | None
    before: dict[str, Json] | None
    after: dict[str, Json] | None
    reason: str | None
