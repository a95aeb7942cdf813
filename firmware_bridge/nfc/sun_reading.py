"""Reads the message (SUN) that a card creates, once. The door verifies its MAC."""

from typing import Any

from firmware_bridge.nfc.lite_s import CardSilent, CardUnasked, CardWrong
from firmware_bridge.nfc.prove import ProofResult
from firmware_bridge.nfc.sun_url import SunMessage, parse_sun_message
from firmware_bridge.nfc.type4 import read_message

SunReading = SunMessage | ProofResult


def read_sun_message(device: Any, uid: bytes) -> SunReading:
    """Read the card polled as `uid`. WRONG if it has another message or none, SILENT if it left.

    Takes less than a second with any behaviour of the card; raises OSError if the reader is lost.
    """
    try:
        word = parse_sun_message(read_message(device, uid))
    except CardSilent:
        return ProofResult.SILENT
    except CardWrong:
        return ProofResult.WRONG
    except CardUnasked:
        return ProofResult.UNASKED
    return word or ProofResult.WRONG
