"""The protocol between a reader's bridge and the door: what a message means and what the door answers.

Pure: no thread, process, pipe, clock or log. `bridge_reader.py` is the thread, process and pipe around it.
"""

import contextlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from controller.drivers.reader_availability import ReaderAvailability
from controller.model.card_keys import CardKey, FoundKey, NoUsableKey, UnknownKey, UnusableKey
from controller.model.credentials import Assurance, CardNumber, CredentialKind
from controller.model.readings import CardReading
from controller.model.reasons import DenyReason
from controller.model.signals import (
    CardPresented,
    CardRefused,
    Condition,
    InstallState,
    PinEntered,
    ReaderConditionChanged,
    ReaderInstallChanged,
    ReaderSignal,
)
from controller.model.unproved import Unproved
from firmware_bridge import messages
from firmware_bridge.problems import Problem, ProblemCode

_MOST_PENDING_CARDS = 64
_MOST_PIN_DIGITS = 16
_WITH_KEYS = (CredentialKind.FELICA, CredentialKind.TYPE_A)
_DENY_REASONS = (DenyReason.CARD_NUMBER_RANDOM, DenyReason.CARD_UNREADABLE)
# Reasons of a rejected card that should prove a key or send its message, and of any other card.
_UNPROVED_BY_REASON = {
    "authentication_failed": Unproved.WRONG,
    "card_silent": Unproved.SILENT,
    "card_left": Unproved.LEFT,
    "card_half_issued": Unproved.HALF_ISSUED,
    "card_unreadable": Unproved.UNASKED,
}
_UNPROVED_NUMBER_ONLY = {"card_half_issued": Unproved.HALF_ISSUED, "card_unreadable": Unproved.UNREAD}


@dataclass(frozen=True)
class Heard:
    """What follows from a message: signals for the door, replies to the bridge, each in order.

    `is_due` is False for a message that is invalid, or that this dialogue did not call for.
    """

    signals: tuple[ReaderSignal, ...] = ()
    replies: tuple[messages.ToBridge, ...] = ()
    is_due: bool = True


_NOT_DUE = Heard(is_due=False)


@dataclass(frozen=True)
class _PendingCard:
    """A card that the bridge has found, and what the door requested of it.

    `must_prove_key`: the card must prove its key. `key` is set if the card must send its own message (SUN),
    whose MAC the door verifies when it comes. `unproved`: why the card can't prove what its badge may
    require, with any content. `key_source` as in CardPresented.
    """

    kind: str
    number: str  # as the bridge wrote it
    parsed: CardNumber | None
    must_prove_key: bool
    unproved: Unproved | None = None
    key: CardKey | None = None
    key_source: bytes | None = None

    @property
    def needs_more(self) -> bool:
        """More than its number."""
        return self.must_prove_key or self.key is not None


class ReaderSession:
    """The dialogue with one reader, over all runs of its bridge.

    `address` names the reader in messages; it is empty for a reader alone on its bridge. `find_key` returns
    the key that the card of a number must prove, and must not raise. Without it no card must prove a key.
    """

    def __init__(
        self,
        reader: str,
        address: str = "",
        find_key: Callable[[CardNumber], FoundKey] | None = None,
        returns: float = math.inf,
    ) -> None:
        """`returns`: reports in a row that the reader is online again; then one a minute."""
        self._reader, self._address, self._find_key = reader, address, find_key
        self._availability = ReaderAvailability(reader, returns)
        self._active_conditions: set[Condition] = set()
        self._pending_cards: dict[int, _PendingCard] = {}
        self._relay: bool | None = None  # the state its lock needs; None if it drives no lock

    def bridge_started(self) -> Heard:
        self._pending_cards.clear()
        return Heard() if self._relay is None else self.switch(self._relay)

    def bridge_ended(self, problem: Problem, now: float) -> Heard:
        return Heard(self._availability.bridge_ended(problem, now))

    def tick(self, now: float) -> Heard:
        """Report what had to wait. Called with each heartbeat."""
        return Heard(self._availability.tick(now))

    def switch(self, active: bool) -> Heard:
        """Switch the reader's relay now, and again whenever its bridge has started."""
        self._relay = active
        return Heard(replies=(messages.SwitchRelay(active, self._address),))

    def hear(self, message: messages.FromBridge, now: float) -> Heard:
        match message:
            case messages.BridgeHeartbeat():
                return self.tick(now)
            case messages.DeviceOnline(device):
                return Heard(self._availability.device_online(_printable(device), now))
            case messages.DeviceOffline(code, fields):
                return Heard(self._availability.device_offline(_problem(code, fields), now))
            case messages.CardFound():
                return self._answer_card_found(message)
            case messages.CardRead():
                return self._present_card(message)
            case messages.SunMessageRead():
                return self._verify_sun_message(message)
            case messages.CardRejected(presentation) if presentation in self._pending_cards:
                return self._present_unproved(message)
            case messages.CardRejected(_, reason, number) if reason in _DENY_REASONS:
                refused: CardNumber | None = None  # an unreadable number is a refusal too
                with contextlib.suppress(ValueError):
                    refused = CardNumber.parse(number)
                return Heard((CardRefused(self._reader, DenyReason(reason), refused),))
            case messages.PinKeyed(digits) if _is_pin(digits):
                return Heard((PinEntered(self._reader, digits),))
            case messages.ConditionChanged(condition, active) if condition in set(Condition):
                return self._change_condition(Condition(condition), active)
            case messages.InstallChanged(state) if state in set(InstallState):
                return Heard((ReaderInstallChanged(self._reader, InstallState(state)),))
            case _:
                return _NOT_DUE

    def _answer_card_found(self, found: messages.CardFound) -> Heard:
        number = _parse_number(found.kind, found.number)
        by_message = found.kind == CredentialKind.TYPE_A
        unproved: Unproved | None = None
        card_key: CardKey | None = None
        key_source: bytes | None = None
        match self._find_card_key(number):
            case CardKey(source=key_source) as card_key:
                pass
            case NoUsableKey(source=key_source):
                pass
            case None if self._learns_key(number):
                key_source = b""
            case UnusableKey():
                unproved = Unproved.KEY_UNUSABLE
            case UnknownKey():
                unproved = Unproved.UNASKED
        self._pending_cards[found.presentation] = _PendingCard(
            found.kind,
            found.number,
            number,
            must_prove_key=card_key is not None and not by_message,
            unproved=unproved,
            key=card_key if by_message else None,
            key_source=key_source,
        )
        if len(self._pending_cards) > _MOST_PENDING_CARDS:
            del self._pending_cards[next(iter(self._pending_cards))]
        reply: messages.ToBridge
        if card_key is None:
            reply = messages.NumberOnly(found.presentation, self._address)
        elif by_message:
            reply = messages.ReadSunMessage(found.presentation, self._address)
        else:
            reply = messages.ProveKey(found.presentation, card_key.key.hex(), card_key.version, self._address)
        return Heard(replies=(reply,))

    def _find_card_key(self, number: CardNumber | None) -> FoundKey:
        """Return None if the badge has no key: then its number is enough."""
        if number is None or self._find_key is None or not self._learns_key(number):
            return None
        return self._find_key(number)

    def _learns_key(self, number: CardNumber | None) -> bool:
        """Whether the reader asks which key a card of this kind must prove."""
        return number is not None and self._find_key is not None and number.kind in _WITH_KEYS

    def _pop(self, read: messages.CardRead | messages.SunMessageRead) -> _PendingCard | None:
        """Each presentation is accepted once, and only of the card that was found. None: it is not due."""
        card = self._pending_cards.pop(read.presentation, None)
        return card if card is not None and (card.kind, card.number) == (read.kind, read.number) else None

    def _present_card(self, read: messages.CardRead) -> Heard:
        """Present the card at the requested assurance."""
        card = self._pop(read)
        if card is None or card.key is not None:
            return _NOT_DUE
        if read.assurance != (Assurance.CARD_KEY if card.must_prove_key else Assurance.NUMBER_ONLY):
            return _NOT_DUE
        return self._present(card, Assurance(read.assurance), card.unproved)

    def _present_unproved(self, rejected: messages.CardRejected) -> Heard:
        card = self._pending_cards.pop(rejected.presentation)
        reasons = _UNPROVED_BY_REASON if card.needs_more else _UNPROVED_NUMBER_ONLY
        unproved = reasons.get(rejected.reason)
        if unproved is None or rejected.number != card.number:
            return _NOT_DUE
        if card.unproved is Unproved.KEY_UNUSABLE and unproved is not Unproved.HALF_ISSUED:
            unproved = Unproved.KEY_UNUSABLE
        return self._present(card, unproved=unproved)

    def _verify_sun_message(self, read: messages.SunMessageRead) -> Heard:
        """Verify the MAC of the card's own message. The door does this, so the bridge never sees the key."""
        card = self._pop(read)
        if card is None or card.key is None or card.parsed is None:
            return _NOT_DUE
        from firmware_bridge.nfc.sun_mac import verified_counter  # not at the start

        try:
            sun_data, mac = bytes.fromhex(read.sun_data), bytes.fromhex(read.mac)
        except ValueError:
            return _NOT_DUE
        counter = verified_counter(card.key.key, bytes.fromhex(card.parsed.hex), sun_data, mac)
        if counter is None:
            return self._present(card, unproved=Unproved.WRONG)
        return self._present(card, Assurance.CARD_KEY, reading=CardReading(card.key.name, counter))

    def _present(
        self,
        card: _PendingCard,
        assurance: Assurance = Assurance.NUMBER_ONLY,
        unproved: Unproved | None = None,
        reading: CardReading | None = None,
    ) -> Heard:
        number = card.parsed
        if number is None:
            return _NOT_DUE
        if number.is_random:
            return Heard((CardRefused(self._reader, DenyReason.CARD_NUMBER_RANDOM, number),))
        return Heard(
            (
                CardPresented(
                    reader=self._reader,
                    number=number,
                    assurance=assurance,
                    unproved=unproved,
                    reading=reading,
                    key_source=card.key_source,
                ),
            )
        )

    def _change_condition(self, condition: Condition, active: bool) -> Heard:
        """Ignore a report that repeats the present state, such as a bridge's first "no fault"."""
        if active == (condition in self._active_conditions):
            return Heard()
        self._active_conditions ^= {condition}
        return Heard((ReaderConditionChanged(self._reader, condition, active),))


def _parse_number(kind: str, text: str) -> CardNumber | None:
    """Return None for an invalid number or kind."""
    try:
        return CardNumber.parse(text, CredentialKind(kind))
    except ValueError:
        return None


def _is_pin(digits: str) -> bool:
    return 0 < len(digits) <= _MOST_PIN_DIGITS and digits.isascii() and digits.isdecimal()


def _problem(code: str, fields: Mapping[str, str | int]) -> Problem:
    plain = {name: _printable(value) if isinstance(value, str) else value for name, value in fields.items()}
    return Problem(ProblemCode(code), plain)


def _printable(text: str) -> str:
    """Text from a bridge goes to the log and the page: keep one line, without control characters or
    surrogates.
    """
    return "".join(c if c.isprintable() else "?" for c in text)[:240]
