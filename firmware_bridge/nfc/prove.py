"""Card and reader prove to each other that they hold the same card key: four commands, a fresh challenge.

1. RC: sixteen bytes from the operating system.
2. ID, CKV and WCNT with MAC_A: the card has the key, and states its identity and key version under its MAC.
3. STATE with our MAC_A: the card accepts that we have the key.
4. STATE, D_ID and MC with MAC_A: the card confirms that itself, since the status of 3 alone has no MAC. It
   also confirms that its key is locked: a card pulled away from the station before that is not finished.

A card that has the key but states another version of it, or that is not locked, is half issued: not a copy,
and not admitted either.
"""

from enum import Enum
from typing import Any

from firmware_bridge.nfc.lite_s import CardSilent, CardTrouble, CardUnasked, CardWrong, LiteSCard, sense
from firmware_bridge.nfc.lite_s_blocks import CKV, D_ID, ID, MC, MC_SYSTEM_WRITABLE, OPEN, STATE, WCNT

_AUTHENTICATED = b"\x01" + bytes(15)
_NO_CHALLENGE = 0xB2  # the second status flag; a wrong MAC from the reader has the same
_SENSES = 3  # another card in the field may answer instead, and answers by chance


class CardHalfIssued(CardTrouble):
    """The card has the key, but its issuing has not ended."""


class ProofResult(Enum):
    PROVED = "proved"
    WRONG = "wrong"  # it answered differently from the card with that key
    GONE = "gone"  # it no longer answers polling, or had no power for a moment
    SILENT = "silent"  # it answered polling and then nothing: it left, or has no such commands
    HALF_ISSUED = "half_issued"
    UNASKED = "unasked"  # this reader can't send commands to a card


def request_proof(device: Any, bitrate: str, idm: bytes, card_key: bytes, key_version: int) -> ProofResult:
    """Request the proof from the card polled as `idm`, if it is still there. Takes some hundred milliseconds
    at most; raises OSError if the reader is lost.
    """
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
    """Return the card polled as `idm`, if it is still there."""
    for _ in range(_SENSES):
        card = sense(device, bitrate)
        if card is not None and card.idm == idm:
            return card
    return None


def prove(card: LiteSCard, card_key: bytes, key_version: int) -> None:
    """Return when the polled card has proved `card_key` and accepted our proof; raise CardTrouble otherwise.

    The identity comes from the blocks under the MAC, and must equal the polled one: otherwise a card that
    shows another card's number and proves its own key would pass.
    """
    card.challenge(card_key)
    identity, version, count = card.read_with_mac(ID, CKV, WCNT)
    if identity[:8] != card.idm:
        raise CardWrong("its ID block is another card's")
    if int.from_bytes(version[:2], "little") != key_version:
        raise CardHalfIssued("it has another key version")
    lost: CardSilent | None = None
    try:
        card.write_with_mac(STATE, _AUTHENTICATED, int.from_bytes(count[:3], "little"))
    except CardSilent as silent:  # perhaps only its answer was lost: the card's state decides
        lost = silent
    state, device_identity, configuration = card.read_with_mac(STATE, D_ID, MC)
    if device_identity[:8] != card.idm:
        raise CardWrong("its D_ID block is another card's")
    if configuration[MC_SYSTEM_WRITABLE] == OPEN:
        raise CardHalfIssued("its key is not locked")
    if state[0] != 1:
        raise lost or CardWrong("it does not believe the reader")
