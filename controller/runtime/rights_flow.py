"""A card, the rights that the log gives it, and its PIN: from the look-up to the decision.

Rights that are not in the log yet are awaited, at each reader by itself: no other tap waits for them, and
nobody on the way out is asked. Belongs to the decide thread.
"""

from dataclasses import dataclass, replace

from controller.errors import GenkanError
from controller.journal.rights import Compared
from controller.model.access import AccessRecord, AccessRequest, RightsState
from controller.model.moment import Moment
from controller.model.pins import StoredPin
from controller.model.recorded_rights import SubjectKind
from controller.registry.lookup import RegistryReader
from controller.runtime.judge import Judge
from controller.runtime.pin_flow import PinFlow
from controller.runtime.registry_source import RegistrySource
from controller.runtime.registry_watch import RegistryWatch
from controller.runtime.rights_check import RightsCheck

RECORDED_WITHIN_MS = 300  # the rights of a card, after an operator has changed them


@dataclass(frozen=True)
class _Awaiting:
    """A card whose rights are not in the log; `digits` were keyed in after it."""

    request: AccessRequest
    digits: str | None
    presented: Moment


class RightsFlow:
    def __init__(
        self, check: RightsCheck, registry: RegistrySource, watch: RegistryWatch, judge: Judge, pins: PinFlow
    ) -> None:
        self._check = check
        self._registry = registry
        self._watch = watch
        self._judge = judge
        self._pins = pins
        self._awaiting: dict[str, _Awaiting] = {}  # by reader

    @property
    def awaiting(self) -> list[str]:
        """The readers at which a card waits for the log."""
        return list(self._awaiting)

    def decide(
        self, request: AccessRequest, digits: str | None, listing: RegistryReader, now: Moment
    ) -> None:
        """`listing` answered the look-up of the card; `digits` were keyed in after it."""
        found, pin = self._compared(request, listing, now)
        if found.state is not RightsState.UNACCOUNTED:
            self._decide(_as_found(request, found), digits, pin, now)
        elif self._registry.is_copy(listing):
            self._decide_unaccounted(request, found, digits, pin, now=now)
        else:
            self._awaiting[request.reader] = _Awaiting(request, digits, now)
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
            record, listing = self._registry.find(request.card_hash, request.access_point, presented)
        except GenkanError:
            self._pins.refuse_without_registry(request, presented)
            return
        request = self.found_again(request, record, listing)
        found, pin = self._compared(request, listing, presented)
        if found.state is not RightsState.UNACCOUNTED:
            self._decide(_as_found(request, found), waiting.digits, pin, presented)
        elif is_last or now.mono_ms - presented.mono_ms >= RECORDED_WITHIN_MS:
            self._decide_unaccounted(request, found, waiting.digits, pin, now=presented)
        else:
            self._awaiting[reader] = waiting

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
        self, request: AccessRequest, listing: RegistryReader, now: Moment
    ) -> tuple[Compared, StoredPin | None]:
        """What the log says of the tap, and the PIN that it needs."""
        self._judge.refresh(listing, now)
        pin = self._pins.stored(request, listing)
        return self._check.compare(request, pin), pin

    def _decide(self, request: AccessRequest, digits: str | None, pin: StoredPin | None, now: Moment) -> None:
        complete = self._pins.with_pin(request, digits, pin, now)
        if complete is not None:
            self._judge.decide(complete, now)

    def _decide_unaccounted(
        self, request: AccessRequest, found: Compared, digits: str | None, pin: StoredPin | None, now: Moment
    ) -> None:
        """Until the log has an operator's change, people keep the rights they had."""
        if not self._check.lacks_records(self._registry.lookup):
            self._check.report(found.differing, request, now)
            self._decide(self._check.unaccounted(request), digits, pin, now)
            return
        had = None
        if request.record is not None and all(one.kind is not SubjectKind.PIN for one in found.differing):
            kept = self._registry.find_in_copy(request.card_hash, request.access_point)
            had = self._check.earlier(request, request.record, kept)
        self._decide(had or replace(request, rights=RightsState.UNACCOUNTED), digits, pin, now)


def _as_found(request: AccessRequest, found: Compared) -> AccessRequest:
    return replace(request, rights=found.state, rights_seq=found.seq)
