"""Whether issuing of a FeliCa Lite-S has begun and not ended: one read of what anybody can read.

The word of the air, for a card that counts by its number only, which is no more than that either.
"""

from enum import Enum
from typing import Any

from firmware_bridge.nfc.lite_s import CardSilent, CardUnasked, CardWrong
from firmware_bridge.nfc.lite_s_blocks import CKV, HALF_ISSUED, MC, MC_SYSTEM_WRITABLE, OPEN
from firmware_bridge.nfc.prove import sense_again


class Inside(Enum):
    NOTHING_BEGUN = "nothing_begun"  # as it was sold, whole, or somebody else's
    HALF_ISSUED = "half_issued"
    UNREAD = "unread"  # it left, or answered nonsense


def look_inside(device: Any, bitrate: str, idm: bytes) -> Inside:
    """Of the card polled as `idm`, if it is still there. Two frames; OSError when the reader is lost.

    Stations before HALF_ISSUED was written left a key version on a card that was not locked yet.
    """
    card = sense_again(device, bitrate, idm)
    if card is None:
        return Inside.UNREAD
    try:
        said, configuration = card.read(CKV, MC)
    except CardUnasked:
        return Inside.NOTHING_BEGUN
    except CardSilent:
        return Inside.UNREAD
    except CardWrong as wrong:  # refused in order: it has no such blocks, whatever it calls itself
        return Inside.UNREAD if wrong.status is None else Inside.NOTHING_BEGUN
    version = int.from_bytes(said[:2], "little")
    is_open = configuration[MC_SYSTEM_WRITABLE] == OPEN
    return Inside.HALF_ISSUED if version == HALF_ISSUED or (is_open and version) else Inside.NOTHING_BEGUN
