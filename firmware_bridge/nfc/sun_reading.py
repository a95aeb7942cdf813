"""Has a card that makes up its own message (SUN) say it, once. Its MAC is for the door to look at."""

from typing import Any

from firmware_bridge.nfc.lite_s import CardSilent, CardUnasked, CardWrong
from firmware_bridge.nfc.prove import ProofResult
from firmware_bridge.nfc.sun_url import SunMessage, parse_sun_message
from firmware_bridge.nfc.type4 import read_message

SunReading = SunMessage | ProofResult


def read_sun_message(device: Any, uid: bytes) -> SunReading:
    """Of the card polled as `uid`; WRONG for one with another message or none, SILENT for one that left.

    Less than a second, whatever the card does; OSError when the reader is lost.
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
