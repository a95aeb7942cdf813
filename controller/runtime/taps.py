"""What becomes of a card at a reader: look it up, compare its rights with the log, ask for its PIN, decide.

It queries the registry at every tap; nothing is cached, so nothing can be stale. Rights that are not in the
log yet are awaited, for each reader by itself. Belongs to the decide thread.
"""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from controller.decision.decision import RefusedCard
from controller.errors import GenkanError
from controller.model.access import AccessRecord, AccessRequest, Direction
from controller.model.credentials import Assurance, CardNumber
from controller.model.moment import Moment
from controller.model.reasons import DenyReason, OrderRefusal
from controller.model.signals import CardPresented, CardRefused, PinEntered
from controller.model.unproved import Unproved
from controller.registry.lookup import RegistryReader
from controller.runtime.judge import Judge
from controller.runtime.orders import Orders
from controller.runtime.pin_flow import PinFlow
from controller.runtime.read_counters import ReadCounters
from controller.runtime.reader_events import ReaderLocation
from controller.runtime.registry_source import RegistrySource
from controller.runtime.registry_watch import RegistryWatch
from controller.runtime.rights_flow import RightsFlow


@dataclass(frozen=True)
class Taps:
    locations: Mapping[str, ReaderLocation]
    hash_number: Callable[[CardNumber], bytes]  # raises a GenkanError without its key
    registry: RegistrySource
    watch: RegistryWatch
    judge: Judge
    pins: PinFlow
    orders: Orders
    counters: ReadCounters
    rights: RightsFlow

    def must_wait(self, signal: CardPresented | PinEntered) -> bool:
        """Whether the decision on this tap must wait for the record of an earlier one."""
        location = self.locations[signal.reader]
        return location.direction is Direction.IN and self.judge.must_wait(
            location.door, location.access_point
        )

    def card(self, signal: CardPresented, now: Moment) -> None:
        reader, number = signal.reader, signal.number
        self.rights.resume(reader, now, is_last=True)
        location = self.locations[reader]
        try:
            card_hash = self.hash_number(number)
        except GenkanError:  # NumberKey raises the alarm
            self.refuse(reader, DenyReason.REGISTRY_UNAVAILABLE, number, now)
            return
        signal = self._check_reading(signal)
        self.pins.replace_waiting(reader, card_hash, now, signal.reading)
        try:
            record, listing = self.rights.find(card_hash, location.access_point, now)
        except GenkanError:
            self.refuse(reader, DenyReason.REGISTRY_UNAVAILABLE, number, now)
            return
        if signal.unproved is Unproved.UNASKED and not _has_a_key(record):
            signal = replace(signal, unproved=None)  # the reader cannot know that the badge has no key
        lookup = self.registry.lookup
        if record is None and lookup is not None and listing is lookup:
            with contextlib.suppress(GenkanError):
                # An order to learn this card may be newer than the last tick.
                self.watch.accept_orders(lookup, now)
        learned = self._learns(signal, card_hash, listing, now)
        if learned and record is None:
            return  # an operator waits for this card: record no refusal
        request = AccessRequest(
            door=location.door,
            access_point=location.access_point,
            reader=reader,
            direction=location.direction,
            kind=number.kind,
            card_hash=card_hash,
            last_four=number.last_four,
            record=record,
            registry_version=listing.version,
            assurance=signal.assurance,
            unproved=signal.unproved,
            reading=signal.reading,
            key_source=signal.key_source,
            from_copy=self.registry.is_copy(listing),
        )
        self.rights.decide(request, None, listing, now)

    def _check_reading(self, signal: CardPresented) -> CardPresented:
        """For a card that sends a SUN message: mark it unproved if its counter was already used (replay)."""
        refused = None if signal.reading is None else self.counters.register(signal.reading)
        if refused is None:
            return signal
        return replace(signal, assurance=Assurance.NUMBER_ONLY, unproved=refused)

    def _learns(self, signal: CardPresented, card_hash: bytes, listing: RegistryReader, now: Moment) -> bool:
        """Whether this card answers an operator's order to enrol the next badge."""
        registry_id = listing.registry_id
        if signal.unproved is None:
            return self.orders.learns(registry_id, signal.reader, signal.number, card_hash, now=now)
        if signal.unproved is not Unproved.HALF_ISSUED:
            return False
        return self.orders.cannot_learn(registry_id, signal.reader, OrderRefusal.CARD_HALF_ISSUED, now)

    def pin(self, signal: PinEntered, now: Moment) -> None:
        """A PIN for the card that waits at the reader. Look the card up again: it may have been reported lost
        meanwhile.
        """
        location = self.locations[signal.reader]
        if location.direction is Direction.OUT:
            return
        waiting = self.pins.entered(signal.reader, signal.digits, now)
        if waiting is None:
            return
        try:
            record, listing = self.rights.find(waiting.card_hash, location.access_point, now)
        except GenkanError:
            self.pins.refuse_without_registry(waiting, now)
            return
        request = self.rights.found_again(waiting, record, listing)
        self.rights.decide(request, signal.digits, listing, now)

    def refused_card(self, signal: CardRefused, now: Moment) -> None:
        """A card that the reader refused: no badge can have such a number, or it could not be read."""
        self.pins.replace_waiting(signal.reader, None, now)
        is_random = signal.reason is DenyReason.CARD_NUMBER_RANDOM
        registry_id = self.registry.registry_id if is_random else None
        if registry_id is None or not self.orders.cannot_learn(
            registry_id, signal.reader, OrderRefusal.CARD_NUMBER_RANDOM, now
        ):
            self.refuse(signal.reader, signal.reason, signal.number, now)

    def refuse(self, reader: str, reason: DenyReason, number: CardNumber | None, now: Moment) -> None:
        location = self.locations[reader]
        self.judge.refresh_doors()
        card = RefusedCard(
            door=location.door,
            access_point=location.access_point,
            reader=reader,
            direction=location.direction,
            reason=reason,
            last_four=number.last_four if number else None,
            card_hash=self._hash(number) if number else None,
            kind=number.kind if number else None,
        )
        self.judge.decide(card, now)

    def _hash(self, number: CardNumber) -> bytes | None:
        """None without the key: the record then has the last four digits alone."""
        try:
            return self.hash_number(number)
        except GenkanError:
            return None


def _has_a_key(record: AccessRecord | None) -> bool:
    return record is not None and record.credential.assurance >= Assurance.CARD_KEY
