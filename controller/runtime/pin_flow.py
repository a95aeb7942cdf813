"""A card and its PIN at a door that requires both, from the card to its decision.

Belongs to the decide thread.
"""

from collections.abc import Sequence
from dataclasses import replace

from controller.decision.decision import NoPin, RefusedCard
from controller.model.access import AccessRequest, PinResult
from controller.model.actions import Indication
from controller.model.moment import Moment
from controller.model.pins import StoredPin
from controller.model.readings import CardReading
from controller.model.reasons import DenyReason
from controller.registry.lookup import RegistryReader
from controller.runtime.judge import Judge
from controller.runtime.pin_entry import PinEntry
from controller.runtime.registry_source import RegistrySource


class PinFlow:
    def __init__(self, entry: PinEntry, judge: Judge, registry: RegistrySource) -> None:
        self._entry = entry
        self._judge = judge
        self._registry = registry

    def stored(self, request: AccessRequest, reader: RegistryReader) -> StoredPin | None:
        """The holder's PIN, at a door that asks for it. `reader` answered the look-up of the card."""
        if request.record is None or not self._judge.asks_for_pin(request):
            return None
        return self._registry.stored_pin(request.record.cardholder.id, reader)

    def with_pin(
        self, request: AccessRequest, digits: str | None, stored: StoredPin | None, now: Moment
    ) -> AccessRequest | None:
        """Return the request with the result of its PIN, if it needs one. None: the card waits for its PIN.

        `digits` were keyed in after the card.
        """
        if not self._judge.needs_pin(request, now):
            self._entry.card_needs_none(request.reader)
            return request
        if digits is not None:
            return replace(request, pin=self._entry.check(request, digits, stored, now))
        pin = self._entry.card(request, stored, now)
        if pin is None and self._judge.is_admitted_anyway(request):
            # The door is released: nobody stays to key in a PIN.
            self._entry.another_card(request.reader, request.card_hash, now)
            pin = PinResult.NONE
        if pin is None:
            self._judge.show(request.reader, Indication.ENTER_PIN)
            return None
        return replace(request, pin=pin)

    def entered(self, reader: str, digits: str, now: Moment) -> AccessRequest | None:
        """Return the card that waited at `reader` for these digits. None: they wait for a card now."""
        return self._entry.entered(reader, digits, now)

    def refuse_without_registry(self, request: AccessRequest, now: Moment) -> None:
        """The PIN is here, and neither the registry nor its copy can be read any more."""
        self._judge.refresh_doors()
        if self._judge.is_admitted_anyway(request):
            self._judge.decide(NoPin(request), now)
            return
        card = RefusedCard(
            door=request.door,
            access_point=request.access_point,
            reader=request.reader,
            direction=request.direction,
            reason=DenyReason.REGISTRY_UNAVAILABLE,
            last_four=request.last_four,
            card_hash=request.card_hash,
            kind=request.kind,
        )
        self._judge.decide(card, now)

    def replace_waiting(
        self, reader: str, card_hash: bytes | None, now: Moment, reading: CardReading | None = None
    ) -> None:
        """Another card ends the wait of the one before; the same card restarts its wait. The waiting card's
        reading is recorded unless the new `reading` supersedes it: without a record, a replay of it would
        count after a restart.
        """
        waiting = self._entry.another_card(reader, card_hash, now)
        if waiting is not None and (
            waiting.card_hash != card_hash or not _is_superseded(waiting.reading, reading)
        ):
            self._judge.refresh_doors()
            self._judge.decide_unseen(NoPin(waiting), now)

    def end_overdue(self, now: Moment) -> None:
        """Decide the cards whose wait is over. Called at every tick."""
        self._end(self._entry.overdue(now), now)

    def end_all(self, now: Moment) -> None:
        """Decide all cards that wait; the door service stops."""
        self._end(self._entry.overdue(), now)

    def _end(self, requests: Sequence[AccessRequest], now: Moment) -> None:
        if requests:
            self._judge.refresh_doors()
        for request in requests:
            self._judge.decide(NoPin(request), now)


def _is_superseded(before: CardReading | None, reading: CardReading | None) -> bool:
    """Whether a record of `reading` covers the card's counter as well as a record of `before` would."""
    if before is None:
        return True
    return reading is not None and reading.key == before.key and reading.counter >= before.counter
