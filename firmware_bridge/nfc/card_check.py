"""Checks a card before it is presented; a rejection is a reason of the pipe's `card_refused`."""

from collections.abc import Callable
from typing import Any

from firmware_bridge.nfc.issuing_state import IssuingState, read_issuing_state
from firmware_bridge.nfc.presentation import Sighting
from firmware_bridge.nfc.prove import ProofResult, request_proof, sense_again
from firmware_bridge.nfc.sun_reading import read_sun_message
from firmware_bridge.nfc.sun_url import SunMessage
from firmware_bridge.nfc.type4 import sense_type_a

ATTEMPTS = 2  # a card moved during the first attempt gets a second
_KEY_BYTES = 16
_UNREADABLE = "card_unreadable"
_OF_INSIDE = {IssuingState.HALF_ISSUED: "card_half_issued", IssuingState.UNREAD: _UNREADABLE}
_OF_PROOF = {
    ProofResult.WRONG: "authentication_failed",
    ProofResult.HALF_ISSUED: "card_half_issued",
    ProofResult.UNASKED: _UNREADABLE,
}


class CardCheck:
    """One card, sensed at `bitrate`. `before` is called before each attempt. Raises OSError if the reader is
    lost.
    """

    def __init__(self, device: Any, bitrate: str, card: Sighting, before: Callable[[], object]) -> None:
        self._device, self._bitrate, self._card, self._before = device, bitrate, card, before

    def check_issuing(self) -> str | None:
        """Check a FeliCa Lite-S that counts by its number; return why it is rejected, or None."""
        inside = IssuingState.UNREAD
        for _ in range(ATTEMPTS):
            self._before()
            inside = read_issuing_state(self._device, self._bitrate, bytes.fromhex(self._card.number))
            if inside is not IssuingState.UNREAD:
                break
        return None if inside is IssuingState.NOTHING_BEGUN else _OF_INSIDE[inside]

    def check_proof(self, key: str, version: int) -> str | None:
        """Return None if the card proves `key`, which the door sends as hexadecimal digits; else why it is
        rejected.
        """
        if self._card.kind != "felica":
            return _OF_PROOF[ProofResult.WRONG]
        card_key, idm = _key(key), bytes.fromhex(self._card.number)
        if card_key is None:
            return _UNREADABLE
        failed: list[ProofResult] = []
        for _ in range(ATTEMPTS):
            self._before()
            proof = request_proof(self._device, self._bitrate, idm, card_key, key_version=version)
            if proof not in (ProofResult.SILENT, ProofResult.GONE):
                return None if proof is ProofResult.PROVED else _OF_PROOF[proof]
            failed.append(proof)
        # A card that answers polling after a silent attempt can show a number, but prove nothing.
        stayed = failed == [ProofResult.SILENT] * ATTEMPTS or sense_again(self._device, self._bitrate, idm)
        return "card_silent" if stayed else "card_left"

    def read_sun_message(self) -> SunMessage | str:
        """Return the card's own message, or why it is rejected. A reading repeated after a disturbance raises
        the card's counter too.
        """
        uid = bytes.fromhex(self._card.number)
        for _ in range(ATTEMPTS):
            self._before()
            word = read_sun_message(self._device, uid)
            if word is not ProofResult.SILENT:
                return word if isinstance(word, SunMessage) else _OF_PROOF[word]
        return "card_silent" if sense_type_a(self._device, uid) is not None else "card_left"


def _key(text: str) -> bytes | None:
    """The door sends complete keys only. Anything else raises nothing here, and no card passes."""
    try:
        key = bytes.fromhex(text)
    except ValueError:
        return None
    return key if len(key) == _KEY_BYTES else None
