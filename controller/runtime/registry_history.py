"""Whether the registry continues what the log knows, or an older or another one replaces it.

Belongs to the record thread. It judges at each start and before each batch of operators' actions. What
differs in such a registry has no rights on record; people who are unchanged enter. Only a person's
acceptance, or the newest registry itself, ends that.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from controller.journal import registry_mark as marks
from controller.journal.append import Journal
from controller.model.events import Event, EventType
from controller.model.moment import Moment
from controller.model.orders import OperatorAction
from controller.model.registry_mark import FoundRegistry, RegistryMark, RollbackCause, rollback_cause
from controller.registry.lookup import Lookup

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class CopiedRegistry:
    """From where on the door copies the actions of a registry, and what they may still change.

    `last_action`: the newest copied one. The log has actions up to `repeated_up_to` from the registry that
    this one replaces. `rolled_back_utc`: since then this is not the accepted registry.
    """

    registry_id: str
    version: int
    last_action: int
    repeated_up_to: int = 0
    rolled_back_utc: datetime | None = None

    def is_repeated(self, row: OperatorAction) -> bool:
        """Whether this action has had its effect before: its record must change nothing."""
        is_older = self.rolled_back_utc is not None and row.utc <= self.rolled_back_utc
        return row.id <= self.repeated_up_to or is_older

    def mark_at(self, action_id: int, action_hash: bytes | None) -> RegistryMark | None:
        """What the log knows once it holds this action; None: still what it knew before."""
        if self.rolled_back_utc is not None:
            return None
        return RegistryMark(self.registry_id, self.version, action_id, action_hash)


class RegistryHistory:
    def __init__(self, now: Callable[[], Moment], set_rolled_back: Callable[[bool], None]) -> None:
        self._now = now
        self._set_rolled_back = set_rolled_back

    def judge(self, journal: Journal, lookup: Lookup, key: bytes) -> CopiedRegistry:
        """Record what has changed since the last time. `key`: the card number key."""
        recorded = journal.registry_mark()
        found = lookup.found_registry(recorded, key)
        positions = journal.copied_positions()
        mark = recorded or _mark_before_marks(positions, found)
        cause = None if mark is None else rollback_cause(mark, found)
        if mark is not None and cause is not None:
            return self._rolled_back(journal, mark, found, cause=cause, positions=positions)
        if mark is not None and (mark.rolled_back_utc is not None or mark.registry_id != found.registry_id):
            mark = self._continues(journal, mark, found)
        elif recorded is None and mark is not None:
            journal.save([marks.save_mark(mark)])
        self._set_rolled_back(False)
        return CopiedRegistry(
            registry_id=found.registry_id,
            version=found.version,
            last_action=journal.last_action(found.registry_id),
            repeated_up_to=journal.repeated_up_to(found.registry_id),
        )

    def _rolled_back(
        self,
        journal: Journal,
        mark: RegistryMark,
        found: FoundRegistry,
        cause: RollbackCause,
        positions: dict[str, int],
    ) -> CopiedRegistry:
        """Record it once. Do not copy the actions it already holds."""
        since, position = mark.rolled_back_utc, positions.get(found.registry_id)
        if since is None or position is None or found.newest_action < position:
            now = self._now()
            since, position = now.utc, found.newest_action
            log.error("the registry is not the accepted one (%s)", cause.value)
            codes: dict[str, str | int] = {
                "cause": cause.value,
                "version": found.version,
                "version_known": mark.version,
                "action_id": found.newest_action,
                "action_known": mark.last_action,
            }
            journal.append_with(
                Event(EventType.REGISTRY_ROLLED_BACK, now, codes=codes),
                [
                    marks.save_mark(replace(mark, rolled_back_utc=since)),
                    marks.save_position(found.registry_id, position),
                ],
            )
        self._set_rolled_back(True)
        return CopiedRegistry(found.registry_id, found.version, position, rolled_back_utc=since)

    def _continues(self, journal: Journal, mark: RegistryMark, found: FoundRegistry) -> RegistryMark:
        """The newest registry is back, or somebody has accepted the one that is there."""
        if found.acceptance is None:
            after = replace(mark, rolled_back_utc=None)
            position = marks.save_position(mark.registry_id, mark.last_action)
        else:
            after = RegistryMark(found.registry_id, found.version, 0, None)
            position = marks.begin_copying_again(found.registry_id, found.acceptance.action_id - 1)
        statements = [marks.save_mark(after), position]
        if mark.rolled_back_utc is None:
            journal.save(statements)
        else:
            how = "put_back" if found.acceptance is None else "accepted"
            event = Event(EventType.REGISTRY_ROLLBACK_ENDED, self._now(), codes={"how": how})
            journal.append_with(event, statements)
        log.warning("this is the accepted registry now")
        return after


def _mark_before_marks(positions: dict[str, int], found: FoundRegistry) -> RegistryMark | None:
    """What a log knows in which only a program without marks has copied actions; None for a new log."""
    if not positions:
        return None
    registry_id = found.registry_id
    if registry_id not in positions:
        registry_id = max(positions, key=lambda one: positions[one])
    return RegistryMark(registry_id, 0, positions[registry_id], None)
