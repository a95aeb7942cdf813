"""The radio field of a virtual PN532: the cards in it, and what the chip receives from them.

Two cards that answer at the same time collide. Type A resolves that bit by bit and selects one whole card
(ISO/IEC 14443-3); two FeliCa cards in one time slot destroy each other's answer.
"""

from firmware_bridge.simulator.faces import Face

TYPE_A = "106A"
_LEVELS = (0x93, 0x95, 0x97)
_CASCADE = 0x04  # in SEL_RES: the number is not complete


class Field:
    """Any thread may add and remove cards."""

    def __init__(self) -> None:
        self._is_on = False
        self._cards: tuple[Face, ...] = ()

    @property
    def is_on(self) -> bool:
        return self._is_on

    @is_on.setter
    def is_on(self, on: bool) -> None:
        """The field powers the cards: each time it comes on, the cards start again."""
        if on and not self._is_on:
            for card in self._cards:
                card.power_up()
        self._is_on = on

    def add(self, card: Face) -> None:
        if self._is_on:
            card.power_up()
        self._cards += (card,)

    def remove(self, card: Face) -> None:
        self._cards = tuple(other for other in self._cards if other is not card)

    @property
    def is_empty(self) -> bool:
        return not self._cards

    def exchange(self, bitrate: str, command: bytes) -> bytes | None:
        """One command, one answer; None for silence, b"" for two answers that collide."""
        answers = [data for card in self._cards if (data := _answer(card, bitrate, command)) is not None]
        if not answers:
            return None
        return answers[0] if len(answers) == 1 else b""

    def select_type_a(self, uid: bytes = b"") -> bytes | None:
        """Return ATQA, SAK, length and number of one card, in the order of InListPassiveTarget; the card with
        `uid`.

        None if there is none; b"" if a card woke up but does not send its number as the standard requires.
        """
        chosen: list[tuple[bytes, bytes]] = []
        woken = False
        for card in self._cards:
            atqa = _answer(card, TYPE_A, b"\x26")
            woken = woken or atqa is not None
            if atqa is not None and len(atqa) == 2 and (selected := _select(card)) is not None:
                sak, number = selected
                if uid in (b"", number):
                    chosen.append((number, atqa[::-1] + sak + bytes((len(number),)) + number))
        if not chosen:
            return b"" if woken else None
        # If bits collide, the chip continues with the cards that sent a 1; the lowest bit comes first.
        return max(chosen, key=lambda found: [f"{byte:08b}"[::-1] for byte in found[0]])[1]


def _select(card: Face) -> tuple[bytes, bytes] | None:
    number = b""
    for level in _LEVELS:
        part = _answer(card, TYPE_A, bytes((level, 0x20)))
        if part is None or len(part) != 5 or part[0] ^ part[1] ^ part[2] ^ part[3] != part[4]:
            return None
        sak = _answer(card, TYPE_A, bytes((level, 0x70)) + part)
        if sak is None or len(sak) != 1:
            return None
        if not sak[0] & _CASCADE:
            return sak, number + part[:4]
        number += part[1:4]
    return None


def _answer(card: Face, bitrate: str, command: bytes) -> bytes | None:
    frame = card.answer(bitrate, command)
    return frame[1] if frame is not None and frame[0] == bitrate else None
