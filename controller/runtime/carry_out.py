"""Turns the decision's actions into work for the other threads and the readers."""

from collections.abc import Callable, Mapping

from controller.devices import CredentialReader
from controller.model.actions import (
    AllowMoreTime,
    DecisionAction,
    Indication,
    RecordEvent,
    RecordThenRelease,
    Show,
)
from controller.model.events import Event, EventType
from controller.model.reasons import DenyReason
from controller.model.signals import HoldEnded, HoldReleased, MoreTimeAllowed, ReleaseRequested
from controller.runtime.drive import Drive
from controller.runtime.grants import PendingGrant
from controller.runtime.presence import LivePresence
from controller.runtime.record import Record


class CarryOut:
    def __init__(
        self,
        record: Record,
        drive: Drive,
        readers: Mapping[str, CredentialReader],
        presence: LivePresence,
    ) -> None:
        self._record = record
        self._presence = presence
        self._drive = drive
        self._readers = readers

    def perform(self, actions: list[DecisionAction]) -> None:
        for action in actions:
            match action:
                case RecordEvent(event):
                    self._presence.recorded(event)
                    self._record.put(event)
                case RecordThenRelease(grant, door, reader, more_time):
                    self._release_when_durable(grant, door, reader, more_time)
                case AllowMoreTime(door):
                    self._drive.put(MoreTimeAllowed(door))
                case Show(reader, indication):
                    self._readers[reader].show(indication)

    def record(self, event: Event) -> None:
        self._record.put(event)

    def _release_when_durable(self, grant: Event, door: str, reader: str | None, more_time: bool) -> None:
        def release(seq: int) -> None:
            self._drive.put(ReleaseRequested(door, seq))
            if more_time:
                self._drive.put(MoreTimeAllowed(door))
            if reader is not None:
                self._readers[reader].show(Indication.GRANTED)

        def refuse() -> None:
            if reader is not None:
                self._readers[reader].show(Indication.REFUSED)
            self._record.put(journal_unavailable(grant))

        pending = PendingGrant(grant, release, refuse)
        self._presence.enters(pending)
        self._drive.watch(pending)
        self._record.grant(pending)  # last, so that this thread is out of the record thread's way

    def hold(self, door: str, number: int, event: Event) -> PendingGrant:
        """When the record that the door is unlocked is durable, and only then, it stays released."""
        pending = PendingGrant(event, lambda seq: self._drive.put(HoldReleased(door, number)), lambda: None)
        self._drive.watch(pending)
        self._record.grant(pending)
        return pending

    def end_hold(self, door: str, number: int) -> None:
        """At once, whatever the journal does."""
        self._drive.put(HoldEnded(door, number))

    def order(self, registry_id: str, order_id: int, done: Event, then: Callable[[int], None]) -> None:
        """Record `done` once for this order; when durable in time, `then` runs (and may only queue)."""
        pending = PendingGrant(done, then, lambda: None)
        self._drive.watch(pending)
        self._record.order(registry_id, order_id, pending)


def journal_unavailable(grant: Event) -> Event:
    """What stands in the log for somebody who was refused because the grant could not be recorded."""
    return Event(
        EventType.ACCESS_DENIED,
        grant.at,
        door=grant.door,
        access_point=grant.access_point,
        reader=grant.reader,
        direction=grant.direction,
        result="denied",
        reason=DenyReason.JOURNAL_UNAVAILABLE,
        assurance=grant.assurance,
        person=grant.person,
        credential=grant.credential,
        registry=grant.registry,
        details=grant.details,
    )
