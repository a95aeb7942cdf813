"""Compares the rights that the door reads for a tap with those that the log gives.

Rights without a record are refused inward, or admitted where `[log] unaccounted = "alarm"`. Either way they
are an alarm, as `unaccounted_alarms.py` bounds it. Belongs to the decide thread.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from controller.errors import GenkanError
from controller.journal.rights import Compared, RightsInForce
from controller.model.access import AccessRecord, AccessRequest, Direction, RightsState
from controller.model.credentials import CardholderStatus, CredentialStatus
from controller.model.events import Event
from controller.model.moment import Moment
from controller.model.pins import StoredPin
from controller.model.recorded_rights import Subject, SubjectDigest, SubjectKind
from controller.registry.lookup import Lookup
from controller.registry.rights import UNREADABLE, rights_of_pin
from controller.runtime.definitions import DefinitionsNow
from controller.runtime.unaccounted_alarms import UnaccountedAlarms

RECORDED_WITHIN_MS = 300  # a change by an operator
_MORE_EVERY_MS = 60_000  # alarms about further definitions that no tap depends on
_IN_DOUBT_AT_MOST = 1000  # subjects that an action may give which the log lacks


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
        self._remember = remember
        self._refuses = refuses
        self._is_rolled_back = is_rolled_back
        self._alarms = UnaccountedAlarms(record)
        self._in_doubt: dict[Subject, AccessRequest] = {}
        self._since: dict[SubjectDigest, int] = {}  # of definitions: since when no record gives them
        self._reported: frozenset[SubjectDigest] = frozenset()  # of these
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
        rights, differing = list(record.rights), set(found.differing)
        if pin is not None:
            rights.append(rights_of_pin(record.cardholder.id, pin))
            differing.update(self._in_force.compare(rights[-1:]).differing)
        self._alarms.agree({one.subject for one in rights} - {one.subject for one in differing})
        if definitions.unaccounted and not request.from_copy:
            used = definitions.used_at(request.access_point, record.levels)
            differing |= definitions.found(definitions.unaccounted & used)
        if differing:
            return Compared(
                RightsState.UNACCOUNTED, differing=tuple(sorted(differing, key=lambda one: one.subject))
            )
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

    def unaccounted(
        self, request: AccessRequest, found: Collection[SubjectDigest], now: Moment
    ) -> AccessRequest:
        """Raise the alarm about rights that no record gives, as is certain by now, and return the request as
        the rules judge it.
        """
        self._alarms.report(found, now, request, is_admitted=not self._refuses)
        state = RightsState.UNACCOUNTED if self._refuses else RightsState.UNACCOUNTED_ADMITTED
        return replace(request, rights=state, rights_seq=None)

    def report(
        self, found: Collection[SubjectDigest], now: Moment, request: AccessRequest | None = None
    ) -> None:
        """`request`: the tap that depends on them."""
        self._alarms.report(found, now, request)

    def report_unreadable(self, badge: str, now: Moment) -> None:
        """A tap with a badge whose data, or whose holder's, nobody can read."""
        self.report([SubjectDigest(Subject(SubjectKind.BADGE, badge), UNREADABLE)], now)

    def doubt(self, request: AccessRequest, found: Iterable[SubjectDigest]) -> None:
        """Report those that still differ once the log has all actions, as `watch` finds out."""
        for one in found:
            if len(self._in_doubt) < _IN_DOUBT_AT_MOST:
                self._in_doubt.setdefault(one.subject, request)

    def watch(self, found: Collection[SubjectDigest], lookup: Lookup, now: Moment) -> None:
        """At every tick: raise an alarm for definitions that the log does not give even after a while
        (`found`), and for what `doubt` was called with.
        """
        self._alarms.tick(now)
        self._alarms.agree({one.subject for one in self._since} - {one.subject for one in found})
        self._since = {one: self._since.get(one, now.mono_ms) for one in found}
        late = {one for one, since in self._since.items() if now.mono_ms - since >= RECORDED_WITHIN_MS}
        self._reported = frozenset(
            one for one in late if one in self._reported or not self._alarms.is_news(one, now)
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
            one = _read(subject, lookup)
            if one is None or not self.gives(one):
                self.report([one or SubjectDigest(subject, None)], now, request)


def _read(subject: Subject, lookup: Lookup) -> SubjectDigest | None:
    """None for rights that cannot be read."""
    try:
        return SubjectDigest(subject, lookup.rights_now([subject])[subject])
    except GenkanError:
        return None
