"""A card, the rights that the log gives it, and its PIN: from the look-up to the decision.

Rights that are not in the log yet are awaited, at each reader by itself: no other tap waits for them, and
nobody on the way out is asked. Belongs to the decide thread.
"""

from dataclasses import dataclass, replace

from controller.errors import GenkanError
from controller.journal.rights import Compared
from controller.model.access import AccessRecord, AccessRequest, Direction, RightsState
from controller.model.credentials import Assurance
from controller.model.moment import Moment
from controller.model.pins import StoredPin
from controller.model.recorded_rights import SubjectKind
from controller.model.unproved import Unproved
from controller.registry.lookup import BadgeUnreadable, RegistryReader
from controller.runtime.definitions import DefinitionsNow
from controller.runtime.judge import Judge
from controller.runtime.pin_flow import PinFlow
from controller.runtime.registry_source import RegistrySource
from controller.runtime.registry_watch import RegistryWatch
from controller.runtime.rights_check import RECORDED_WITHIN_MS, RightsCheck


@dataclass(frozen=True)
class _Tap:
    """`digits` were keyed in after the card. `found` compares its rights with the log. `pin` is the holder's,
    at a door that asks for it.
    """

    request: AccessRequest
    digits: str | None
    presented: Moment
    found: Compared
    pin: StoredPin | None


class RightsFlow:
    def __init__(
        self, check: RightsCheck, registry: RegistrySource, watch: RegistryWatch, judge: Judge, pins: PinFlow
    ) -> None:
        self._check = check
        self._registry = registry
        self._watch = watch
        self._judge = judge
        self._pins = pins
        self._awaiting: dict[str, _Tap] = {}  # by reader

    @property
    def awaiting(self) -> list[str]:
        """The readers at which a card waits for the log."""
        return list(self._awaiting)

    def find(
        self, card_hash: bytes, access_point: str, now: Moment
    ) -> tuple[AccessRecord | None, RegistryReader]:
        """As the registry finds it. A badge whose data cannot be read is an alarm."""
        try:
            return self._registry.find(card_hash, access_point, now)
        except BadgeUnreadable as error:
            self._check.report_unreadable(error.badge, now)
            raise

    def decide(
        self, request: AccessRequest, digits: str | None, listing: RegistryReader, now: Moment
    ) -> None:
        """`listing` answered the look-up of the card; `digits` were keyed in after it."""
        tap = self._compared(request, digits, listing, now)
        if tap.found.state is not RightsState.UNACCOUNTED:
            self._decide(tap, tap.request)
        elif self._registry.is_copy(listing):
            self._decide_unaccounted(tap)
        else:
            self._awaiting[request.reader] = tap
            self._watch.poll(now)  # has the log take what the registry holds

    def resume(self, reader: str, now: Moment, is_last: bool = False) -> None:
        """Compare the rights of the card that waits at `reader` again, and decide by the moment at which it
        was presented. `is_last`: it waits no longer.
        """
        waiting = self._awaiting.pop(reader, None)
        if waiting is None:
            return
        request, presented = waiting.request, waiting.presented
        try:
            record, listing = self.find(request.card_hash, request.access_point, presented)
        except GenkanError:
            self._pins.refuse_without_registry(request, presented)
            return
        request = self.found_again(request, record, listing)
        tap = self._compared(request, waiting.digits, listing, presented)
        if tap.found.state is not RightsState.UNACCOUNTED:
            self._decide(tap, tap.request)
        elif is_last or now.mono_ms - presented.mono_ms >= RECORDED_WITHIN_MS:
            self._decide_unaccounted(tap)
        else:
            self._awaiting[reader] = tap

    def found_again(
        self, request: AccessRequest, record: AccessRecord | None, listing: RegistryReader
    ) -> AccessRequest:
        """The same card, looked up again."""
        return replace(
            request,
            record=record,
            registry_version=listing.version,
            from_copy=self._registry.is_copy(listing),
        )

    def _compared(
        self, request: AccessRequest, digits: str | None, listing: RegistryReader, now: Moment
    ) -> _Tap:
        request = _with_proof(request)
        self._judge.refresh(listing, now)
        definitions, record = self._judge.definitions, request.record
        pin = self._pins.stored(request, listing)
        found = self._check.compare(request, pin, definitions)
        if record is not None and request.direction is Direction.IN:
            used = definitions.used_at(request.access_point, record.levels)
            if request.from_copy:
                self._check.report(definitions.found(definitions.unaccounted & used), now, request)
            if definitions.effective is not listing.current:
                record = _with_rules(record, definitions, request.access_point)
            request = replace(
                request,
                record=record,
                rights=found.state,
                rights_seq=found.seq,
                definition_records=definitions.definition_records(used),
            )
        return _Tap(request, digits, now, found, pin=pin)

    def _decide(self, tap: _Tap, request: AccessRequest) -> None:
        complete = self._pins.with_pin(request, tap.digits, tap.pin, tap.presented)
        if complete is not None:
            self._judge.decide(complete, tap.presented)

    def _decide_unaccounted(self, tap: _Tap) -> None:
        """Until the log has an operator's change, people keep the rights they had, but not a changed PIN: the
        old one may have been changed because somebody knows it.
        """
        if self._check.lacks_records(self._registry.lookup):
            self._check.doubt(tap.request, tap.found.differing)
            earlier = self._with_earlier_rights(tap)
            self._decide(tap, earlier or replace(tap.request, rights=RightsState.UNACCOUNTED))
        else:
            self._decide(tap, self._check.unaccounted(tap.request, tap.found.differing, tap.presented))

    def _with_earlier_rights(self, tap: _Tap) -> AccessRequest | None:
        """The request with the rights on record, from the last good copy where the registry has later ones.
        None if the copy has others, or if the PIN has changed.
        """
        request, kinds = tap.request, {one.subject.kind for one in tap.found.differing}
        record = request.record
        if record is None or SubjectKind.PIN in kinds:
            return None
        if not kinds.isdisjoint({SubjectKind.PERSON, SubjectKind.BADGE}):
            record = self._registry.find_in_copy(request.card_hash, request.access_point)
        if record is None:
            return None
        earlier = self._check.earlier(
            request, _with_rules(record, self._judge.definitions, request.access_point)
        )
        return None if earlier is None else _with_proof(earlier)


def _with_proof(request: AccessRequest) -> AccessRequest:
    """A card has proved nothing by another key than the one in this record: somebody may have put it into
    the registry for a moment.
    """
    record, source = request.record, request.key_source
    if record is None or source is None or source == record.key_source or request.unproved:
        return request
    unproved = Unproved.WRONG if source else Unproved.UNASKED
    return replace(request, assurance=Assurance.NUMBER_ONLY, unproved=unproved)


def _with_rules(record: AccessRecord, now: DefinitionsNow, access_point: str) -> AccessRecord:
    """With the access rules of the definitions in force."""
    return replace(record, rules=now.effective.rules_at(access_point, record.levels))
