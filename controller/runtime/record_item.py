"""What waits to be recorded: an event, a grant that a person waits for, or an operator's order."""

from dataclasses import dataclass

from controller.model.events import Event, EventType, Outcome
from controller.runtime.grants import Fate, PendingGrant

_OF_THE_JOURNAL = frozenset(
    {
        EventType.JOURNAL_FAILED,
        EventType.JOURNAL_RECOVERED,
        EventType.JOURNAL_HELD,
        EventType.JOURNAL_RELEASED,
        EventType.RESERVE_RELEASED,
    }
)
# What the door does once a grant, a request to exit or a card on the way out has its own record.
FOLLOWERS = frozenset(
    {EventType.LOCK_RELEASED, EventType.LOCK_SECURED, EventType.DOOR_OPENED, EventType.DOOR_CLOSED}
)


@dataclass(frozen=True)
class OrderItem:
    registry_id: str
    order_id: int
    pending: PendingGrant


RecordItem = Event | PendingGrant | OrderItem


def pending_of(item: PendingGrant | OrderItem) -> PendingGrant:
    return item.pending if isinstance(item, OrderItem) else item


def event_of(item: RecordItem) -> Event:
    return item if isinstance(item, Event) else pending_of(item).event


def is_still_wanted(item: RecordItem) -> bool:
    """False for a refused grant: its refusal has a record of its own."""
    return isinstance(item, Event) or pending_of(item).fate is not Fate.REFUSED


def is_site_event(item: RecordItem) -> bool:
    """Whether it happened on site, rather than to the journal itself."""
    return not isinstance(item, Event) or item.type not in _OF_THE_JOURNAL


def is_follower(item: RecordItem) -> bool:
    """Whether its record may wait a moment for others: no decision, alarm or person depends on it.

    Any outcome but "opened" is recorded without a wait: it may take the person off the list of those inside.
    """
    if not isinstance(item, Event):
        return False
    return item.type in FOLLOWERS or (item.type is EventType.ACCESS_OUTCOME and item.result == Outcome.OPENED)
