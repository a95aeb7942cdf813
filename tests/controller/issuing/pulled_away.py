"""A virtual Lite-S card that is pulled away from the reader in the middle of something."""

from firmware_bridge.nfc.lite_s import LiteSCard
from firmware_bridge.simulator.air import Frame
from firmware_bridge.simulator.lite_s import LiteSFace
from tests.firmware_bridge.nfc.field import card_of


class PulledAway:
    """Silent from the nth command on."""

    def __init__(self, nth: int) -> None:
        self.left, self.commands = nth, 0

    def __call__(self, command: bytes, answer: bytes | None) -> bytes | None:
        self.commands += 1
        return answer if self.commands <= self.left else None


def card_pulled_away(face: LiteSFace, nth: int, reaches: bool) -> LiteSCard:
    """After `nth` commands; `reaches`: the next one still reaches the card, and only its answer is lost."""
    pulled = PulledAway(nth)
    original = face.answer

    def answer(bitrate: str, command: bytes) -> Frame | None:
        gone = pulled.commands > nth or (pulled.commands == nth and not reaches)
        return None if gone else original(bitrate, command)

    face.answer = answer  # type: ignore[method-assign]
    return card_of(face, pulled)


def return_to_field(face: LiteSFace) -> None:
    del face.answer
    face.power_up()
