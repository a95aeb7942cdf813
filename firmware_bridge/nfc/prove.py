"""Card and reader prove to each other that they hold the same card key: four commands, a fresh challenge.

1. RC: sixteen bytes from the operating system.
2. ID, CKV and WCNT with MAC_A: the card has the key, and says under its MAC who it is and which key it has.
3. STATE with our MAC_A: the card believes that we have the key.
4. STATE, D_ID and MC with MAC_A: the card says so itself, since the status of 3 alone is nobody's word, and
   says that its key is locked: one pulled away from the station before that is not finished.

A card that has the key and says another version of it, or that it is not locked, is half issued: no copy, and
not let in either.
"""

from enum import Enum
from typing import Any

from firmware_bridge.nfc.lite_s import CardSilent, CardTrouble, CardUnasked, CardWrong, LiteSCard, sense
from firmware_bridge.nfc.lite_s_blocks import CKV, D_ID, ID, MC, MC_SYSTEM_WRITABLE, OPEN, STATE, WCNT

_AUTHENTICATED = b"\x01" + bytes(15)
_NO_CHALLENGE = 0xB2  # the second status flag; also that of a reader's MAC which is wrong
_SENSES = 3  # another card in the field may answer instead, and answers by chance


class CardHalfIssued(CardTrouble):
    """It has the key, and its issuing has not ended."""


class ProofResult(Enum):
    PROVED = "proved"
    WRONG = "wrong"  # it answered, and not as the card with that key would
    GONE = "gone"  # it answers no polling any more, or had no power for a moment
    SILENT = "silent"  # it was polled, and then did not answer: it left, or can do no more
    HALF_ISSUED = "half_issued"
    UNASKED = "unasked"  # this reader cannot ask a card


def request_proof(device: Any, bitrate: str, idm: bytes, card_key: bytes, key_version: int) -> ProofResult:
    """Of the card polled as `idm`, if it is still there. Some hundred milliseconds at most; OSError when the
    reader is lost."""
    card = sense_again(device, bitrate, idm)
    if card is None:
        return ProofResult.GONE
    try:
        prove(card, card_key, key_version)
    except CardSilent:
        return ProofResult.SILENT
    except CardWrong as wrong:
        # A card that had no power for a moment has forgotten the challenge. It may not be a copy.
        forgot = wrong.status is not None and wrong.status & 0xFF == _NO_CHALLENGE
        return ProofResult.GONE if forgot else ProofResult.WRONG
    except CardHalfIssued:
        return ProofResult.HALF_ISSUED
    except CardUnasked:
        return ProofResult.UNASKED
    return ProofResult.PROVED


def sense_again(device: Any, bitrate: str, idm: bytes) -> LiteSCard | None:
    """The card polled as `idm`, if it is still there."""
    for _ in range(_SENSES):
        card = sense(device, bitrate)
        if card is not None and card.idm == idm:
            return card
    return None


def prove(card: LiteSCard, card_key: bytes, key_version: int) -> None:
    """Return when the card that was polled has proved `card_key` and taken our proof; raise CardTrouble.

    The identity is that of the blocks under the MAC, and must be the one it was polled by: otherwise a card
    that shows another's number and proves its own key would pass.
    """
    card.challenge(card_key)
    identity, version, count = card.read_with_mac(ID, CKV, WCNT)
    if identity[:8] != card.idm:
        raise CardWrong("its ID block is another card's")
    if int.from_bytes(version[:2], "little") != key_version:
        raise CardHalfIssued("it says another key version")
    lost: CardSilent | None = None
    try:
        card.write_with_mac(STATE, _AUTHENTICATED, int.from_bytes(count[:3], "little"))
    except CardSilent as silent:  # perhaps only its answer was lost: the card itself says
        lost = silent
    state, device_identity, configuration = card.read_with_mac(STATE, D_ID, MC)
    if device_identity[:8] != card.idm:
        raise CardWrong("its D_ID block is another card's")
    if configuration[MC_SYSTEM_WRITABLE] == OPEN:
        raise CardHalfIssued("its key is not locked")
    if state[0] != 1:
        raise lost or CardWrong("it does not believe the reader")
