"""FeliCa Lite-S cards as each step of issuing leaves them, if the card leaves after that step."""

from enum import StrEnum

from firmware_bridge.nfc import lite_s_mac
from firmware_bridge.nfc.lite_s_blocks import BLOCK_BYTES, CK, CKV, HALF_ISSUED, MC
from firmware_bridge.simulator.lite_s import LOCKED, LiteSFace
from firmware_bridge.simulator.lite_s_memory import LiteSMemory


class HalfIssued(StrEnum):
    """The last step that reached the card."""

    BEGUN = "begun"  # it is marked as being issued, and has the factory's key
    KEYED = "keyed"  # it has its key, and is not locked
    LOCKED = "locked"  # all but the key version


def half_issued(idm: bytes, step: HalfIssued, card_key: bytes) -> LiteSFace:
    kept = {CKV: HALF_ISSUED.to_bytes(2, "little").ljust(BLOCK_BYTES, b"\0")}
    if step is not HalfIssued.BEGUN:
        kept[CK] = lite_s_mac.key_block(card_key)
    if step is HalfIssued.LOCKED:
        kept[MC] = LOCKED
    return LiteSFace(LiteSMemory(idm, kept, count=0))
