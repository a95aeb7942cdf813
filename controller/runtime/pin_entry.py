"""Cards that wait for their PIN, PINs keyed in before their card, and the check of a PIN.

Belongs to the decide thread. Digits are in memory only, and no longer than the wait for them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from controller.decision.pin_tries import PinTries
from controller.model.access import AccessRequest, PinResult
from controller.model.moment import ClockState, Moment
from controller.model.pins import PinTry, StoredPin
from controller.registry.pin_hash import check_pin
from controller.runtime.limits import USUAL, Limits


@dataclass(frozen=True)
class _Waiting:
    request: AccessRequest
    until_ms: int


@dataclass(frozen=True)
class _Keyed:
    digits: str = field(repr=False)
    until_ms: int
    after: bytes | None  # the card presented there just before; the digits are for no other card


@dataclass(frozen=True)
class _Presented:
    card_hash: bytes
    until_ms: int


class PinEntry:
    """At each reader at most one card waits, or one PIN."""

    def __init__(
        self,
        read_key: Callable[[], bytes],
        earlier: Callable[[], Sequence[PinTry] | None],
        limits: Limits = USUAL,
    ) -> None:
        """`read_key` returns the data folder's key; `earlier` returns the log's tries at the start, None
        until they can be read.
        """
        self._read_key = read_key
        self._earlier = earlier
        self._wait_ms = limits.pin_wait_ms
        self._knows_earlier = False
        self._tries = PinTries()
        self._waiting: dict[str, _Waiting] = {}
        self._keyed: dict[str, _Keyed] = {}
        self._presented: dict[str, _Presented] = {}

    def card(self, request: AccessRequest, stored: StoredPin | None, now: Moment) -> PinResult | None:
        """A card that needs only its PIN, `stored`. None: the card waits for it now."""
        record, reader = request.record, request.reader
        assert record is not None  # noqa: S101 - only a known card is asked for its PIN
        keyed = self._keyed.pop(reader, None)
        if stored is None:
            return PinResult.NOT_SET
        if self._is_locked(record.credential.id, reader, stored, now):
            return PinResult.LOCKED
        if keyed is not None and now.mono_ms <= keyed.until_ms:
            return self.check(request, keyed.digits, stored, now)
        self._waiting[reader] = _Waiting(request, now.mono_ms + self._wait_ms)
        return None

    def entered(self, reader: str, digits: str, now: Moment) -> AccessRequest | None:
        """The card that these digits are for. None: they wait for a card, the one presented just before if
        there was one.
        """
        waiting = self._waiting.get(reader)
        if waiting is not None and now.mono_ms <= waiting.until_ms:
            del self._waiting[reader]
            return waiting.request
        last = self._presented.get(reader)
        after = last.card_hash if last is not None and now.mono_ms <= last.until_ms else None
        self._keyed[reader] = _Keyed(digits, now.mono_ms + self._wait_ms, after)
        return None

    def check(self, request: AccessRequest, digits: str, stored: StoredPin | None, now: Moment) -> PinResult:
        """Check the digits keyed in with a card; each check counts."""
        record, reader = request.record, request.reader
        assert record is not None  # noqa: S101 - only a known card is asked for its PIN
        if stored is None:
            return PinResult.NOT_SET
        if self._is_locked(record.credential.id, reader, stored, now):
            return PinResult.LOCKED
        found = check_pin(self._read_key(), record.cardholder.id, digits, stored)
        self._tries.note(record.credential.id, reader, found is not PinResult.WRONG, now.mono_ms)
        return found

    def another_card(self, reader: str, card_hash: bytes | None, now: Moment) -> AccessRequest | None:
        """Return the card that waited there; its wait ends. Digits keyed in after an earlier card are
        dropped, unless this is the same card; `card_hash` is None for a card that can be nobody's badge.
        """
        keyed = self._keyed.get(reader)
        if keyed is not None and (card_hash is None or keyed.after not in (None, card_hash)):
            del self._keyed[reader]
        self._presented[reader] = _Presented(card_hash or b"", now.mono_ms + self._wait_ms)
        waiting = self._waiting.pop(reader, None)
        return None if waiting is None else waiting.request

    def card_needs_none(self, reader: str) -> None:
        """A PIN keyed in beforehand was for this card and for no later one."""
        self._keyed.pop(reader, None)

    def overdue(self, now: Moment | None = None) -> list[AccessRequest]:
        """The cards whose wait has ended without a PIN; without a moment, all cards that wait."""
        expired = [r for r, w in self._waiting.items() if now is None or now.mono_ms > w.until_ms]
        for reader in [r for r, k in self._keyed.items() if now is None or now.mono_ms > k.until_ms]:
            del self._keyed[reader]
        return [self._waiting.pop(reader).request for reader in expired]

    def _is_locked(self, credential: str, reader: str, stored: StoredPin, now: Moment) -> bool:
        if not self._knows_earlier and (earlier := self._earlier()) is not None:
            self._knows_earlier = True
            self._tries.load(earlier, now)
        if stored.set_utc is not None and now.clock is not ClockState.UNTRUSTED and stored.set_utc <= now.utc:
            ago_ms = round((now.utc - stored.set_utc).total_seconds() * 1000)
            self._tries.new_pin(credential, now.mono_ms - ago_ms)
        return self._tries.locked_ms(credential, reader, now.mono_ms) > 0
