"""Carries the decision's actions out: passes them to the other threads and to the readers."""

from collections.abc import Callable, Mapping

from controller.devices import CredentialReader
from controller.model.actions import (
    AllowMoreTime,
    DecisionAction,
    Indication,
    RecordEvent,
    RecordPassage,
    RecordThenRelease,
    Show,
)
from controller.model.events import Event, EventType
from controller.model.reasons import DenyReason
from controller.model.signals import (
    HoldEnded,
    HoldReleased,
    MoreTimeAllowed,
    PassageAtReleasedDoor,
    ReleaseRequested,
)
from controller.runtime.drive import Admission, Drive
from controller.runtime.grants import PendingGrant
from controller.runtime.limits import USUAL, Limits
from controller.runtime.presence import LivePresence
from controller.runtime.recorder import Recorder

# For the record of an unlocked time, which nobody at the door waits for. While a disk hangs on it, the door
# counts as about to be released and interlocked doors admit nobody: the record may become durable any moment,
# and then both doors would be released. Entries there would be refused in any case: their records need the
# same disk.
_ANY_TIME_MS = 2**53


class CarryOut:
    def __init__(
        self,
        recorder: Recorder,
        drive: Drive,
        readers: Mapping[str, CredentialReader],
        presence: LivePresence,
        limits: Limits = USUAL,
    ) -> None:
        self._recorder = recorder
        self._presence = presence
        self._drive = drive
        self._readers = readers
        self._durable_within_ms = limits.durable_within_ms

    def perform(self, actions: list[DecisionAction]) -> None:
        for action in actions:
            match action:
                case RecordEvent(event):
                    self._presence.add_event(event)
                    self._recorder.record(event)
                case RecordThenRelease(grant, door, reader, more_time):
                    self._release_when_durable(grant, door, reader, more_time)
                case RecordPassage(grant, door, reader, releases, more_time):
                    self._record_passage(grant, door, reader, releases, more_time=more_time)
                case AllowMoreTime(door):
                    self._drive.post(MoreTimeAllowed(door))
                case Show(reader, indication):
                    self._readers[reader].show(indication)

    def record(self, event: Event) -> None:
        self._recorder.record(event)

    @property
    def log_fails(self) -> bool:
        return self._recorder.failing

    def _release_when_durable(self, grant: Event, door: str, reader: str | None, more_time: bool) -> None:
        def release(seq: int) -> None:
            self._admit(ReleaseRequested(door, seq), reader, more_time, pending)

        def refuse() -> None:
            self._show(reader, Indication.REFUSED)
            self._recorder.record(journal_unavailable(grant))

        pending = PendingGrant(grant, release, refuse, self._durable_within_ms)
        self._drive.expect_release(door, pending)
        self._submit(pending)

    def _record_passage(
        self, grant: Event, door: str, reader: str | None, releases: bool, more_time: bool
    ) -> None:
        """At a door that is released anyway. A passage not durable in time still happened, so it is recorded
        later.
        """

        def follow(seq: int) -> None:
            signal = ReleaseRequested(door, seq) if releases else PassageAtReleasedDoor(door, seq)
            self._admit(signal, reader, more_time, pending)

        def record_later() -> None:
            self._show(reader, Indication.GRANTED)
            self._recorder.record(grant)

        pending = PendingGrant(grant, follow, record_later, self._durable_within_ms)
        self._submit(pending)

    def _admit(
        self,
        signal: ReleaseRequested | PassageAtReleasedDoor,
        reader: str | None,
        more_time: bool,
        pending: PendingGrant,
    ) -> None:
        assert signal.grant_seq is not None  # noqa: S101 - the grant is durable
        signals = [signal, MoreTimeAllowed(signal.door)] if more_time else [signal]

        def show(in_time: bool) -> None:
            self._show(reader, Indication.GRANTED if in_time else Indication.REFUSED)

        self._drive.admit(
            Admission(door=signal.door, seq=signal.grant_seq, grant=pending, signals=signals, show=show)
        )

    def _submit(self, pending: PendingGrant) -> None:
        self._presence.add_grant(pending)
        self._drive.watch(pending)
        self._recorder.grant(pending)  # last, so that this thread does not delay the record thread

    def _show(self, reader: str | None, indication: Indication) -> None:
        if reader is not None:
            self._readers[reader].show(indication)

    def hold(self, door: str, number: int, event: Event) -> PendingGrant:
        """Keep the door released once the record that it is unlocked is durable, and only then.

        Nobody waits for this at the door, so a slow disk may take its time: until then the door stays locked.
        """

        def release(seq: int) -> None:
            self._drive.admit(Admission(door, seq, pending, [HoldReleased(door, number)]))

        pending = PendingGrant(event, release, lambda: None, _ANY_TIME_MS)
        self._drive.expect_release(door, pending)
        self._recorder.grant(pending)
        return pending

    def end_hold(self, door: str, number: int) -> None:
        """Ends immediately, even while the journal fails."""
        self._drive.post(HoldEnded(door, number))

    def order(
        self,
        registry_id: str,
        order_id: int,
        done: Event,
        then: Callable[[int], None] = lambda seq: None,
        door: str | None = None,
    ) -> None:
        """Record `done` once for this order. If it is durable in time, release `door` and call `then`, which
        may only queue.
        """

        def carry_out(seq: int) -> None:
            then(seq)
            if door is not None:
                self._drive.admit(Admission(door, seq, pending, [ReleaseRequested(door, seq)]))

        pending = PendingGrant(done, carry_out, lambda: None, self._durable_within_ms)
        if door is not None:
            self._drive.expect_release(door, pending)
        self._drive.watch(pending)
        self._recorder.order(registry_id, order_id, pending)


_OF_A_GRANT_ALONE = {"with", "forgiven"}


def journal_unavailable(grant: Event) -> Event:
    """The record of a person who was refused because the grant could not be recorded.

    It keeps the card's reading: without it, a replay of that reading would count after a restart.
    """
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
        codes={name: code for name, code in grant.codes.items() if name not in _OF_A_GRANT_ALONE},
        details=grant.details,
        reading=grant.reading,
    )
