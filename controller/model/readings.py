"""What a card that counts its readings said at one of them, once its MAC has been found genuine."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CardReading:
    """`key` names the card's key without telling it (`CardKey.name`); `counter` only rises, up to 16,777,215.

    A lower or equal one has been read before: it comes from a recording.
    """

    key: str
    counter: int
