"""The decide thread: reads a signal, queries the registry, runs the pure decision and passes its actions on.

It queries the registry at every tap; nothing is cached, so nothing can be stale. Every 50 ms it checks
whether the registry (orders, operators' actions) or the clock has changed.
"""

import contextlib
import logging
import queue
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from controller.decision.decision import Decision, NoPin, RefusedCard, Tick
from controller.errors import DeviceUnavailable, GenkanError
from controller.journal.append import ORDERS_KEPT
from controller.model.access import AccessRecord, AccessRequest, Direction, PinResult
from controller.model.actions import Indication, Show
from controller.model.credentials import Assurance, CardNumber
from controller.model.events import Event, EventType, Json
from controller.model.moment import Moment
from controller.model.pins import StoredPin
from controller.model.readings import CardReading
from controller.model.reasons import DenyReason, OrderRefusal
from controller.model.signals import (
    CardPresented,
    CardRefused,
    Condition,
    InstallState,
    PinEntered,
    ReaderConditionChanged,
    ReaderInstallChanged,
    ReaderOffline,
    ReaderOnline,
    ReaderSignal,
)
from controller.model.unproved import Unproved
from controller.registry.lookup import Lookup, RegistryReader
from controller.runtime.carry_out import CarryOut
from controller.runtime.clock import Clock
from controller.runtime.copy_age import CopyAge
from controller.runtime.door_modes import DoorModes
from controller.runtime.last_good import LastGood
from controller.runtime.live_facts import LiveFacts
from controller.runtime.orders import Orders
from controller.runtime.pin_entry import PinEntry
from controller.runtime.read_counters import ReadCounters

log = logging.getLogger(__name__)

TICK_MS = 50
_SETTLED_MS = 2  # poll interval while a tap waits for earlier taps to finish
_SYNCHRONISED_EVERY = 1200  # ticks: once a minute
_REOPEN_EVERY = 20  # ticks: once a second
_CONDITION_EVENTS = {
    (Condition.TAMPER, True): EventType.READER_TAMPER,
    (Condition.TAMPER, False): EventType.READER_TAMPER_ENDED,
    (Condition.POWER, True): EventType.READER_POWER_FAILED,
    (Condition.POWER, False): EventType.READER_POWER_RESTORED,
    (Condition.OUTPUT, True): EventType.READER_OUTPUT_FAILED,
    (Condition.OUTPUT, False): EventType.READER_OUTPUT_RESTORED,
}

_INSTALL_EVENTS = {
    InstallState.OPENED: EventType.READER_INSTALL_OPENED,
    InstallState.TAKEN: EventType.READER_KEY_TAKEN,
    InstallState.CLOSED: EventType.READER_INSTALL_CLOSED,
    InstallState.FAILED: EventType.READER_INSTALL_FAILED,
}


@dataclass(frozen=True)
class ReaderLocation:
    """The door and access point of a reader."""

    door: str
    access_point: str
    direction: Direction


class Decide:
    def __init__(
        self,
        locations: Mapping[str, ReaderLocation],
        open_lookup: Callable[[], Lookup],
        hash_number: Callable[[CardNumber], bytes],
        decision: Decision,
        carry_out: CarryOut,
        orders: Orders,
        registry_changed: Callable[[int], None],
        clock: Clock,
        orders_done: Callable[[str], Collection[int] | None],
        last_good: LastGood,
        registry_state: Callable[[str, datetime | None], None],
        live_facts: LiveFacts,
        modes: DoorModes,
        pins: PinEntry,
        counters: ReadCounters,
    ) -> None:
        """`orders_done` returns the newest orders of a registry that have a record in the journal
        (ORDERS_KEPT), or None while the journal cannot be read. `registry_state` receives "ok", or
        "last_good" and the time of the copy (None without a copy).
        """
        self._locations = locations
        self._open_lookup = open_lookup
        self._hash_number = hash_number
        self._decision = decision
        self._carry_out = carry_out
        self._orders = orders
        self._registry_changed = registry_changed
        self._clock = clock
        self._last_good = last_good
        self._registry_state = registry_state
        self._live_facts = live_facts
        self._modes = modes
        self._pins = pins
        self._counters = counters
        # Orders from before a restart still need an answer, so the newest number alone is not enough.
        self._orders_done = orders_done
        self._last_orders: dict[str, int] = {}  # by registry id
        self._orders_pending = False  # the journal has not yet reported which orders are done
        self._inbox: queue.SimpleQueue[ReaderSignal | None] = queue.SimpleQueue()
        # Taps that wait for earlier grants.
        self._waiting: deque[tuple[CardPresented | PinEntered, Moment]] = deque()
        self._lookup: Lookup | None = None
        self._unreadable = False
        self._copy_age = CopyAge()
        # The look-up that failed; tried again when the registry reopens.
        self._failed_on: tuple[bytes, str] | None = None
        self._seen_version: int | None = None
        self._ticks = 0
        self._next_tick_ms = 0
        self._stopping = False
        self.beat = 0

    def post(self, signal: ReaderSignal) -> None:
        """Queue a signal. From a reader's thread; never blocks."""
        self._inbox.put(signal)

    def stop(self) -> None:
        self._stopping = True
        self._inbox.put(None)

    def run(self) -> None:
        """The thread's body."""
        self.begin()
        while not self._stopping:
            wait_ms = max(0, self._next_tick_ms - self._clock.mono_ms())
            if self._waiting:
                wait_ms = min(wait_ms, _SETTLED_MS)
            self.turn(wait_ms / 1000)
        self.end()

    def begin(self) -> None:
        """Before the first turn, on the thread that takes the turns."""
        self._reopen(self._clock.now())

    @property
    def has_signals(self) -> bool:
        return not self._inbox.empty()

    def turn(self, wait_s: float) -> None:
        """Handle one signal if one arrives within `wait_s`, then the tick if it is due."""
        try:
            signal = self._inbox.get(timeout=wait_s)
        except queue.Empty:
            signal = None
        self._resume_waiting()
        now = self._clock.now()
        if signal is not None:
            self._survive(partial(self.handle, signal, now), signal, now)
        if now.mono_ms >= self._next_tick_ms:
            self._next_tick_ms = now.mono_ms + TICK_MS
            self._survive(partial(self.tick, now), None, now)
        self.beat += 1

    def end(self) -> None:
        """After the last turn: refuse the cards that still wait for a PIN, and close the registry."""
        self._no_pin(self._pins.overdue(), self._clock.now())
        self._carry_out.perform(self._decision.flush(self._clock.now()))
        if self._lookup is not None:
            with contextlib.suppress(GenkanError):
                self._lookup.close()

    def _survive(self, work: Callable[[], None], signal: ReaderSignal | None, now: Moment) -> None:
        """A bad registry or a bug must not stop the thread: refuse this tap, log the error, decide the next
        tap.
        """
        try:
            work()
        except Exception:
            log.exception("cannot decide on %s", signal or "the registry's changes")
            if isinstance(signal, CardPresented | PinEntered):
                self._refused(signal.reader, DenyReason.REGISTRY_UNAVAILABLE, None, now)

    def _resume_waiting(self) -> None:
        """Decide waiting taps by the moment of presentation, so that the two-second limit is the same for
        everybody.
        """
        while self._waiting and not self._must_wait(self._waiting[0][0]):
            signal, presented = self._waiting.popleft()
            self._survive(partial(self.handle, signal, presented), signal, presented)

    def _must_wait(self, signal: CardPresented | PinEntered) -> bool:
        location = self._locations[signal.reader]
        return location.direction is Direction.IN and self._live_facts.must_wait(
            location.door, location.access_point
        )

    def handle(self, signal: ReaderSignal, now: Moment) -> None:
        match signal:
            case CardPresented(reader, number):
                if self._must_wait(signal):
                    self._waiting.append((signal, now))
                else:
                    self._card(reader, number, signal, now)
            case PinEntered(reader, digits):
                if self._must_wait(signal):
                    self._waiting.append((signal, now))
                else:
                    self._pin(reader, digits, now)
            case CardRefused(reader, reason, number):
                self._replace_waiting(reader, None, now)
                registry_id = self._registry_id() if reason is DenyReason.CARD_NUMBER_RANDOM else None
                if registry_id is None or not self._orders.cannot_learn(
                    registry_id, reader, OrderRefusal.CARD_NUMBER_RANDOM, now
                ):
                    self._refused(reader, reason, number, now)
            case ReaderOnline(reader, device):
                self._reader(EventType.READER_ONLINE, reader, {"device": device}, now)
            case ReaderOffline(reader, problem, fields):
                self._reader(EventType.READER_OFFLINE, reader, {"problem": problem, **fields}, now)
            case ReaderConditionChanged(reader, condition, active):
                self._reader(_CONDITION_EVENTS[condition, active], reader, {}, now)
            case ReaderInstallChanged(reader, state):
                self._reader(_INSTALL_EVENTS[state], reader, {}, now)

    def _card(self, reader: str, number: CardNumber, signal: CardPresented, now: Moment) -> None:
        location = self._locations[reader]
        card_hash = self._hash_number(number)
        signal = self._check_reading(signal)
        self._replace_waiting(reader, card_hash, now, signal.reading)
        try:
            record, listing = self._find(card_hash, location.access_point, now)
        except GenkanError:
            self._refused(reader, DenyReason.REGISTRY_UNAVAILABLE, number, now)
            return
        if signal.unproved is Unproved.UNASKED and not _has_a_key(record):
            signal = replace(signal, unproved=None)  # the reader cannot know that the badge has no key
        if record is None and listing is self._lookup:
            with contextlib.suppress(GenkanError):
                # An order to learn this card may be newer than the last tick.
                self._accept_orders(listing, now)
        learned = self._learns(reader, signal, card_hash, listing, now)
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
            from_copy=listing is not self._lookup,
        )
        self._decide(request, None, listing, now)

    def _check_reading(self, signal: CardPresented) -> CardPresented:
        """For a card that sends a SUN message: mark it unproved if its counter was already used (replay)."""
        refused = None if signal.reading is None else self._counters.register(signal.reading)
        if refused is None:
            return signal
        return replace(signal, assurance=Assurance.NUMBER_ONLY, unproved=refused)

    def _learns(
        self, reader: str, signal: CardPresented, card_hash: bytes, listing: RegistryReader, now: Moment
    ) -> bool:
        """Whether this card answers an operator's order to enrol the next badge."""
        if signal.unproved is None:
            return self._orders.learns(listing.registry_id, reader, signal.number, card_hash, now)
        if signal.unproved is not Unproved.HALF_ISSUED:
            return False
        return self._orders.cannot_learn(listing.registry_id, reader, OrderRefusal.CARD_HALF_ISSUED, now)

    def _decide(
        self, request: AccessRequest, digits: str | None, listing: RegistryReader, now: Moment
    ) -> None:
        """`digits` were keyed in after the card."""
        if listing is self._lookup:
            self._live_facts.refresh(listing)
        else:
            self._last_good.query(self._live_facts.refresh_from_copy)
        self._live_facts.refresh_presence()
        self._update_modes(now)
        self._refresh_doors()
        if not self._decision.needs_pin(request, now):
            self._pins.card_needs_none(request.reader)
        elif digits is not None:
            request = replace(
                request, pin=self._pins.check(request, digits, self._stored_pin(request, listing), now)
            )
        else:
            pin = self._pins.card(request, self._stored_pin(request, listing), now)
            if pin is None and self._decision.facts.release_override(request):
                # The door is released: nobody stays to key in a PIN.
                self._pins.another_card(request.reader, request.card_hash, now)
                pin = PinResult.NONE
            if pin is None:
                self._carry_out.perform([Show(request.reader, Indication.ENTER_PIN)])
                return
            request = replace(request, pin=pin)
        self._carry_out.perform(self._decision.handle(request, now))

    def _refresh_doors(self) -> None:
        """The decision uses the state of the doors at this moment."""
        self._decision.facts = replace(self._live_facts.facts, doors=self._modes.doors())

    def _stored_pin(self, request: AccessRequest, listing: RegistryReader) -> StoredPin | None:
        if request.record is None:
            return None
        person = request.record.cardholder.id
        return (
            listing.pin(person) if listing is self._lookup else self._last_good.query(lambda c: c.pin(person))
        )

    def _pin(self, reader: str, digits: str, now: Moment) -> None:
        """A PIN for the card that waits at the reader. Look the card up again: it may have been reported lost
        meanwhile.
        """
        location = self._locations[reader]
        waiting = None if location.direction is Direction.OUT else self._pins.entered(reader, digits, now)
        if waiting is None:
            return
        try:
            record, listing = self._find(waiting.card_hash, location.access_point, now)
        except GenkanError:
            self._no_registry(waiting, now)
            return
        request = replace(
            waiting,
            record=record,
            registry_version=listing.version,
            from_copy=listing is not self._lookup,
        )
        self._decide(request, digits, listing, now)

    def _no_registry(self, request: AccessRequest, now: Moment) -> None:
        self._refresh_doors()
        if self._decision.facts.release_override(request):
            self._carry_out.perform(self._decision.handle(NoPin(request), now))
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
        self._carry_out.perform(self._decision.handle(card, now))

    def _replace_waiting(
        self, reader: str, card_hash: bytes | None, now: Moment, reading: CardReading | None = None
    ) -> None:
        """Another card ends the wait of the one before; the same card restarts its wait. The waiting card's
        reading is recorded unless the new `reading` supersedes it: without a record, a replay of it would
        count after a restart.
        """
        waiting = self._pins.another_card(reader, card_hash, now)
        if waiting is not None and (
            waiting.card_hash != card_hash or not _is_superseded(waiting.reading, reading)
        ):
            self._refresh_doors()
            actions = self._decision.handle(NoPin(waiting), now)
            self._carry_out.perform([action for action in actions if not isinstance(action, Show)])

    def _no_pin(self, requests: Sequence[AccessRequest], now: Moment) -> None:
        if requests:
            self._refresh_doors()
        for request in requests:
            self._carry_out.perform(self._decision.handle(NoPin(request), now))

    def _find(
        self, card_hash: bytes, access_point: str, now: Moment
    ) -> tuple[AccessRecord | None, RegistryReader]:
        """Query the registry. If it cannot be read or is newer than this program, query the last good
        copy.
        """
        try:
            if self._lookup is None:
                raise DeviceUnavailable("registry.db is closed")
            return self._lookup.find(card_hash, access_point), self._lookup
        except GenkanError as error:
            if self._lookup is not None:
                self._failed_on = card_hash, access_point
            self._registry_fails(error, now)
        return self._last_good.find(card_hash, access_point)

    def _refused(self, reader: str, reason: DenyReason, number: CardNumber | None, now: Moment) -> None:
        location = self._locations[reader]
        self._refresh_doors()
        card = RefusedCard(
            door=location.door,
            access_point=location.access_point,
            reader=reader,
            direction=location.direction,
            reason=reason,
            last_four=number.last_four if number else None,
            card_hash=self._hash_number(number) if number else None,
            kind=number.kind if number else None,
        )
        self._carry_out.perform(self._decision.handle(card, now))

    def _reader(self, type_: EventType, reader: str, details: dict[str, Json], now: Moment) -> None:
        location = self._locations[reader]
        self._carry_out.record(
            Event(
                type_,
                now,
                door=location.door,
                access_point=location.access_point,
                reader=reader,
                details=details,
            )
        )

    def tick(self, now: Moment) -> None:
        self._ticks += 1
        if self._ticks % _SYNCHRONISED_EVERY == _REOPEN_EVERY:  # a second after the start, then every minute
            self._clock.synchronised = self._clock.read_synchronised()
        self._record_clock_moves(now)
        self._live_facts.refresh_presence()
        news = self._live_facts.presence_alarm(now)
        if news is not None:
            self._carry_out.record(news)
        self._carry_out.perform(self._decision.handle(Tick(), now))
        self._no_pin(self._pins.overdue(now), now)
        if self._ticks % _REOPEN_EVERY == 0 and (self._lookup is None or self._lookup.is_replaced()):
            self._reopen(now)
        if self._lookup is not None:
            try:
                self._poll_registry(self._lookup, now)
            except GenkanError as error:
                self._registry_fails(error, now)
        if (old := self._copy_age.poll(now)) is not None:
            self._carry_out.record(old)
        self._update_modes(now)

    def _update_modes(self, now: Moment) -> None:
        if self._live_facts.is_loaded:
            self._modes.update(self._live_facts.facts, now)

    def _poll_registry(self, lookup: Lookup, now: Moment) -> None:
        version = lookup.data_version()
        if version != self._seen_version:
            self._seen_version = version
            lockdowns = self._live_facts.facts.lockdowns
            self._accept_orders(lookup, now)
            lookup.refresh()
            self._live_facts.refresh(lookup)
            if self._live_facts.facts.lockdowns != lockdowns:
                # A start from the copy must know of the lockdown.
                self._last_good.covers(lookup.registry_id, lookup.version)
            self._registry_changed(lookup.version)
        elif self._orders_pending:
            self._accept_orders(lookup, now)
        else:
            self._live_facts.refresh(lookup)
        for doubt in self._live_facts.lockdown_alarms(now):
            self._carry_out.record(doubt)
        self._orders.tick(lookup.registry_id, now)

    def _accept_orders(self, lookup: Lookup, now: Moment) -> None:
        registry_id = lookup.registry_id
        done = self._orders_done(registry_id)
        self._orders_pending = done is None
        if done is None:
            return
        after = self._last_orders.get(registry_id, max(0, max(done, default=0) - ORDERS_KEPT))
        orders = lookup.orders_after(after)
        if (
            orders
        ):  # Read lockdowns after the orders: a later lockdown then begins after these orders are done.
            lookup.refresh()
            self._live_facts.refresh(lookup)
        for order in orders:
            self._last_orders[registry_id] = order.id
            if order.id not in done:
                locked = self._live_facts.has_lockdown_since(self._modes.entries(order.door), order.utc)
                self._orders.accept(registry_id, order, now, locked)

    def last_order(self, registry_id: str) -> int:
        """The newest accepted order of this registry. A restored registry counts from the beginning."""
        return self._last_orders.get(registry_id, 0)

    def _record_clock_moves(self, now: Moment) -> None:
        moved, corrected = self._clock.moved(now.utc, now.mono_ms), self._clock.correction()
        if moved is not None:
            ms = round(moved.total_seconds() * 1000)
            type_ = EventType.CLOCK_SET_BACK if ms < 0 else EventType.CLOCK_JUMPED
            self._carry_out.record(Event(type_, now, codes={"moved_ms": ms}))
        if corrected is not None:
            ms = round(corrected.total_seconds() * 1000)
            self._carry_out.record(Event(EventType.CLOCK_CORRECTED, now, codes={"moved_ms": ms}))

    def _registry_id(self) -> str | None:
        try:
            return None if self._lookup is None else self._lookup.registry_id
        except GenkanError:
            return None

    def _registry_fails(self, error: GenkanError, now: Moment) -> None:
        if not self._unreadable:
            self._unreadable = True
            copied_at = self._last_good.copied_at()
            if copied_at is None:
                log.error(
                    "registry cannot be read (%s); the door refuses entries until it can be read",
                    str(error).rstrip("."),
                )
                codes: dict[str, str | int] = {}
            else:
                log.error(
                    "registry cannot be read (%s); using the copy of %s until it can be read",
                    str(error).rstrip("."),
                    copied_at,
                )
                codes = {"copy_age_ms": max(0, round((now.utc - copied_at).total_seconds() * 1000))}
            self._carry_out.record(Event(EventType.REGISTRY_UNREADABLE, now, codes=codes))
            self._copy_age.begin(self._last_good.as_of(), now)
            self._registry_state("last_good", copied_at)
        self._lookup = None

    def _reopen(self, now: Moment) -> None:
        try:
            lookup = self._open_lookup()
            if (
                self._failed_on is not None
            ):  # a damaged page must not make the registry readable and unreadable in turn
                lookup.find(*self._failed_on)
                self._failed_on = None
        except GenkanError as error:
            self._registry_fails(error, now)
            return
        self._lookup, self._seen_version = lookup, None
        if self._unreadable:
            self._unreadable = False
            self._copy_age.end()
            log.warning("registry can be read again")
            self._carry_out.record(Event(EventType.REGISTRY_READABLE, now))
            self._registry_state("ok", None)


def _is_superseded(before: CardReading | None, reading: CardReading | None) -> bool:
    """Whether a record of `reading` covers the card's counter as well as a record of `before` would."""
    if before is None:
        return True
    return reading is not None and reading.key == before.key and reading.counter >= before.counter


def _has_a_key(record: AccessRecord | None) -> bool:
    return record is not None and record.credential.assurance >= Assurance.CARD_KEY
