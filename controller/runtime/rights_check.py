"""Compares the rights that the door reads for a tap with those that the log gives.

Rights without a record are refused inward, or admitted where `[log] unaccounted = "alarm"`. Either way they
are an alarm, one for each subject in ten minutes. Belongs to the decide thread.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from controller.errors import GenkanError
from controller.journal.rights import Compared, RightsInForce
from controller.model.access import AccessRecord, AccessRequest, Direction, RightsState
from controller.model.credentials import CardholderStatus, CredentialStatus
from controller.model.events import Event, EventType
from controller.model.moment import Moment
from controller.model.pins import StoredPin
from controller.model.recorded_rights import Subject
from controller.registry.lookup import Lookup
from controller.registry.rights import rights_of_pin

_ALARM_EVERY_MS = 600_000
_SUBJECTS_AT_MOST = 10_000  # of alarms in that time


class RightsCheck:
    def __init__(
        self,
        in_force: RightsInForce,
        has_more_actions: Callable[[Lookup], bool],
        record: Callable[[Event], None],
        remember: Collection[str] = (),
        refuses: bool = True,
    ) -> None:
        """`has_more_actions`: the registry holds actions that the log lacks. `remember`: the doors that admit
        while the log cannot be written. `refuses`: whether rights without a record are refused.
        """
        self._in_force = in_force
        self._has_more_actions = has_more_actions
        self._record = record
        self._remember = remember
        self._refuses = refuses
        self._alarms: dict[Subject, int] = {}  # when each was raised

    def compare(self, request: AccessRequest, pin: StoredPin | None) -> Compared:
        """`pin`: the holder's, if the door asks for it."""
        record = request.record
        if record is None or request.direction is Direction.OUT:
            return Compared(RightsState.UNCHECKED)
        found = self._in_force.compare(record.rights)
        if found.state is RightsState.UNREADABLE and request.door in self._remember:
            return Compared(RightsState.UNCHECKED)
        if pin is None or found.state is not RightsState.IN_FORCE:
            return found
        of_pin = self._in_force.compare([rights_of_pin(record.cardholder.id, pin)])
        return found if of_pin.state is RightsState.IN_FORCE else of_pin

    def earlier(
        self, request: AccessRequest, now: AccessRecord, kept: AccessRecord | None
    ) -> AccessRequest | None:
        """The request with the rights that the person had before changes that the log lacks, if the last good
        copy (`kept`) has them. A badge or person that is blocked meanwhile stays blocked.
        """
        if kept is None:
            return None
        found = self._in_force.compare(kept.rights)
        if found.state is not RightsState.IN_FORCE:
            return None
        if now.credential.status is not CredentialStatus.ACTIVE:
            kept = replace(kept, credential=replace(kept.credential, status=now.credential.status))
        if now.cardholder.status is not CardholderStatus.ACTIVE:
            kept = replace(kept, cardholder=replace(kept.cardholder, status=now.cardholder.status))
        return replace(request, record=kept, rights=RightsState.IN_FORCE, rights_seq=found.seq)

    def lacks_records(self, lookup: Lookup | None) -> bool:
        """Whether the log has yet to take actions from the registry, which may give the rights."""
        try:
            return lookup is not None and self._has_more_actions(lookup)
        except GenkanError:
            return False

    def unaccounted(self, request: AccessRequest) -> AccessRequest:
        """The request, as the rules judge it once it is certain that no record gives its rights."""
        return replace(
            request,
            rights=RightsState.UNACCOUNTED if self._refuses else RightsState.UNCHECKED,
            rights_seq=None,
        )

    def report(self, subjects: Iterable[Subject], request: AccessRequest, now: Moment) -> None:
        record = request.record
        for subject in subjects:
            if not self._is_news(subject, now):
                continue
            event = Event(
                EventType.RIGHTS_UNACCOUNTED,
                now,
                door=request.door,
                access_point=request.access_point,
                reader=request.reader,
                codes={"subject": subject.text},
            )
            if record is not None:
                event = replace(
                    event,
                    person=record.cardholder.id,
                    credential=record.credential.id,
                    details={"name": record.cardholder.name, "last_four": record.credential.last_four},
                )
            self._record(event)

    def _is_news(self, subject: Subject, now: Moment) -> bool:
        raised = self._alarms.get(subject)
        if raised is not None and now.mono_ms - raised < _ALARM_EVERY_MS:
            return False
        if len(self._alarms) >= _SUBJECTS_AT_MOST:
            self._alarms.clear()
        self._alarms[subject] = now.mono_ms
        return True
