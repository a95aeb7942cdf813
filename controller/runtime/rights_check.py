"""Compares the rights that the door reads for a tap with those that the log gives.

Rights without a record are refused inward, or admitted where `[log] unaccounted = "alarm"`. Either way they
are an alarm, for a tap once for each subject in ten minutes. Belongs to the decide thread.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace

from controller.errors import GenkanError
from controller.journal.rights import Compared, RightsInForce
from controller.model.access import AccessRecord, AccessRequest, Direction, RightsState
from controller.model.credentials import CardholderStatus, CredentialStatus
from controller.model.events import Event, EventType
from controller.model.moment import Moment
from controller.model.pins import StoredPin
from controller.model.recorded_rights import Subject, SubjectDigest, SubjectKind
from controller.registry.lookup import Lookup
from controller.registry.rights import rights_of_pin
from controller.runtime.definitions import DefinitionsNow

RECORDED_WITHIN_MS = 300  # a change by an operator
_ALARM_EVERY_MS = 600_000
_MORE_EVERY_MS = 60_000  # alarms about further definitions that no tap depends on
_SUBJECTS_AT_MOST = 10_000  # of alarms in that time
_IN_DOUBT_AT_MOST = 1000  # subjects that an action may give which the log lacks
_NAMED = 20  # subjects in one record

_OF_A_PERSON = frozenset({SubjectKind.PERSON, SubjectKind.BADGE, SubjectKind.PIN})


class RightsCheck:
    def __init__(
        self,
        in_force: RightsInForce,
        has_more_actions: Callable[[Lookup], bool],
        record: Callable[[Event], None],
        remember: Collection[str] = (),
        refuses: bool = True,
        is_rolled_back: Callable[[], bool] = lambda: False,
    ) -> None:
        """`has_more_actions`: the registry holds actions that the log lacks. `remember`: the doors that admit
        while the log cannot be written. `refuses`: whether rights without a record are refused.
        `is_rolled_back`: an alarm covers all that differs in this registry.
        """
        self._in_force = in_force
        self._has_more_actions = has_more_actions
        self._record = record
        self._remember = remember
        self._refuses = refuses
        self._is_rolled_back = is_rolled_back
        self._alarms: dict[Subject, int] = {}  # when each was raised, the oldest first
        self._in_doubt: dict[Subject, AccessRequest] = {}
        self._since: dict[Subject, int] = {}  # of definitions: since when no record gives them
        self._reported: frozenset[Subject] = frozenset()  # of these
        self._next_alarm_ms = 0  # about more of these

    def compare(self, request: AccessRequest, pin: StoredPin | None, definitions: DefinitionsNow) -> Compared:
        """`pin`: the holder's, if the door asks for it."""
        record = request.record
        if record is None or request.direction is Direction.OUT:
            return Compared(RightsState.UNCHECKED)
        found = self._in_force.compare(record.rights)
        if found.state is RightsState.UNREADABLE and request.door in self._remember:
            return Compared(RightsState.UNCHECKED)
        if found.state not in (RightsState.IN_FORCE, RightsState.UNACCOUNTED):
            return found
        differing = set(found.differing)
        if pin is not None:
            differing.update(self._in_force.compare([rights_of_pin(record.cardholder.id, pin)]).differing)
        if definitions.unaccounted and not request.from_copy:
            differing |= definitions.unaccounted & definitions.used_at(request.access_point, record.levels)
        if differing:
            return Compared(RightsState.UNACCOUNTED, differing=tuple(sorted(differing)))
        return found

    def earlier(self, request: AccessRequest, kept: AccessRecord) -> AccessRequest | None:
        """The request with the rights that the person had before changes that the log lacks, if `kept` has
        them. A badge or person that is blocked meanwhile stays blocked.
        """
        found, now = self._in_force.compare(kept.rights), request.record
        if now is None or found.state is not RightsState.IN_FORCE:
            return None
        if now.credential.status is not CredentialStatus.ACTIVE:
            kept = replace(kept, credential=replace(kept.credential, status=now.credential.status))
        if now.cardholder.status is not CardholderStatus.ACTIVE:
            kept = replace(kept, cardholder=replace(kept.cardholder, status=now.cardholder.status))
        return replace(request, record=kept, rights=RightsState.IN_FORCE, rights_seq=found.seq)

    @property
    def are_complete(self) -> bool:
        """Whether all rights are on record."""
        return self._in_force.compare([]).state is RightsState.IN_FORCE

    def gives(self, rights: SubjectDigest) -> bool:
        """Whether the log gives these rights, or cannot tell."""
        return self._in_force.compare([rights]).state is not RightsState.UNACCOUNTED

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

    def report(self, subjects: Iterable[Subject], now: Moment, request: AccessRequest | None = None) -> None:
        """`request`: the tap that depends on them. One alarm for each subject of a person, one for all
        definitions together.
        """
        news = sorted(subject for subject in subjects if self._is_news(subject, now))
        for subject in news:
            self._alarms.pop(subject, None)
            self._alarms[subject] = now.mono_ms
        while len(self._alarms) > _SUBJECTS_AT_MOST:
            del self._alarms[next(iter(self._alarms))]
        definitions = [subject for subject in news if subject.kind not in _OF_A_PERSON]
        for subject in news:
            if subject.kind in _OF_A_PERSON:
                self._record(_alarm([subject], now, request))
        if definitions:
            self._record(_alarm(definitions, now, request))

    def doubt(self, request: AccessRequest, subjects: Iterable[Subject]) -> None:
        """Report those that still differ once the log has all actions, as `watch` finds out."""
        for subject in subjects:
            if len(self._in_doubt) < _IN_DOUBT_AT_MOST:
                self._in_doubt.setdefault(subject, request)

    def watch(self, subjects: Collection[Subject], lookup: Lookup, now: Moment) -> None:
        """At every tick: raise an alarm for definitions that the log does not give even after a while, and
        for what `doubt` was called with.
        """
        self._since = {one: self._since.get(one, now.mono_ms) for one in subjects}
        late = {one for one, since in self._since.items() if now.mono_ms - since >= RECORDED_WITHIN_MS}
        self._reported = frozenset(
            one for one in late if one in self._reported or not self._is_news(one, now)
        )
        news = late - self._reported
        is_due = bool(news) and now.mono_ms >= self._next_alarm_ms and not self._is_rolled_back()
        if not (is_due or self._in_doubt) or self.lacks_records(lookup):
            return
        if is_due:
            self._next_alarm_ms = now.mono_ms + _MORE_EVERY_MS
            self.report(news, now)
        in_doubt, self._in_doubt = self._in_doubt, {}
        for subject, request in in_doubt.items():
            if not self._is_on_record(subject, lookup):
                self.report([subject], now, request)

    def _is_on_record(self, subject: Subject, lookup: Lookup) -> bool:
        """False also for rights that cannot be read."""
        try:
            return self.gives(SubjectDigest(subject, lookup.rights_now([subject])[subject]))
        except GenkanError:
            return False

    def _is_news(self, subject: Subject, now: Moment) -> bool:
        raised = self._alarms.get(subject)
        return raised is None or now.mono_ms - raised >= _ALARM_EVERY_MS


def _alarm(subjects: Sequence[Subject], now: Moment, request: AccessRequest | None) -> Event:
    """`subjects`: one of a person, or any definitions."""
    subject = subjects[0]
    codes: dict[str, str | int] = {"subject": subject.text}
    if len(subjects) > 1:
        codes["subjects"] = " ".join(one.text for one in subjects[:_NAMED])
        codes["subjects_count"] = len(subjects)
    event = Event(EventType.RIGHTS_UNACCOUNTED, now, codes=codes)
    if request is None:
        return event
    event = replace(event, door=request.door, access_point=request.access_point, reader=request.reader)
    record = request.record
    if record is None or subject.kind not in _OF_A_PERSON:
        return event
    return replace(
        event,
        person=record.cardholder.id,
        credential=record.credential.id,
        details={"name": record.cardholder.name, "last_four": record.credential.last_four},
    )
