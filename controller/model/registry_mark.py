"""What the log knows of the registry, and whether a registry that the door finds continues it.

Somebody may put an older registry.db back, or another one. Its rights are not those on the record, so the
door raises an alarm, and a person must accept it.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class RollbackCause(StrEnum):
    """Why a registry does not continue what the log knows."""

    OLDER = "older"  # it lacks changes or actions that the log knows
    REWRITTEN = "rewritten"  # the newest action in the log is another one in this registry
    UNKNOWN_REGISTRY = "unknown_registry"  # another registry, which nobody has accepted


@dataclass(frozen=True)
class RegistryMark:
    """The accepted registry, as of its newest copied action.

    `action_hash` is None where only a program before this one has copied actions. `rolled_back_utc`: when the
    door found a registry that does not continue this one.
    """

    registry_id: str
    version: int
    last_action: int
    action_hash: bytes | None
    rolled_back_utc: datetime | None = None


@dataclass(frozen=True)
class Acceptance:
    """An authentic action by which an operator, or a restore, accepted a registry in place of `before`."""

    action_id: int
    before: str


@dataclass(frozen=True)
class FoundRegistry:
    """A registry as it is now. `marked_hash` is of its action with the mark's number, None without one."""

    registry_id: str
    version: int
    newest_action: int
    marked_hash: bytes | None = None
    acceptance: Acceptance | None = None


def rollback_cause(mark: RegistryMark, found: FoundRegistry) -> RollbackCause | None:
    """None if `found` continues the registry of the mark, or was accepted in its place."""
    if found.registry_id != mark.registry_id:
        accepted = found.acceptance
        is_next = accepted is not None and accepted.before == mark.registry_id
        return None if is_next else RollbackCause.UNKNOWN_REGISTRY
    if found.version < mark.version or found.newest_action < mark.last_action:
        return RollbackCause.OLDER
    if mark.action_hash is not None and found.marked_hash != mark.action_hash:
        return RollbackCause.REWRITTEN
    return None
