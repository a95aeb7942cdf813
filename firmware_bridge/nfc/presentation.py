"""Turns sightings of cards, poll by poll, into presentations. Pure: time is an argument.

The law of this file:
* A presentation is one stay of one card in the field. A second card in the field is a second presentation.
* A card is gone when polls have missed it for GONE_MS. Only time between polls counts, and a late poll counts
  for LATE_POLL_MS at most: a reader that was unplugged or stopped has not seen the card leave, so a card left
  on it is not presented a second time.
* A presentation goes to the door only after the door has answered for it. The answer counts only while the
  card is still there, or within ANSWER_MS after it was found: a late answer never opens a door for a person
  who has left.
* Random serials count as one "card" with any number. They are rejected at their second sighting, because a
  phone may show its permanent FeliCa number a moment later, and never while a card with a permanent number is
  in the field.
"""

from dataclasses import dataclass, field

from firmware_bridge.messages import CardFound, CardRejected

GONE_MS = 500
ANSWER_MS = 2000  # how long a person waits for a durable record before the door refuses
LATE_POLL_MS = 250


@dataclass(frozen=True)
class Sighting:
    """A card answered. `kind` is felica or type_a; `number` is its IDm or UID as upper-case hex text.

    `is_lite_s`: it claims to be a FeliCa Lite-S. Not part of the card's identity.
    """

    kind: str
    number: str
    is_lite_s: bool = field(default=False, compare=False)

    @property
    def is_random(self) -> bool:
        """A phone's temporary UID (single-size, first byte 08), or its NFCID2 for peer-to-peer (01FE)."""
        if self.kind == "felica":
            return self.number.startswith("01FE")
        return len(self.number) == 8 and self.number.startswith("08")

    def __repr__(self) -> str:
        return f"Sighting({self.kind}, …{self.number[-4:]})"


_RANDOM = Sighting("random", "")


@dataclass(slots=True)
class _Stay:
    presentation: int
    unseen_ms: int = 0
    sightings: int = 1


class Presentations:
    def __init__(self) -> None:
        self._stays: dict[Sighting, _Stay] = {}
        self._awaited: dict[int, tuple[Sighting, int]] = {}
        self._last_poll_ms: int | None = None
        self._count = 0
        self.unanswered = 0

    @property
    def is_empty(self) -> bool:
        return not self._stays

    @property
    def holds_felica(self) -> bool:
        """While it does, polling for Type A would only find the other side of a hybrid card or a phone."""
        return any(card.kind == "felica" for card in self._stays)

    def update(self, sighting: Sighting | None, now_ms: int) -> CardFound | CardRejected | None:
        """Process what one poll of the whole field found; return a message if there is news."""
        card = _RANDOM if sighting is not None and sighting.is_random else sighting
        self._age(card, now_ms)
        if sighting is None or card is None:
            return None
        stay = self._stays.get(card)
        if card is _RANDOM:
            return self._random(sighting, stay)
        if stay is not None:
            stay.unseen_ms = 0
            return None
        self._stays.pop(_RANDOM, None)
        stay = self._stays[card] = _Stay(self._number())
        self._awaited[stay.presentation] = (card, now_ms)
        return CardFound(stay.presentation, card.kind, card.number)

    def answered(self, presentation: int, now_ms: int) -> Sighting | None:
        """The door has answered for this card; return the card, or None if the answer is no longer due."""
        self._expire(now_ms)
        awaited = self._awaited.pop(presentation, None)
        return None if awaited is None else awaited[0]

    def withdraw(self, presentation: int) -> None:
        """The message was not sent: the next poll finds the card again."""
        self._awaited.pop(presentation, None)
        self._stays = {c: s for c, s in self._stays.items() if s.presentation != presentation}

    def _random(self, sighting: Sighting, stay: _Stay | None) -> CardRejected | None:
        if stay is None:
            if not self._stays:
                self._stays[_RANDOM] = _Stay(0)
            return None
        stay.unseen_ms = 0
        stay.sightings += 1
        if stay.sightings != 2:
            return None
        stay.presentation = self._number()
        return CardRejected(stay.presentation, "card_number_random", sighting.number)

    def _age(self, seen: Sighting | None, now_ms: int) -> None:
        last, self._last_poll_ms = self._last_poll_ms, now_ms
        passed = 0 if last is None else max(0, min(now_ms - last, LATE_POLL_MS))
        for card, stay in list(self._stays.items()):
            if card == seen:
                continue
            stay.unseen_ms += passed
            if stay.unseen_ms >= GONE_MS:
                del self._stays[card]
        self._expire(now_ms)

    def _expire(self, now_ms: int) -> None:
        there = {stay.presentation for stay in self._stays.values()}
        for presentation, (_, found_ms) in list(self._awaited.items()):
            if presentation not in there and now_ms - found_ms > ANSWER_MS:
                del self._awaited[presentation]
                self.unanswered += 1

    def _number(self) -> int:
        self._count += 1
        return self._count
