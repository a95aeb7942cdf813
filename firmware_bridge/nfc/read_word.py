"""Has a card that makes up its own message (SUN) say it, once. Its MAC is for the door to look at."""

from typing import Any

from firmware_bridge.nfc.lite_s import CardSilent, CardUnasked, CardWrong
from firmware_bridge.nfc.prove import Proof
from firmware_bridge.nfc.sun_url import SunWord, sun_word
from firmware_bridge.nfc.type4 import read_message

Word = SunWord | Proof


def read_word(device: Any, uid: bytes) -> Word:
    """Of the card polled as `uid`; WRONG for one with another message or none, SILENT for one that left.

    Less than a second, whatever the card does; OSError when the reader is lost.
    """
    try:
        word = sun_word(read_message(device, uid))
    except CardSilent:
        return Proof.SILENT
    except CardWrong:
        return Proof.WRONG
    except CardUnasked:
        return Proof.UNASKED
    return word or Proof.WRONG
