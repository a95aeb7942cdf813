"""What the registry passes to the door from the web and the command line: orders, and operators' actions."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from controller.model.events import Json


class OrderType(StrEnum):
    UNLOCK_ONCE = "unlock_once"
    LEARN_BADGE = "learn_badge"
    OPEN_INSTALL = "open_install"


@dataclass(frozen=True)
class Order:
    """Carried out at most once, in the boot in which the operator gave it, before its age exceeds `limit_ms`.

    `boot` and `boottime_ms` are the kernel's, so that neither a restart nor setting the clock ever opens a
    door.
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


@dataclass(frozen=True)
class UnreadableOrder:
    """A row that no Genkan wrote: it holds values that no order has."""

    id: int


class ActionType(StrEnum):
    """What an operator did; the changes page and the log show it in words."""

    FIRST_ADMINISTRATOR_ADDED = "first_administrator_added"
    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    PERSON_ADDED = "person_added"
    PERSON_CHANGED = "person_changed"
    PERSON_SUSPENDED = "person_suspended"
    PERSON_RESUMED = "person_resumed"
    BADGE_ADDED = "badge_added"
    BADGE_CHANGED = "badge_changed"
    BADGE_SUSPENDED = "badge_suspended"
    BADGE_RESUMED = "badge_resumed"
    BADGE_LOST = "badge_lost"
    BADGES_IMPORTED = "badges_imported"
    BADGE_KEY_SET = "badge_key_set"
    BADGE_KEY_REMOVED = "badge_key_removed"
    ISSUING_STATION_TRUSTED = "issuing_station_trusted"
    LEVEL_ADDED = "level_added"
    LEVEL_CHANGED = "level_changed"
    LEVEL_REMOVED = "level_removed"
    SCHEDULE_ADDED = "schedule_added"
    SCHEDULE_CHANGED = "schedule_changed"
    SCHEDULE_REMOVED = "schedule_removed"
    OPERATOR_ADDED = "operator_added"
    OPERATOR_CHANGED = "operator_changed"
    OPERATOR_DISABLED = "operator_disabled"
    OPERATOR_ENABLED = "operator_enabled"
    OPERATOR_RESET = "operator_reset"
    PASSWORD_SET = "password_set"  # noqa: S105
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    UNLOCK_ORDERED = "unlock_ordered"
    LEARN_ORDERED = "learn_ordered"
    INSTALL_ORDERED = "install_ordered"
    LOG_VIEWED = "log_viewed"
    LOG_EXPORTED = "log_exported"
    EXPORT_SEALED = "export_sealed"  # object_id: the SHA-256 of the finished file
    CHECKPOINT_ASKED = "checkpoint_asked"
    ERASURE_ASKED = "erasure_asked"
    ERASURE_CANCELLED = "erasure_cancelled"
    ERASURE_CARRIED_OUT = "erasure_carried_out"  # from the registry; the door erases the log after it
    BACKUP_MADE = "backup_made"
    RULES_PUBLISHED = "rules_published"  # object_id: the version
    HOLIDAYS_ADDED = "holidays_added"
    LOCKDOWN_BEGUN = "lockdown_begun"  # object_id: the area, or "*" for the site
    LOCKDOWN_ENDED = "lockdown_ended"
    PRESENCE_CORRECTED = "presence_corrected"
    FORGIVEN = "forgiven"
    AREA_EMPTIED = "area_emptied"
    MUSTER_PRINTED = "muster_printed"
    PIN_SET = "pin_set"
    PIN_REMOVED = "pin_removed"
    RIGHTS_FOUND = "rights_found"  # object_id: the registry whose rights are all on the record now
    RIGHTS_RECORDED = "rights_recorded"  # further rights of the action before it
    REGISTRY_ACCEPTED = "registry_accepted"  # object_id: the id that it has from then on
    CLOCK_CORRECTED = "clock_corrected"
    ALARM_ACKNOWLEDGED = "alarm_acknowledged"  # object_id: the newest record it covers


@dataclass(frozen=True)
class OperatorAction:
    """One row of `operator_actions`: `action` is a code such as `badge_lost`, `after` the resulting state.

    `rights`: the digests of the rights that it changed, as recorded_rights.py writes them. `is_authentic`:
    its MAC is right.
    """

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
    rights: str | None = None
    is_authentic: bool = False
