"""Cards that are nobody's badge: the first at a reader gets its record immediately, a flood one record a
second.

The law: at most one record a second for each reader, and the counts of all records (1 where a record has
none) add up to the taps. A stack of cards, or an emulator, cannot fill the disk or bury the log.
"""

from dataclasses import dataclass, field

from controller.model.access import Direction, StandsReleased
from controller.model.credentials import CredentialKind
from controller.model.events import Event, EventType, Json
from controller.model.moment import Moment
from controller.model.reasons import DenyReason

INTERVAL_MS = 1000


@dataclass(frozen=True)
class UnknownCard:
    """A card without a badge. `card_hash` is the keyed hash, never the number.

    `stands_released`: the door was kept released, so its holder may have entered in any case.
    """

    door: str
    access_point: str
    reader: str
    direction: Direction
    reason: DenyReason
    last_four: str | None = None
    card_hash: bytes | None = None
    kind: CredentialKind | None = None
    registry_version: int | None = None
    assurance: int | None = None
    from_copy: bool = False
    stands_released: StandsReleased | None = None


@dataclass(slots=True)
class _Batch:
    """Taps waiting for one record; `one_card` is true while they may all be the same card."""

    newest: UnknownCard
    count: int = 1
    one_card: bool = True

    def add(self, card: UnknownCard) -> None:
        same = card.card_hash is not None and card.card_hash == self.newest.card_hash
        self.one_card = self.one_card and same
        self.newest = card
        self.count += 1


@dataclass(slots=True)
class _Reader:
    recorded_ms: int
    waiting: dict[DenyReason, _Batch] = field(default_factory=dict)  # one record has one reason


class UnknownCards:
    def __init__(self) -> None:
        self._readers: dict[str, _Reader] = {}

    def tapped(self, card: UnknownCard, now: Moment) -> list[Event]:
        reader = self._readers.get(card.reader)
        if reader is None or (not reader.waiting and _interval_ended(reader, now)):
            self._readers[card.reader] = _Reader(now.mono_ms)
            return [_event(_Batch(card), now)]
        if card.reason in reader.waiting:
            reader.waiting[card.reason].add(card)
        else:
            reader.waiting[card.reason] = _Batch(card)
        return self._due(reader, now)

    def due(self, now: Moment) -> list[Event]:
        """The records whose interval has ended."""
        return [event for reader in self._readers.values() for event in self._due(reader, now)]

    def flush(self, now: Moment) -> list[Event]:
        """Everything still counted; called when the service stops."""
        batches = [batch for reader in self._readers.values() for batch in reader.waiting.values()]
        self._readers.clear()
        return [_event(batch, now) for batch in batches]

    def _due(self, reader: _Reader, now: Moment) -> list[Event]:
        if not reader.waiting or not _interval_ended(reader, now):
            return []
        reader.recorded_ms = now.mono_ms
        oldest = next(iter(reader.waiting))
        return [_event(reader.waiting.pop(oldest), now)]


def _interval_ended(reader: _Reader, now: Moment) -> bool:
    return now.mono_ms - reader.recorded_ms >= INTERVAL_MS


def _event(batch: _Batch, now: Moment) -> Event:
    card = batch.newest
    outward = card.direction is Direction.OUT
    codes: dict[str, str | int] = {"count": batch.count} if batch.count > 1 else {}
    if outward:
        codes["warning"] = card.reason.value
    elif card.stands_released:
        codes["stands_released"] = card.stands_released.value
    if card.from_copy:
        codes["registry_copy"] = 1
    details: dict[str, Json] = {}
    if batch.one_card:
        if card.card_hash is not None:
            details["card_hash"] = card.card_hash.hex()
        if card.last_four is not None:
            details["last_four"] = card.last_four
        if card.kind is not None:
            details["kind"] = card.kind.value
    return Event(
        EventType.ACCESS_GRANTED if outward else EventType.ACCESS_DENIED,
        now,
        door=card.door,
        access_point=card.access_point,
        reader=card.reader,
        direction=card.direction.value,
        result="granted" if outward else "denied",
        reason=None if outward else card.reason.value,
        assurance=card.assurance,
        registry=card.registry_version,
        codes=codes,
        details=details,
    )
