"""Whether issuing of a FeliCa Lite-S has begun and not ended: one read of what anybody can read.

The word of the air, for a card that counts by its number only, which is no more than that either.
"""

from enum import Enum
from typing import Any

from firmware_bridge.nfc.lite_s import CardSilent, CardUnasked, CardWrong
from firmware_bridge.nfc.lite_s_blocks import CKV, HALF_ISSUED, MC, MC_SYSTEM_WRITABLE, OPEN
from firmware_bridge.nfc.prove import sense_again


class IssuingState(Enum):
    NOTHING_BEGUN = "nothing_begun"  # as it was sold, whole, or somebody else's
    HALF_ISSUED = "half_issued"
    UNREAD = "unread"  # it left, or answered nonsense


def read_issuing_state(device: Any, bitrate: str, idm: bytes) -> IssuingState:
    """Of the card polled as `idm`, if it is still there. Two frames; OSError when the reader is lost.

    Stations before HALF_ISSUED was written left a key version on a card that was not locked yet.
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
    except CardWrong as wrong:  # refused in order: it has no such blocks, whatever it calls itself
        return IssuingState.UNREAD if wrong.status is None else IssuingState.NOTHING_BEGUN
    version = int.from_bytes(key_version[:2], "little")
    is_open = configuration[MC_SYSTEM_WRITABLE] == OPEN
    return (
        IssuingState.HALF_ISSUED
        if version == HALF_ISSUED or (is_open and version)
        else IssuingState.NOTHING_BEGUN
    )
