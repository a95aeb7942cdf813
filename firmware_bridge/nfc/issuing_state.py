"""How far the issuing of a FeliCa Lite-S went: one read of public blocks.

The answer has no MAC. It serves cards that count by their number only, which has none either.
"""

from enum import Enum
from typing import Any

from firmware_bridge.nfc.lite_s import CardSilent, CardUnasked, CardWrong
from firmware_bridge.nfc.lite_s_blocks import CKV, HALF_ISSUED, MC, MC_SYSTEM_WRITABLE, OPEN
from firmware_bridge.nfc.prove import sense_again


class IssuingState(Enum):
    NOTHING_BEGUN = "nothing_begun"  # as sold, completely issued, or another owner's card
    HALF_ISSUED = "half_issued"
    UNREAD = "unread"  # it left, or answered nonsense


def read_issuing_state(device: Any, bitrate: str, idm: bytes) -> IssuingState:
    """Read the card polled as `idm`, if it is still there. Two frames; raises OSError if the reader is lost.

    Stations of versions before HALF_ISSUED existed left a key version on a card that was not locked yet.
    """
    card = sense_again(device, bitrate, idm)
    if card is None:
        return IssuingState.UNREAD
    try:
        key_version, configuration = card.read(CKV, MC)
    except CardUnasked:
        return IssuingState.NOTHING_BEGUN
    except CardSilent:
        return IssuingState.UNREAD
    except CardWrong as wrong:  # a proper refusal: it has no such blocks, in spite of its claim
        return IssuingState.UNREAD if wrong.status is None else IssuingState.NOTHING_BEGUN
    version = int.from_bytes(key_version[:2], "little")
    is_open = configuration[MC_SYSTEM_WRITABLE] == OPEN
    return (
        IssuingState.HALF_ISSUED
        if version == HALF_ISSUED or (is_open and version)
        else IssuingState.NOTHING_BEGUN
    )
