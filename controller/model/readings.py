"""A SUN reading: what a card that counts its readings sent, once its MAC has been verified."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CardReading:
    """`key` identifies the card's key without revealing it (`CardKey.name`); `counter` only rises, up to
    16,777,215.

    A lower or equal counter was read before: it comes from a recording.
    """

    key: str
    counter: int
